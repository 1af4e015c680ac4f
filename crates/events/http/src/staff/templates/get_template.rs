//! `GET /event-templates/{template_id}`: one template.

use super::view::TemplateView;
use actix_web::{get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::{Events, templates::template_find};
use tryzore_kernel::{Problem, TemplateId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_web::{Allow, ApiError, Path, Resource};

/// Get an event template
///
/// The template with its version as `ETag`.
#[utoipa::path(
    tag = "event templates",
    params(("template_id" = TemplateId, Path)),
    responses((status = 200, body = TemplateView)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/event-templates/{template_id}")]
pub(super) async fn get_template(
    Allow(permit): Allow<ViewEvents>,
    Path(template): Path<TemplateId>,
    db: Data<Db>,
) -> Result<Resource<TemplateView>, ApiError> {
    let find = async |tx: &mut TenantTx| template_find(&permit, &mut tx.events(), template).await;
    let found = db.tenant_tx(&permit, find).await?.ok_or_else(|| Problem::not_found("template"))?;
    Ok(Resource(found.into()))
}
