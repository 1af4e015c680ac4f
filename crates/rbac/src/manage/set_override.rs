//! A permission is given to or taken from one person by hand (RBA-03).

use crate::{
    Effect, Holdings, Permit,
    catalogue::ManageRoles,
    manage::{ByHand, GrantsChanged, ManageError, OverrideBook, Standings, check_giving},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Denial, Journal, Matter, OrganizationId};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "rbac.set_override";

/// Sets an override. One without a location holds at all of them, and needs all of them.
///
/// # Errors
/// [`ManageError::Denied`] with `rbac.override.own` for oneself, `rbac.override.owner` for taking
/// from an owner, `rbac.give.exceeds_own`; [`ManageError::NotFound`] for someone whom
/// the caller does not see ([`is_in_reach`]), or a location that the caller does not see.
pub async fn set_override<T: OverrideBook + Standings + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    by_hand: ByHand,
    now: DateTime<Utc>,
) -> Result<ByHand, ManageError> {
    let places = check_change(permit, tx, COMMAND, &by_hand).await?;
    tx.override_put(&by_hand).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: by_hand.user.uuid(),
        subject: Some(by_hand.user),
        organizations: places,
        details: json!({ "pattern": by_hand.pattern.as_str(), "effect": by_hand.effect, "reason": by_hand.reason }),
    });
    GrantsChanged::publish(by_hand.user, tx, now);
    Ok(by_hand)
}

/// The locations that a change of `by_hand` touches, if the caller may make it; a refusal is
/// recorded as one of `command`.
pub(super) async fn check_change<T: Standings + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    command: &'static str,
    by_hand: &ByHand,
) -> Result<Vec<OrganizationId>, ManageError> {
    let places = places_of_change(permit, tx, by_hand).await;
    tx.decision_heed(Matter::new(command, by_hand.user, by_hand.organization), places)
}

/// Whether the one who holds `holdings` is someone whom the caller may know of: who works at, owns, or
/// has an override at a location where the caller manages roles. Anyone else is answered for as if
/// there were no such person.
#[must_use]
pub fn is_in_reach(permit: &Permit<ManageRoles>, holdings: &Holdings) -> bool {
    let managed = holdings.places.iter().map(|place| place.organization);
    let mut managed = managed.filter(|at| permit.reach().covers(*at));
    managed.any(|at| holdings.sees(at) || holdings.overrides.iter().any(|o| o.organization == Some(at)))
}

async fn places_of_change<T: Standings>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    by_hand: &ByHand,
) -> Result<Vec<OrganizationId>, ManageError> {
    let holdings = tx.holdings_of(by_hand.user).await?;
    let places: Vec<_> = match by_hand.organization {
        Some(at) => vec![at],
        None => holdings.places.iter().map(|place| place.organization).collect(),
    };
    for at in &places {
        permit.at(*at).map_err(|beyond| ManageError::beyond("organization", beyond))?;
    }
    if permit.actor().user() == Some(by_hand.user) {
        return Err(Denial::right("rbac.override.own")
            .because("user", by_hand.user)
            .remedy("Someone else who manages roles has to do it.", Some("rbac.who_can"))
            .into());
    }
    if !is_in_reach(permit, &holdings) {
        return Err(ManageError::NotFound("employee"));
    }
    if by_hand.effect == Effect::Deny && places.iter().any(|at| holdings.owned.contains(at)) {
        return Err(Denial::right("rbac.override.owner")
            .because("user", by_hand.user)
            .remedy("Nothing is taken from an owner at a location that is his.", None)
            .into());
    }
    check_giving(permit.grants(), by_hand.pattern.expand(), &places)?;
    Ok(places)
}
