//! `POST /event-templates`: a template is created.

use super::view::TemplateView;
use actix_web::post;
use serde::Deserialize;
use tryzore_events::{
    self as events, Difficulty, EventKind, NewTemplate, TemplateFields, permission::CreateEvent,
};
use tryzore_events_postgres::Events;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// A new template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateDraft {
    // Required, because a template without a location belongs to the whole tenant.
    /// The location that the template belongs to; null for a template of the whole tenant.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The kind: `class`, `tour` or `appointment`.
    kind: EventKind,
    /// The name of its events.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The description for clients.
    #[serde(default)]
    #[schema(max_length = 4000)]
    description: String,
    /// The category.
    #[serde(default)]
    #[schema(max_length = 100, example = "Yoga")]
    category: String,
    /// `beginner`, `intermediate` or `advanced`.
    difficulty: Option<Difficulty>,
    /// The duration of its events in minutes.
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: u16,
    /// The number of spots.
    #[schema(minimum = 1, maximum = 10000)]
    default_spots: u32,
}

impl From<TemplateDraft> for NewTemplate {
    fn from(draft: TemplateDraft) -> Self {
        let fields = TemplateFields {
            name: draft.name,
            description: draft.description,
            category: draft.category,
            difficulty: draft.difficulty,
            duration_minutes: draft.duration_minutes,
            default_spots: draft.default_spots,
        };
        Self { organization: draft.organization, kind: draft.kind, fields }
    }
}

/// Create an event template
///
/// A template belongs to one location. Those who may change what applies to all locations can create one
/// for the whole tenant.
#[utoipa::path(
    tag = "event templates",
    request_body = TemplateDraft,
    responses((status = 201, body = TemplateView)),
    extensions(
        ("x-permission" = json!("events.create")),
        ("x-denials" = json!(["events.template.tenant_wide"]))
    )
)]
#[post("/event-templates")]
pub(super) async fn create_template(
    Allow(permit): Allow<CreateEvent>,
    Body(draft): Body<TemplateDraft>,
    once: Once,
) -> Result<Reply<TemplateView>, ApiError> {
    let create = async |tx: &mut TenantTx, now| {
        events::create_template(&permit, &mut tx.events(), draft.into(), now).await.map(TemplateView::from)
    };
    once.created(&permit, create).await
}
