//! What the use cases of staff need from a transaction. Users are global; everything else belongs to the
//! tenant of the transaction.

use super::{Employee, Invitation, Invitee};
use crate::TokenHash;
use tryzore_kernel::{Email, InvitationId, OrganizationId, StoreResult, UserId};

/// Stores employees with their assignments.
#[trait_variant::make(Send)]
pub trait Employees {
    /// Finds an employee and locks them until the transaction ends.
    async fn employee_lock(&mut self, user: UserId) -> StoreResult<Option<Employee>>;
    /// Finds the employee with this address and locks them.
    async fn employee_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<Employee>>;
    /// Adds an employee or stores their current state, with exactly these assignments.
    async fn employee_save(&mut self, employee: &Employee) -> StoreResult<()>;
    /// Deletes an employee with all assignments and overrides, and revokes the service keys that they
    /// issued.
    async fn employee_delete(&mut self, user: UserId) -> StoreResult<()>;
    /// The users with the Enterprise Owner role without an end, locked, so that two owners do not leave at once.
    async fn employee_owners_lock(&mut self) -> StoreResult<Vec<UserId>>;
}

/// Finds the people whom invitations go to.
#[trait_variant::make(Send)]
pub trait Invitees {
    /// The person whom `email` belongs to.
    async fn invitee_find(&mut self, email: &Email) -> StoreResult<Invitee>;
}

/// Stores invitations.
#[trait_variant::make(Send)]
pub trait Invitations {
    /// Adds an invitation; false when another invitation to the same address is pending.
    async fn invitation_insert(&mut self, invitation: &Invitation) -> StoreResult<bool>;
    /// Finds an invitation and locks it.
    async fn invitation_lock(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>>;
    /// Finds the invitation of a link and locks it.
    async fn invitation_lock_by_token(&mut self, token: &TokenHash) -> StoreResult<Option<Invitation>>;
    /// The invitations to `organization` that can be accepted or sent again, locked.
    async fn invitation_lock_pending_at(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Vec<Invitation>>;
    /// Stores the current state of a locked invitation.
    async fn invitation_update(&mut self, invitation: &Invitation) -> StoreResult<()>;
}
