//! Restoring an archived client by staff.

use crate::{
    Client, Clients, UseCaseError,
    domain_event::{ClientRestored, OfClient},
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
    let told = ClientRestored(OfClient::of(&after));
    keep(tx, "clients.restore", after, &["status"], told, now).await
}
