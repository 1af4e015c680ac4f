//! Archiving a client by staff: lists no longer show the client, their history stays.

use crate::{
    Client, Clients, UseCaseError,
    domain_event::{ClientArchived, OfClient},
    edit_client::{keep, lock},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{ClientId, Journal};
use tryzore_rbac::{Permit, catalogue::EditClient};

/// Archives the client `id`, whose version the caller read as `expected`. Archiving an archived
/// client succeeds and changes nothing.
///
/// # Errors
/// [`UseCaseError::Stale`], [`UseCaseError::NotFound`], or a denial for lack of a right.
pub async fn archive_client<T: Clients + Journal>(
    permit: &Permit<EditClient>,
    tx: &mut T,
    id: ClientId,
    expected: i32,
    now: DateTime<Utc>,
) -> Result<Client, UseCaseError> {
    let before = lock(permit, tx, id, expected).await?;
    let after = before.archive(now);
    if after == before {
        return Ok(before);
    }
    let told = ClientArchived(OfClient::of(&after));
    keep(tx, "clients.archive", after, &["status"], told, now).await
}
