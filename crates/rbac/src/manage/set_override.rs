//! Granting a permission to or taking it from one person by an override (RBA-03).

use crate::{
    Effect, Holdings, Permission, Permit, Slug,
    catalogue::ManageRoles,
    manage::{
        GrantsChanged, HoldingsStore, OverrideStore, PermissionOverride, UseCaseError, check_can_grant,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("overrides.set").seen_by(Slug::MANAGE_STAFF.audience());

/// Sets an override. An override without a location applies at every location and requires the permissions
/// at every location.
///
/// # Errors
/// [`UseCaseError::Denied`] with `rbac.override.own` for one's own permissions, `rbac.override.owner` for a
/// deny override against an owner, `rbac.give.exceeds_own`; [`UseCaseError::NotFound`] for a person whom
/// the caller does not see ([`is_in_reach`]), or a location that the caller does not see.
pub async fn set_override<T: OverrideStore + HoldingsStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    permission_override: PermissionOverride,
    now: DateTime<Utc>,
) -> Result<PermissionOverride, UseCaseError> {
    let locations = check_change(permit, tx, COMMAND, &permission_override).await?;
    tx.override_put(&permission_override).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: permission_override.user.uuid(),
        subject: Some(permission_override.user),
        organizations: locations,
        details: json!({
            "pattern": permission_override.pattern.as_str(),
            "effect": permission_override.effect,
            "reason": permission_override.reason,
            "expires_at": permission_override.expires_at,
        }),
    });
    GrantsChanged::publish(permission_override.user, tx, now);
    Ok(permission_override)
}

/// The locations that a change of `permission_override` affects, if the caller may make the change; a
/// refusal is recorded as a decision of `command`.
pub(super) async fn check_change<T: HoldingsStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    command: Command,
    permission_override: &PermissionOverride,
) -> Result<Vec<OrganizationId>, UseCaseError> {
    let locations = locations_of_change(permit, tx, permission_override).await;
    tx.record_if_denied(
        DecisionContext::new(command, permission_override.user, permission_override.organization),
        locations,
    )
}

/// Whether the caller may know of the person with these `holdings`: the person works at, owns, or has an
/// override at a location that the permit reaches, or did so until the role or the override ended. For anyone else
/// the answer is that the person does not exist.
#[must_use]
pub fn is_in_reach<P: Permission>(permit: &Permit<P>, holdings: &Holdings) -> bool {
    let managed = holdings.tree.iter().map(|node| node.organization);
    let mut managed = managed.filter(|at| permit.reach().covers(*at));
    let overrides = || holdings.overrides.iter().chain(&holdings.ended.overrides);
    managed.any(|at| holdings.has_seen(at) || overrides().any(|o| o.organization == Some(at)))
}

async fn locations_of_change<T: HoldingsStore>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    permission_override: &PermissionOverride,
) -> Result<Vec<OrganizationId>, UseCaseError> {
    let holdings = tx.holdings_of(permission_override.user).await?;
    let locations: Vec<_> = match permission_override.organization {
        Some(at) => vec![at],
        None => holdings.tree.iter().map(|node| node.organization).collect(),
    };
    for at in &locations {
        permit.require_at(*at, "organization")?;
    }
    if permit.actor().user() == Some(permission_override.user) {
        return Err(Denial::right("rbac.override.own")
            .because("user", permission_override.user)
            .remedy("Ask another person who manages roles.", Some("list_permission_holders"))
            .into());
    }
    if !is_in_reach(permit, &holdings) {
        return Err(UseCaseError::NotFound("employee"));
    }
    if permission_override.effect == Effect::Deny && locations.iter().any(|at| holdings.owned.contains(at)) {
        return Err(Denial::right("rbac.override.owner")
            .because("user", permission_override.user)
            .remedy("The permissions of an owner cannot be taken away at a location that they own.", None)
            .into());
    }
    check_can_grant(permit.grants(), permission_override.pattern.expand(), &locations)?;
    Ok(locations)
}
