//! A template that was just made or changed.

use serde::Serialize;
use tryzore_events::{Difficulty, EventKind, Template};
use tryzore_kernel::{OrganizationId, TemplateId};
use utoipa::ToSchema;

/// A template that was just made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedTemplate {
    /// Its id.
    id: TemplateId,
    /// Whose it is; null for every location's.
    organization_id: Option<OrganizationId>,
    /// What kind of events it makes.
    kind: EventKind,
    /// What its events are called.
    name: String,
    /// What clients read about it.
    description: String,
    /// Under what it is sorted.
    category: String,
    /// How hard it is.
    difficulty: Option<Difficulty>,
    /// How long its events last.
    duration_minutes: u16,
    /// How many can come.
    default_spots: u32,
    /// `active` or `archived`.
    #[schema(value_type = tryzore_events_postgres::shapes::TemplateStatus)]
    status: &'static str,
    /// For `If-Match`.
    pub(super) version: i32,
}

impl From<Template> for SavedTemplate {
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
