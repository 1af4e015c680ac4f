//! `DELETE /imports/{import_id}`: staff discard an import.

use actix_web::{HttpResponse, delete, web::Data};
use tryzore_crm::import;
use tryzore_crm_postgres::Crm;
use tryzore_kernel::ImportId;
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::CreateClient;
use tryzore_web::{Allow, ApiError, Path};

/// Discard an import
///
/// Deletes the file, the report and the refused rows; clients that the import added stay. Refused with a
/// denial while the import runs.
#[utoipa::path(
    tag = "imports",
    params(("import_id" = ImportId, Path)),
    responses((status = 204, description = "The import was deleted")),
    extensions(("x-permission" = json!("clients.create")), ("x-denials" = json!(["crm.import.state"])))
)]
#[delete("/imports/{import_id}")]
pub(super) async fn discard_import(
    Allow(permit): Allow<CreateClient>,
    Path(id): Path<ImportId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    db.tenant_tx(&permit, async |tx| import::discard_import(&permit, &mut tx.crm(), id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
