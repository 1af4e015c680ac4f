//! `DELETE /event-templates/{template_id}`: a template is archived.

use super::saved::SavedTemplate;
use actix_web::{HttpResponse, delete, web::Data};
use tryzore_events::{self as events, permission::CreateEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::TemplateId;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, IfMatch, Path, etag::versioned};

/// Archive an event template
///
/// No more events can be created from an archived template; the events that were created from it stay.
/// Archiving it again has no effect.
#[utoipa::path(
    tag = "event templates",
    params(
        ("template_id" = TemplateId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    responses((status = 200, body = SavedTemplate, headers(("ETag" = String, description = "Its version")))),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.template.tenant_wide"]))
    )
)]
#[delete("/event-templates/{template_id}")]
pub(super) async fn archive_template(
    Allow(permit): Allow<CreateEvent>,
    Path(template): Path<TemplateId>,
    read: IfMatch,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let archive = async |tx: &mut TenantTx| {
        events::archive_template(&permit, &mut tx.events(), template, version, now).await
    };
    let saved = SavedTemplate::from(db.tenant_tx(&permit, archive).await?);
    Ok(versioned(saved.version, &saved))
}
