//! Taking a role at a location away from an employee, and dismissing employees (TEN-06).

use super::{
    Employee, Employees,
    assign::{find, persist},
    delegation::check_can_unassign,
};
use crate::{
    Members, UseCaseError,
    domain_event::{EmployeeLeft, OfEmployee},
    onboarding::complete::OWNER_PRESET,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, UserId};
use tryzore_rbac::{
    DomainEvent, Permit, Slug,
    catalogue::ManageStaff,
    manage::{GrantsChanged, HoldingsStore, Role, RoleStore},
};

/// The command [`unassign`], in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("staff.unassign").seen_by(Slug::MANAGE_STAFF.audience());
/// The command [`dismiss`], in decisions and in the audit trail.
pub const DISMISS: Command = Command::new("staff.dismiss").seen_by(Slug::MANAGE_STAFF.audience());

/// Takes the role of `user` at `organization` away. Without the last role the employment ends, and the
/// answer is `None`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with `rbac.give.exceeds_own` or
/// `staff.last_owner`.
pub async fn unassign<T: Employees + RoleStore + HoldingsStore + Members + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    user: UserId,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Result<Option<Employee>, UseCaseError> {
    let before = find(permit, tx, user).await?;
    // The answer must not reveal whether the person works at a location that the caller does not see.
    let managed = permit.require_at(organization, "assignment");
    tx.record_if_denied(DecisionContext::new(COMMAND, user, organization), managed)?;
    if before.at(organization).is_none() {
        return Err(UseCaseError::NotFound("assignment"));
    }
    let checked = check_leave(permit, tx, &before, &[organization]).await;
    tx.record_if_denied(DecisionContext::new(COMMAND, user, organization), checked)?;
    let after = before.unassign(organization);
    if after.assignments().is_empty() {
        leave(tx, &before, now).await?;
        return Ok(None);
    }
    persist(tx, COMMAND.name, &before, after, &[organization], now).await.map(Some)
}

/// Ends the employment of `user`: all of their roles and overrides are deleted.
///
/// # Errors
/// As [`unassign`], for each location.
pub async fn dismiss<T: Employees + RoleStore + HoldingsStore + Members + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let employee = find(permit, tx, user).await?;
    let organizations: Vec<_> = employee.assignments().iter().map(|a| a.organization).collect();
    let checked = check_leave(permit, tx, &employee, &organizations).await;
    tx.record_if_denied(DecisionContext::new(DISMISS, user, employee.home()), checked)?;
    leave(tx, &employee, now).await
}

async fn check_leave<T: Employees + RoleStore + HoldingsStore>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    employee: &Employee,
    organizations: &[OrganizationId],
) -> Result<(), UseCaseError> {
    let tree = tx.organization_tree().await?;
    for at in organizations {
        let Some(assignment) = employee.at(*at) else { continue };
        let role = tx.role_share(assignment.role).await?.ok_or(UseCaseError::NotFound("role"))?;
        check_can_unassign(permit, &role, *at, &tree)?;
        check_not_last_owner(tx, employee.user, &role).await?;
    }
    Ok(())
}

/// Checks that a tenant keeps an owner: when `user` loses the role `had`, another owner must remain.
pub(super) async fn check_not_last_owner<T: Employees>(
    tx: &mut T,
    user: UserId,
    had: &Role,
) -> Result<(), UseCaseError> {
    if had.preset.as_deref() != Some(OWNER_PRESET) {
        return Ok(());
    }
    let owners = tx.employee_owners_lock().await?;
    if owners.iter().any(|owner| *owner != user) {
        return Ok(());
    }
    Err(Denial::state("staff.last_owner")
        .because("tenant.owners", owners.len())
        .remedy("A business needs an owner: make another person an owner first.", None)
        .into())
}

async fn leave<T: Employees + Members + Journal>(
    tx: &mut T,
    employee: &Employee,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    tx.employee_delete(employee.user).await?;
    tx.member_release(employee.user).await?;
    let organizations: Vec<_> = employee.assignments().iter().map(|a| a.organization).collect();
    let home = employee.home();
    let had =
        employee.assignments().iter().map(|a| json!({ "organization": a.organization, "role": a.role }));
    tx.audit_append(AuditEntry {
        action: DISMISS.name,
        target: employee.user.uuid(),
        subject: Some(employee.user),
        details: json!({ "from": had.collect::<Vec<_>>() }),
        organizations,
    });
    let left = OfEmployee { user: employee.user, organization: home };
    tx.event_publish(EmployeeLeft(left).published(now));
    GrantsChanged::publish(employee.user, tx, now);
    Ok(())
}
