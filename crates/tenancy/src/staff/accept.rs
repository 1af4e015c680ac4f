//! Accepting an invitation (ONB-09).
//!
//! The token alone identifies the person: it was mailed to one address, so whoever holds the token reads
//! the mail of that address, and the user of that address joins. Nobody needs to be signed in, because a
//! person who works nowhere yet can't sign in.

use super::{Employee, Employees, Invitation, Invitations, Invitees, delegation::check_can_assign};
use crate::{Members, Tenants, TokenHash, UseCaseError, domain_event::EmployeeJoined};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use std::sync::Arc;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};
use tryzore_rbac::{
    DomainEvent, Grants, OrganizationNode, PermissionSet, Permit, Slug,
    catalogue::ManageStaff,
    manage::{GrantsChanged, HoldingsStore, Role, RoleStore, role::names},
};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("staff.accept").seen_by(Slug::MANAGE_STAFF.audience());

/// The result of accepting an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The new employee.
    pub employee: Employee,
    /// The location of the first session.
    pub home: Option<OrganizationId>,
}

/// Accepts the invitation of `token` for the user of the address that the mail was sent to. `permit` is the
/// system permit of onboarding for the tenant that the token names ([`crate::token::tenant_of`]). Accepting
/// again gives the same answer.
///
/// # Errors
/// [`UseCaseError::NotFound`], also when the tenant was deleted; [`UseCaseError::Denied`] with
/// `tenants.suspended`, `staff.invitation.*`, `staff.accept.account_closed` when the user of the address is
/// deactivated, `staff.accept.unclaimed` when nobody has chosen a password for the address yet,
/// `staff.accept.inviter_lost_rights` when the inviter could not invite today,
/// `staff.accept.role_changed` when the role now grants more or has a larger scope than when the inviter
/// reviewed it, or `staff.accept.closed` when every location of the invitation is closed.
pub async fn accept<T>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Result<Acceptance, UseCaseError>
where
    T: Tenants + Employees + Invitations + Invitees + RoleStore + HoldingsStore + Members + Journal,
{
    let found = tx.invitation_lock_by_token(&TokenHash::of(token)).await?;
    let invitation = found.ok_or(UseCaseError::NotFound("invitation"))?;
    let tenant = tx.tenant_find(permit.tenant()).await?.ok_or(UseCaseError::NotFound("invitation"))?;
    let decision = DecisionContext::new(COMMAND, invitation.id, invitation.primary());
    tx.record_if_denied(decision, tenant.check_open("invitation"))?;
    let invitee = tx.invitee_find(&invitation.email).await?;
    let (user, accepted) = tx.record_if_denied(decision, invitation.accept(invitee, now))?;
    let known = tx.employee_lock(user).await?;
    let Some(accepted) = accepted else {
        let employee = known.ok_or(UseCaseError::NotFound("employee"))?;
        let home = employee.home();
        return Ok(Acceptance { employee, home });
    };
    let role = tx.role_share(invitation.role).await?.ok_or(UseCaseError::NotFound("role"))?;
    tx.record_if_denied(decision, check_unchanged(&role, &invitation))?;
    let tree = tx.organization_tree().await?;
    let is_open = |at: &&OrganizationId| tree.iter().any(|node| node.organization == **at);
    let organizations: Vec<_> = invitation.organizations.iter().filter(is_open).copied().collect();
    if organizations.is_empty() {
        let denial = Denial::state("staff.accept.closed")
            .because("organizations", &invitation.organizations)
            .remedy("Ask for an invitation to a location that is open.", None);
        tx.record_if_denied(decision, Err(denial))?;
    }
    if let Some(inviter) = invitation.invited_by {
        let held = tx.holdings_of(inviter).await?;
        let still_may =
            check_inviter(&Grants::of_absent(inviter, permit.tenant(), &held), &role, &organizations, &tree);
        tx.record_if_denied(decision, still_may)?;
    }
    let newcomer =
        Employee::new(user, invitation.name.clone(), invitation.email.clone(), invitation.phone.clone(), now);
    let employee = organizations.iter().fold(known.unwrap_or(newcomer), |employee, at| {
        // A role that was assigned there in the meantime stays.
        if employee.at(*at).is_some() { employee } else { employee.assign(*at, role.id, false, now) }
    });
    tx.employee_save(&employee).await?;
    let home = employee.home();
    if let Some(home) = home {
        tx.member_put(user, home, now).await?;
    }
    tx.invitation_update(&accepted).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: user.uuid(),
        subject: Some(user),
        organizations,
        details: json!({ "invitation": invitation.id, "invited_by": invitation.invited_by, "role": role.id }),
    });
    let joined = EmployeeJoined { user, invitation: invitation.id, organization: home };
    tx.event_publish(joined.published(now));
    GrantsChanged::publish(user, tx, now);
    Ok(Acceptance { employee, home })
}

/// Checks that the inviter could assign `role` at all of `organizations` today: whoever was dismissed, or has lost
/// a permission, hires nobody any more by an invitation from before.
fn check_inviter(
    inviter: &Arc<Grants>,
    role: &Role,
    organizations: &[OrganizationId],
    tree: &[OrganizationNode],
) -> Result<(), Denial> {
    let may = inviter.permit::<ManageStaff>().is_ok_and(|permit| {
        organizations.iter().all(|at| check_can_assign(&permit, role, *at, tree).is_ok())
    });
    if may {
        return Ok(());
    }
    Err(Denial::state("staff.accept.inviter_lost_rights")
        .because("role.name", &role.name)
        .remedy("Ask for a new invitation.", None))
}

/// Checks that `role` grants no more and has no larger scope than when it was offered.
fn check_unchanged(role: &Role, invitation: &Invitation) -> Result<(), Denial> {
    let more = role.permissions().without(invitation.reviewed);
    if more == PermissionSet::EMPTY && !role.scope.exceeds(invitation.reviewed_scope) {
        return Ok(());
    }
    Err(Denial::state("staff.accept.role_changed")
        .because("role.gives_more", names(more))
        .because("role.scope", role.scope)
        .because("invitation.reviewed_scope", invitation.reviewed_scope)
        .remedy("Ask for a new invitation.", None))
}
