//! `PUT /event-templates/{template_id}`: a template is changed.

use super::view::TemplateView;
use actix_web::put;
use serde::Deserialize;
use tryzore_events::{self as events, Difficulty, TemplateFields, permission::CreateEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::TemplateId;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};
use utoipa::ToSchema;

/// All fields of the changed template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateChange {
    /// The name of its events.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The description for clients; may be empty.
    #[schema(max_length = 4000)]
    description: String,
    /// The category; may be empty.
    #[schema(max_length = 100, example = "Yoga")]
    category: String,
    /// The difficulty: `beginner`, `intermediate` or `advanced`; null for every level.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    difficulty: Option<Difficulty>,
    /// The duration of its events in minutes.
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: u16,
    /// The number of spots.
    #[schema(minimum = 1, maximum = 10000)]
    default_spots: u32,
}

impl From<TemplateChange> for TemplateFields {
    fn from(change: TemplateChange) -> Self {
        Self {
            name: change.name,
            description: change.description,
            category: change.category,
            difficulty: change.difficulty,
            duration_minutes: change.duration_minutes,
            default_spots: change.default_spots,
        }
    }
}

/// Change an event template
///
/// Events that were created from the template stay as they are.
#[utoipa::path(
    tag = "event templates",
    params(
        ("template_id" = TemplateId, Path),
        Change
    ),
    request_body = TemplateChange,
    responses((status = 200, body = TemplateView)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.template.archived", "events.template.tenant_wide"]))
    )
)]
#[put("/event-templates/{template_id}")]
pub(super) async fn edit_template(
    Allow(permit): Allow<CreateEvent>,
    Path(template): Path<TemplateId>,
    change: Change,
    Body(body): Body<TemplateChange>,
) -> Result<Resource<TemplateView>, ApiError> {
    let edit = async |tx: &mut TenantTx, version, now| {
        events::edit_template(&permit, &mut tx.events(), template, version, body.into(), now)
            .await
            .map(TemplateView::from)
    };
    change.done(&permit, edit).await
}
