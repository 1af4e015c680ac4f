//! `DELETE /clients/{client_id}`: staff archive a client.

use super::view::ClientView;
use actix_web::delete;
use tryzore_crm as crm;
use tryzore_crm_postgres::Crm;
use tryzore_kernel::ClientId;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::EditClient;
use tryzore_web::{Allow, ApiError, Change, Path, Resource};

/// Archive a client
///
/// Archived clients are left out of lists; their history stays. Archiving an archived client has no effect.
#[utoipa::path(
    tag = "clients",
    params(
        ("client_id" = ClientId, Path),
        Change
    ),
    responses((status = 200, body = ClientView)),
    extensions(("x-permission" = json!("clients.edit")))
)]
#[delete("/clients/{client_id}")]
pub(super) async fn archive_client(
    Allow(permit): Allow<EditClient>,
    Path(client): Path<ClientId>,
    change: Change,
) -> Result<Resource<ClientView>, ApiError> {
    let archive = async |tx: &mut TenantTx, version, now| {
        crm::archive_client(&permit, &mut tx.crm(), client, version, now).await.map(ClientView::from)
    };
    change.done(&permit, archive).await
}
