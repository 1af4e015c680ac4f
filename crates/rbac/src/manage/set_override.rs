//! A permission is given to or taken from one person by hand (RBA-03).

use crate::{
    Effect, Holdings, Permit,
    catalogue::ManageRoles,
    manage::{
        GrantsChanged, HoldingsStore, OverrideStore, PermissionOverride, UseCaseError, check_can_grant,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, DecisionContext, Denial, Journal, OrganizationId};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "rbac.set_override";

/// Sets an override. One without a location holds at all of them, and needs all of them.
///
/// # Errors
/// [`UseCaseError::Denied`] with `rbac.override.own` for oneself, `rbac.override.owner` for taking
/// from an owner, `rbac.give.exceeds_own`; [`UseCaseError::NotFound`] for someone whom
/// the caller does not see ([`is_in_reach`]), or a location that the caller does not see.
pub async fn set_override<T: OverrideStore + HoldingsStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    permission_override: PermissionOverride,
    now: DateTime<Utc>,
) -> Result<PermissionOverride, UseCaseError> {
    let tree = check_change(permit, tx, COMMAND, &permission_override).await?;
    tx.override_put(&permission_override).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: permission_override.user.uuid(),
        subject: Some(permission_override.user),
        organizations: tree,
        details: json!({ "pattern": permission_override.pattern.as_str(), "effect": permission_override.effect, "reason": permission_override.reason }),
    });
    GrantsChanged::publish(permission_override.user, tx, now);
    Ok(permission_override)
}

/// The locations that a change of `permission_override` touches, if the caller may make it; a refusal is
/// recorded as one of `command`.
pub(super) async fn check_change<T: HoldingsStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    command: &'static str,
    permission_override: &PermissionOverride,
) -> Result<Vec<OrganizationId>, UseCaseError> {
    let tree = places_of_change(permit, tx, permission_override).await;
    tx.record_if_denied(
        DecisionContext::new(command, permission_override.user, permission_override.organization),
        tree,
    )
}

/// Whether the one who holds `holdings` is someone whom the caller may know of: who works at, owns, or
/// has an override at a location where the caller manages roles. Anyone else is answered for as if
/// there were no such person.
#[must_use]
pub fn is_in_reach(permit: &Permit<ManageRoles>, holdings: &Holdings) -> bool {
    let managed = holdings.tree.iter().map(|place| place.organization);
    let mut managed = managed.filter(|at| permit.reach().covers(*at));
    managed.any(|at| holdings.sees(at) || holdings.overrides.iter().any(|o| o.organization == Some(at)))
}

async fn places_of_change<T: HoldingsStore>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    permission_override: &PermissionOverride,
) -> Result<Vec<OrganizationId>, UseCaseError> {
    let holdings = tx.holdings_of(permission_override.user).await?;
    let tree: Vec<_> = match permission_override.organization {
        Some(at) => vec![at],
        None => holdings.tree.iter().map(|place| place.organization).collect(),
    };
    for at in &tree {
        permit.require_at(*at, "organization")?;
    }
    if permit.actor().user() == Some(permission_override.user) {
        return Err(Denial::right("rbac.override.own")
            .because("user", permission_override.user)
            .remedy("Someone else who manages roles has to do it.", Some("rbac.who_can"))
            .into());
    }
    if !is_in_reach(permit, &holdings) {
        return Err(UseCaseError::NotFound("employee"));
    }
    if permission_override.effect == Effect::Deny && tree.iter().any(|at| holdings.owned.contains(at)) {
        return Err(Denial::right("rbac.override.owner")
            .because("user", permission_override.user)
            .remedy("Nothing is taken from an owner at a location that is his.", None)
            .into());
    }
    check_can_grant(permit.grants(), permission_override.pattern.expand(), &tree)?;
    Ok(tree)
}
