//! Reading one client by staff.

use crate::{Client, Clients, UseCaseError};
use tryzore_kernel::ClientId;
use tryzore_rbac::{Permit, catalogue::ViewClients};

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
        Ok(SeenClient { client, in_full })
    } else {
        Err(UseCaseError::NotFound("client"))
    }
}
