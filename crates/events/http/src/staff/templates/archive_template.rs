//! `DELETE /event-templates/{template_id}`: a template is archived.

use super::view::TemplateView;
use actix_web::delete;
use tryzore_events::{self as events, permission::CreateEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::TemplateId;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Change, Path, Resource};

/// Archive an event template
///
/// No more events can be created from an archived template; the events that were created from it stay.
/// Archiving it again has no effect.
#[utoipa::path(
    tag = "event templates",
    params(
        ("template_id" = TemplateId, Path),
        Change
    ),
    responses((status = 200, body = TemplateView)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.template.tenant_wide"]))
    )
)]
#[delete("/event-templates/{template_id}")]
pub(super) async fn archive_template(
    Allow(permit): Allow<CreateEvent>,
    Path(template): Path<TemplateId>,
    change: Change,
) -> Result<Resource<TemplateView>, ApiError> {
    let archive = async |tx: &mut TenantTx, version, now| {
        events::archive_template(&permit, &mut tx.events(), template, version, now)
            .await
            .map(TemplateView::from)
    };
    change.done(&permit, archive).await
}
