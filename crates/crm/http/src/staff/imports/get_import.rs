//! `GET /imports/{import_id}`: the progress and the report of an import.

use super::view::ImportView;
use actix_web::{
    get,
    web::{Data, Json},
};
use tryzore_crm::import;
use tryzore_crm_postgres::Crm;
use tryzore_kernel::ImportId;
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::CreateClient;
use tryzore_web::{Allow, ApiError, Path};

/// Get an import
///
/// The progress of the import, how its columns are read, and how many rows are added, changed, unchanged
/// and refused, with the reasons.
#[utoipa::path(
    tag = "imports",
    params(("import_id" = ImportId, Path)),
    responses((status = 200, body = ImportView)),
    extensions(("x-permission" = json!("clients.create")))
)]
#[get("/imports/{import_id}")]
pub(super) async fn get_import(
    Allow(permit): Allow<CreateClient>,
    Path(id): Path<ImportId>,
    db: Data<Db>,
) -> Result<Json<ImportView>, ApiError> {
    let job = db.tenant_tx(&permit, async |tx| import::get_import(&permit, &mut tx.crm(), id).await).await?;
    Ok(Json(job.into()))
}
