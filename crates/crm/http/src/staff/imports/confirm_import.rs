//! `POST /imports/{import_id}/confirm`: staff confirm a checked import.

use super::view::ImportView;
use actix_web::post;
use tryzore_crm::{UseCaseError, import};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::ImportId;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::CreateClient;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Confirm a checked import
///
/// Runs the import. Refused with a denial when the check is not finished, and when every row is refused.
#[utoipa::path(
    tag = "imports",
    params(("import_id" = ImportId, Path)),
    responses((status = 202, body = ImportView)),
    extensions(
        ("x-permission" = json!("clients.create")),
        ("x-denials" = json!(["crm.import.nothing_to_do", "crm.import.state"]))
    )
)]
#[post("/imports/{import_id}/confirm")]
pub(super) async fn confirm_import(
    Allow(permit): Allow<CreateClient>,
    Path(id): Path<ImportId>,
    once: Once,
) -> Result<Reply<ImportView>, ApiError> {
    let confirm = async |tx: &mut TenantTx, _| {
        let job = import::confirm_import(&permit, &mut tx.crm(), id).await?;
        tx.crm().import_enqueue(id);
        Ok::<_, UseCaseError>(ImportView::from(job))
    };
    once.accepted(&permit, confirm).await
}
