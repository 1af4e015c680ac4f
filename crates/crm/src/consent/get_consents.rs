//! Reading what a client agrees to.

use super::{ConsentLedger, CurrentConsent, current, versions};
use crate::{Clients, UseCaseError, get_client, get_own};
use tryzore_kernel::ClientId;
use tryzore_rbac::{
    Permit,
    catalogue::{OwnProfile, ViewClients},
};

/// What the client `id` agrees to, for staff who see the client.
///
/// # Errors
/// [`UseCaseError::NotFound`].
pub async fn get_consents<T: Clients + ConsentLedger>(
    permit: &Permit<ViewClients>,
    tx: &mut T,
    id: ClientId,
) -> Result<Vec<CurrentConsent>, UseCaseError> {
    get_client(permit, tx, id).await?;
    read(tx, id).await
}

/// What the signed-in client agrees to.
///
/// # Errors
/// [`UseCaseError::NotFound`] for users who are not clients of the tenant.
pub async fn get_own_consents<T: Clients + ConsentLedger>(
    permit: &Permit<OwnProfile>,
    tx: &mut T,
) -> Result<Vec<CurrentConsent>, UseCaseError> {
    let id = get_own(permit, tx).await?.id;
    read(tx, id).await
}

async fn read<T: ConsentLedger>(tx: &mut T, id: ClientId) -> Result<Vec<CurrentConsent>, UseCaseError> {
    let entries = tx.consents_newest(id).await?;
    let texts = tx.consent_texts().await?;
    Ok(current(&entries, &versions(&texts)))
}
