//! The view of a template.

use serde::Serialize;
use tryzore_events::{Difficulty, EventKind, Template};
use tryzore_kernel::{OrganizationId, TemplateId};
use utoipa::ToSchema;

/// A template of events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateView {
    /// The id.
    id: TemplateId,
    /// The location that the template belongs to; null for a template of the whole tenant.
    organization_id: Option<OrganizationId>,
    /// The kind of its events.
    kind: EventKind,
    /// The name of its events.
    name: String,
    /// The description for clients.
    description: String,
    /// The category.
    category: String,
    /// The difficulty.
    difficulty: Option<Difficulty>,
    /// The duration of its events in minutes.
    duration_minutes: u16,
    /// The number of spots.
    default_spots: u32,
    /// `active` or `archived`.
    #[schema(value_type = tryzore_events_postgres::shapes::TemplateStatus)]
    status: &'static str,
    /// The version to send in `If-Match`.
    version: i32,
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        let fields = template.fields;
        Self {
            id: template.id,
            organization_id: template.organization,
            kind: template.kind,
            name: fields.name,
            description: fields.description,
            category: fields.category,
            difficulty: fields.difficulty,
            duration_minutes: fields.duration_minutes,
            default_spots: fields.default_spots,
            status: if template.is_archived { "archived" } else { "active" },
            version: template.version,
        }
    }
}
