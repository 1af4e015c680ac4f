//! Reading one client by staff.
//!
//! Staff of a location see the clients whose home it is, and the names of clients of other locations who have
//! booked there: a visitor at the front desk is visible to that desk.

use crate::{Client, Clients, UseCaseError};
use tryzore_kernel::ClientId;
use tryzore_rbac::{Permit, Reach, catalogue::ViewClients};

/// A client, and which of their data the caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenClient {
    /// The client that was read.
    pub client: Client,
    /// True if the caller may see contact data, date of birth and consent; false for the name only.
    pub in_full: bool,
}

/// The client `id`, active or archived.
///
/// # Errors
/// [`UseCaseError::NotFound`] if no client with this id exists or the caller may not see them.
pub async fn get_client<T: Clients>(
    permit: &Permit<ViewClients>,
    tx: &mut T,
    id: ClientId,
) -> Result<SeenClient, UseCaseError> {
    let client = tx.client_find(id).await?.ok_or(UseCaseError::NotFound("client"))?;
    let in_full = permit.reach().covers(client.home_organization);
    if in_full || permit.limited().covers(client.home_organization) {
        return Ok(SeenClient { client, in_full });
    }
    let at = [permit.reach(), permit.limited()].into_iter().filter_map(Reach::filter).flatten().copied();
    match tx.client_visits(id, at.collect()).await? {
        true => Ok(SeenClient { client, in_full: false }),
        false => Err(UseCaseError::NotFound("client")),
    }
}
