//! Inviting a person to join the staff (ONB-09).

use super::{
    Employee, Employees, Invitation, InvitationDraft, Invitations, assign::persist,
    delegation::check_can_assign,
};
use crate::{
    Members, UseCaseError,
    domain_event::{InvitationDue, OfInvitation},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};
use tryzore_rbac::{
    DomainEvent, Permit, Slug,
    catalogue::ManageStaff,
    manage::{HoldingsStore, Role, RoleStore, role::names},
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("staff.invite").seen_by(Slug::MANAGE_STAFF.audience());

/// The result of inviting a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// The invitation; its mail is due.
    Invitation(Invitation),
    /// The person already is an employee, and the role was assigned to them at these locations.
    Employee(Employee),
}

/// Invites a person. An employee gets the role at once, without an invitation.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a role or location; [`UseCaseError::Invalid`] for an end of the role in the past;
/// [`UseCaseError::Denied`] with
/// `rbac.give.exceeds_own`, `staff.role.comes_with_owning`, `staff.invite.role_changed` when the role
/// grants other permissions than were reviewed, `staff.invite.pending`, or `staff.invite.works_there`.
pub async fn invite<T: Employees + Invitations + RoleStore + HoldingsStore + Members + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    draft: InvitationDraft,
    now: DateTime<Utc>,
) -> Result<Invited, UseCaseError> {
    if draft.role_expires_at.is_some_and(|end| end <= now) {
        return Err(UseCaseError::invalid("/role_expires_at", "expected a time in the future"));
    }
    let role = tx.role_share(draft.role).await?.ok_or(UseCaseError::NotFound("role"))?;
    let tree = tx.organization_tree().await?;
    for at in &draft.organizations {
        let given = check_can_assign(permit, &role, *at, &tree);
        tx.record_if_denied(DecisionContext::new(COMMAND, *at, *at), given)?;
    }
    let decision = DecisionContext::new(COMMAND, role.id, draft.organizations.first().copied());
    tx.record_if_denied(decision, check_reviewed(&role, &draft))?;
    match tx.employee_lock_by_email(&draft.email).await? {
        Some(employee) => assign_all(tx, employee, &draft, now).await.map(Invited::Employee),
        None => send(permit, tx, &role, draft, now).await.map(Invited::Invitation),
    }
}

fn check_reviewed(role: &Role, draft: &InvitationDraft) -> Result<(), Denial> {
    let gives = role.permissions();
    if gives == draft.reviewed {
        return Ok(());
    }
    Err(Denial::state("staff.invite.role_changed")
        .because("role.gives_more", names(gives.without(draft.reviewed)))
        .because("role.gives_less", names(draft.reviewed.without(gives)))
        .remedy("Review the permissions of the role and invite again.", Some("list_roles")))
}

async fn assign_all<T: Employees + Members + Journal>(
    tx: &mut T,
    employee: Employee,
    draft: &InvitationDraft,
    now: DateTime<Utc>,
) -> Result<Employee, UseCaseError> {
    let works_at = |at: &&OrganizationId| employee.at(**at).is_some_and(|held| held.is_in_force(now));
    let there: Vec<_> = draft.organizations.iter().filter(works_at).collect();
    if !there.is_empty() {
        let denial = Denial::state("staff.invite.works_there")
            .because("employee", employee.user)
            .because("organizations", there)
            .remedy("Change the role that the person has there.", Some("assign_employee"));
        let at = draft.organizations.first().copied();
        tx.record_if_denied(DecisionContext::new(COMMAND, employee.user, at), Err(denial))?;
    }
    let after = draft.organizations.iter().fold(employee.clone(), |employee, at| {
        employee.assign_until(*at, draft.role, false, draft.role_expires_at, now)
    });
    persist(tx, COMMAND.name, &employee, after, &draft.organizations, now).await
}

async fn send<T: Invitations + Journal>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    role: &Role,
    draft: InvitationDraft,
    now: DateTime<Utc>,
) -> Result<Invitation, UseCaseError> {
    let invitation = Invitation::new(draft, role.scope, permit.actor().user(), now);
    if !tx.invitation_insert(&invitation).await? {
        let denial = Denial::state("staff.invite.pending")
            .remedy("Send the invitation again, or revoke it.", Some("resend_invitation"));
        tx.record_if_denied(DecisionContext::new(COMMAND, invitation.id, invitation.primary()), Err(denial))?;
    }
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: invitation.id.uuid(),
        subject: None,
        organizations: invitation.organizations.clone(),
        details: json!({
            "role": invitation.role, "reviewed": names(invitation.reviewed), "scope": invitation.reviewed_scope,
            "role_expires_at": invitation.role_expires_at,
        }),
    });
    let due = OfInvitation { invitation: invitation.id, organization: invitation.primary() };
    tx.event_publish(InvitationDue(due).published(now));
    Ok(invitation)
}
