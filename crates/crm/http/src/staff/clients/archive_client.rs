//! `DELETE /clients/{client_id}`: staff archive a client.

use super::view::ClientView;
use actix_web::{HttpResponse, delete, web::Data};
use tryzore_crm as crm;
use tryzore_crm_postgres::Crm;
use tryzore_kernel::ClientId;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::EditClient;
use tryzore_web::{Allow, ApiError, IfMatch, Path, etag::versioned};

/// Archive a client
///
/// Archived clients are left out of lists; their history stays. Archiving an archived client has no effect.
#[utoipa::path(
    tag = "clients",
    params(
        ("client_id" = ClientId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    responses((status = 200, body = ClientView, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("clients.edit")))
)]
#[delete("/clients/{client_id}")]
pub(super) async fn archive_client(
    Allow(permit): Allow<EditClient>,
    Path(client): Path<ClientId>,
    read: IfMatch,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let archive =
        async |tx: &mut TenantTx| crm::archive_client(&permit, &mut tx.crm(), client, version, now).await;
    let view = ClientView::from(db.tenant_tx(&permit, archive).await?);
    Ok(versioned(view.version, &view))
}
