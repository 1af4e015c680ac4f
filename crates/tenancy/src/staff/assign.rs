//! Assigning a role at a location to an employee (TEN-06).

use super::{
    Employee, Employees,
    delegation::{check_can_assign, check_can_unassign},
    unassign::check_not_last_owner,
};
use crate::{
    Members, UseCaseError,
    domain_event::{EmployeeAssigned, OfEmployee},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Journal, OrganizationId, RoleId, UserId};
use tryzore_rbac::{
    DomainEvent, Permit, Slug,
    catalogue::ManageStaff,
    manage::{GrantsChanged, HoldingsStore, RoleStore},
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("staff.assign").seen_by(Slug::MANAGE_STAFF.audience());

/// A role at a location, as a caller sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignmentForm {
    /// The location.
    pub organization: OrganizationId,
    /// The role.
    pub role: RoleId,
    /// Whether the location becomes the employee's primary location. False changes nothing: exactly one
    /// location is primary.
    #[serde(default)]
    pub is_primary: bool,
    /// When the assignment ends, in the future; never when absent.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Assigns a role at a location to the employee `user`, in place of their previous role there. A change of the end
/// alone is a change of the role as well: it grants, or takes away.
///
/// # Errors
/// [`UseCaseError::NotFound`] for an employee who works at no location that the caller sees, a role or a
/// location; [`UseCaseError::Invalid`] for an end in the past; [`UseCaseError::Denied`] with `rbac.give.exceeds_own`, `staff.role.comes_with_owning`,
/// `staff.last_owner`.
pub async fn assign<T: Employees + RoleStore + HoldingsStore + Members + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    user: UserId,
    form: AssignmentForm,
    now: DateTime<Utc>,
) -> Result<Employee, UseCaseError> {
    let before = find(permit, tx, user).await?;
    let had = before.at(form.organization).copied();
    let changes_role = had.is_none_or(|had| had.role != form.role || had.expires_at != form.expires_at);
    if changes_role && form.expires_at.is_some_and(|end| end <= now) {
        return Err(UseCaseError::invalid("/expires_at", "expected a time in the future"));
    }
    if changes_role {
        let checked = check_change(permit, tx, &before, form).await;
        tx.record_if_denied(DecisionContext::new(COMMAND, user, form.organization), checked)?;
    } else {
        permit.require_at(form.organization, "organization")?;
    }
    let AssignmentForm { organization, role, is_primary, expires_at } = form;
    let after = before.assign_until(organization, role, is_primary, expires_at, now);
    persist(tx, COMMAND.name, &before, after, &[form.organization], now).await
}

async fn check_change<T: Employees + RoleStore + HoldingsStore>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    before: &Employee,
    form: AssignmentForm,
) -> Result<(), UseCaseError> {
    let tree = tx.organization_tree().await?;
    let role = tx.role_share(form.role).await?.ok_or(UseCaseError::NotFound("role"))?;
    permit.require_at(form.organization, "organization")?;
    if let Some(had) = before.at(form.organization) {
        let had = tx.role_share(had.role).await?.ok_or(UseCaseError::NotFound("role"))?;
        check_can_unassign(permit, &had, form.organization, &tree)?;
        check_not_last_owner(tx, before.user, &had).await?;
    }
    check_can_assign(permit, &role, form.organization, &tree)
}

/// Finds and locks the employee `user`, if the caller manages staff at one of their locations.
pub(super) async fn find<T: Employees>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    user: UserId,
) -> Result<Employee, UseCaseError> {
    let employee = tx.employee_lock(user).await?.ok_or(UseCaseError::NotFound("employee"))?;
    let seen = employee.assignments().iter().any(|assignment| permit.reach().covers(assignment.organization));
    if seen { Ok(employee) } else { Err(UseCaseError::NotFound("employee")) }
}

/// Stores `after` and publishes the change. When nothing changed, nothing is stored or published.
pub(super) async fn persist<T: Employees + Members + Journal>(
    tx: &mut T,
    command: &'static str,
    before: &Employee,
    after: Employee,
    organizations: &[OrganizationId],
    now: DateTime<Utc>,
) -> Result<Employee, UseCaseError> {
    if *before == after {
        return Ok(after);
    }
    tx.employee_save(&after).await?;
    if let Some(home) = after.home().filter(|home| before.home() != Some(*home)) {
        tx.member_put(after.user, home, now).await?;
    }
    let described = |employee: &Employee| -> Vec<_> {
        let at = organizations.iter().filter_map(|at| employee.at(*at));
        at.map(|a| json!({ "organization": a.organization, "role": a.role, "is_primary": a.is_primary, "expires_at": a.expires_at }))
            .collect()
    };
    tx.audit_append(AuditEntry {
        action: command,
        target: after.user.uuid(),
        subject: Some(after.user),
        organizations: organizations.to_vec(),
        details: json!({ "from": described(before), "to": described(&after) }),
    });
    let assigned = OfEmployee { user: after.user, organization: organizations.first().copied() };
    tx.event_publish(EmployeeAssigned(assigned).published(now));
    GrantsChanged::publish(after.user, tx, now);
    Ok(after)
}
