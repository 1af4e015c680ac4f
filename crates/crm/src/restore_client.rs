//! Restoring an archived client by staff.

use crate::{
    Client, Clients, DomainEvent, UseCaseError,
    edit_client::{keep, lock},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{ClientId, Journal};
use tryzore_rbac::{Permit, catalogue::EditClient};

/// Restores the client `id`, whose version the caller read as `expected`. Restoring an active
/// client succeeds and changes nothing.
///
/// # Errors
/// [`UseCaseError::Stale`], [`UseCaseError::NotFound`], or a denial for lack of a right.
pub async fn restore_client<T: Clients + Journal>(
    permit: &Permit<EditClient>,
    tx: &mut T,
    id: ClientId,
    expected: i32,
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    let before = lock(permit, tx, id, expected).await?;
    let after = before.restore();
    if after == before {
        return Ok(before);
    }
    let told = DomainEvent::ClientRestored { client: id, user: after.user };
    keep(tx, "clients.restore", after, &["status"], told, now).await
}
