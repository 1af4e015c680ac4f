//! `GET /event-templates/{template_id}`: one template.

use actix_web::{HttpResponse, get, web::Data};
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::catalogue::{self, TemplateView};
use tryzore_kernel::{Problem, TemplateId};
use tryzore_postgres::Db;
use tryzore_web::{Allow, ApiError, Path, etag::versioned};

/// Get an event template
///
/// The template with its version as `ETag`.
#[utoipa::path(
    tag = "event templates",
    params(("template_id" = TemplateId, Path)),
    responses((status = 200, body = TemplateView, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/event-templates/{template_id}")]
pub(super) async fn get_template(
    Allow(permit): Allow<ViewEvents>,
    Path(template): Path<TemplateId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let found = db
        .tenant_tx(&permit, async |tx| catalogue::template(&permit, &mut tx.events(), template).await)
        .await?;
    let found = found.ok_or_else(|| Problem::not_found("template"))?;
    Ok(versioned(found.version, &found))
}
