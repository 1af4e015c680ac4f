//! Changing a role of a tenant (RBA-03).
//!
//! A role belongs to the tenant, so a change takes effect wherever a person has the role or is invited to
//! it: whoever changes the role must manage roles at all of those locations, and must hold there every
//! permission that the change adds or removes. If invitations did not count, a role could be offered first
//! and widened afterwards.

use crate::{
    Permit, Slug,
    catalogue::ManageRoles,
    manage::{
        GrantsChanged, HoldingsStore, Role, RoleDraft, RoleStore, UseCaseError,
        create_role::name_taken,
        delegation::{check_can_grant, check_holding},
        role::names,
    },
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, RoleId, StoreResult, UserId,
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("roles.edit").seen_by(Slug::MANAGE_STAFF.audience());

/// Changes the role `id`, whose version the caller read as `expected`.
///
/// # Errors
/// [`UseCaseError::Stale`]; [`UseCaseError::Denied`] with `rbac.role.preset`,
/// `rbac.role.used_elsewhere`, `rbac.give.exceeds_own` or `rbac.role.name_taken`;
/// [`UseCaseError::NotFound`].
pub async fn edit_role<T: RoleStore + HoldingsStore + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: RoleId,
    expected: i32,
    draft: RoleDraft,
    now: DateTime<Utc>,
) -> Result<Role, UseCaseError> {
    let before = tx.role_lock(id).await?.ok_or(UseCaseError::NotFound("role"))?;
    if before.version != expected {
        return Err(UseCaseError::Stale);
    }
    let decision = DecisionContext::new(COMMAND, id, None);
    let after = tx.record_if_denied(decision, before.edit(draft, now))?;
    let (holders, locations) = affected_by(tx, &before, &after).await?;
    tx.record_if_denied(decision, check_change(permit, &before, &after, &locations))?;
    if !tx.role_update(&after).await? {
        tx.record_if_denied(decision, Err(name_taken(&after)))?;
    }
    let (old, new) = (before.permissions(), after.permissions());
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: id.uuid(),
        subject: None,
        organizations: locations,
        details: json!({
            "name": { "from": before.name, "to": after.name },
            "scope": { "from": before.scope, "to": after.scope },
            "added": names(new.without(old)),
            "removed": names(old.without(new)),
        }),
    });
    GrantsChanged::publish_all(holders, tx, now);
    Ok(after)
}

fn check_change(
    permit: &Permit<ManageRoles>,
    before: &Role,
    after: &Role,
    locations: &[OrganizationId],
) -> Result<(), Denial> {
    check_everywhere(permit, locations)?;
    let (old, new) = (before.permissions(), after.permissions());
    let changed =
        if before.scope == after.scope { old.without(new).union(new.without(old)) } else { old.union(new) };
    check_holding(permit.grants(), changed)?;
    check_can_grant(permit.grants(), changed, locations)
}

/// Checks that `permit` covers every location where a role is in use.
pub(super) fn check_everywhere(
    permit: &Permit<ManageRoles>,
    locations: &[OrganizationId],
) -> Result<(), Denial> {
    let out_of_reach = locations.iter().filter(|at| !permit.reach().covers(**at)).count();
    if out_of_reach == 0 {
        return Ok(());
    }
    Err(Denial::right("rbac.role.used_elsewhere").because("organizations.out_of_reach", out_of_reach).remedy(
        "The role is in use or offered at locations where you don't manage roles. Create another role, or \
         ask who manages roles there.",
        Some("create_role"),
    ))
}

// The people who have the role, and every open location that the role covers before or after the change,
// for those who have the role and for those who are invited to it.
async fn affected_by<T: RoleStore + HoldingsStore>(
    tx: &mut T,
    before: &Role,
    after: &Role,
) -> StoreResult<(Vec<UserId>, Vec<OrganizationId>)> {
    let holders = tx.role_holders(before.id).await?;
    let offered = tx.role_offers(before.id).await?.into_iter().flatten();
    let given: Vec<_> = holders.iter().map(|(_, at)| *at).chain(offered).collect();
    if given.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let all = tx.organization_tree().await?;
    let is_open = |at: &OrganizationId| all.iter().any(|node| node.organization == *at);
    let mut locations: Vec<_> = given
        .iter()
        .flat_map(|at| [before.scope, after.scope].map(|scope| scope.takes_in(*at, &all)))
        .flatten()
        .filter(is_open)
        .collect();
    locations.sort_unstable();
    locations.dedup();
    Ok((holders.into_iter().map(|(user, _)| user).collect(), locations))
}
