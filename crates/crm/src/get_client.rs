//! Staff look at one client.

use crate::{Client, Clients, UseCaseError};
use tryzore_kernel::ClientId;
use tryzore_rbac::{Permit, catalogue::ViewClients};

/// A client, and how much of it the caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenClient {
    /// The client.
    pub client: Client,
    /// Whether contact data, date of birth and consent may be shown, or the name only.
    pub in_full: bool,
}

/// The client `id`, active or archived.
///
/// # Errors
/// [`UseCaseError::NotFound`] when there is none that the caller may see.
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
