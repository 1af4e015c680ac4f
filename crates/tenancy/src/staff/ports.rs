//! What the use cases of staff need from a transaction. But for users, who are global, all
//! of it is of its tenant.

use super::{Employee, Invitation, Invitee};
use crate::TokenHash;
use tryzore_kernel::{Email, InvitationId, OrganizationId, StoreResult, UserId};

/// Employees with their assignments.
#[trait_variant::make(Send)]
pub trait Employees {
    /// An employee, held until the transaction ends.
    async fn employee_lock(&mut self, user: UserId) -> StoreResult<Option<Employee>>;
    /// The employee with this address, held.
    async fn employee_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<Employee>>;
    /// Adds an employee or keeps it as it now is, with exactly these assignments.
    async fn employee_save(&mut self, employee: &Employee) -> StoreResult<()>;
    /// Forgets an employee with all assignments and overrides, and revokes the keys for services that the
    /// employee issued.
    async fn employee_delete(&mut self, user: UserId) -> StoreResult<()>;
    /// Who has the Enterprise Owner role, held, so that two don't leave at once.
    async fn employee_owners_lock(&mut self) -> StoreResult<Vec<UserId>>;
}

/// The people whom invitations go to.
#[trait_variant::make(Send)]
pub trait Invitees {
    /// Whom `email` belongs to.
    async fn invitee_find(&mut self, email: &Email) -> StoreResult<Invitee>;
}

/// Invitations.
#[trait_variant::make(Send)]
pub trait Invitations {
    /// Adds an invitation; false when one to the same address is pending.
    async fn invitation_insert(&mut self, invitation: &Invitation) -> StoreResult<bool>;
    /// An invitation, held.
    async fn invitation_lock(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>>;
    /// The invitation of a link, held.
    async fn invitation_lock_by_token(&mut self, token: &TokenHash) -> StoreResult<Option<Invitation>>;
    /// The invitations to `organization` that wait to be accepted or sent again, held.
    async fn invitation_lock_pending_at(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Vec<Invitation>>;
    /// Keeps an invitation that is held as it now is.
    async fn invitation_update(&mut self, invitation: &Invitation) -> StoreResult<()>;
}
