//! `POST /clients/{client_id}/restore`: staff restore an archived client.

use super::view::ClientView;
use actix_web::post;
use tryzore_crm as crm;
use tryzore_crm_postgres::Crm;
use tryzore_kernel::ClientId;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::EditClient;
use tryzore_web::{Allow, ApiError, IfMatch, Once, Path, Reply};

/// Restore a client
///
/// Makes an archived client active again. Restoring an active client has no effect.
#[utoipa::path(
    tag = "clients",
    params(
        ("client_id" = ClientId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    responses((status = 200, body = ClientView)),
    extensions(("x-permission" = json!("clients.edit")))
)]
#[post("/clients/{client_id}/restore")]
pub(super) async fn restore_client(
    Allow(permit): Allow<EditClient>,
    Path(client): Path<ClientId>,
    read: IfMatch,
    once: Once,
) -> Result<Reply<ClientView>, ApiError> {
    let version = read.required()?;
    let restore = async |tx: &mut TenantTx, now| {
        crm::restore_client(&permit, &mut tx.crm(), client, version, now).await.map(ClientView::from)
    };
    once.done(&permit, restore).await
}
