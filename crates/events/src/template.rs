//! Templates from which events are made (EVT-02), for one location or for every location.
//!
//! An event copies what it needs from its template when it is created; changing the template later
//! changes no event. No new event can be made from an archived template; its earlier events stay.

use crate::{EventKind, UseCaseError, fields};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, FieldErrors, FormCheck, OrganizationId, TemplateId, form};

/// The difficulty of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// Suitable for everyone.
    Beginner,
    /// For clients with some experience.
    Intermediate,
    /// For experienced clients.
    Advanced,
}

/// The fields of a template that can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFields {
    /// The name of the events, 1 to 255 characters.
    pub name: String,
    /// The description that clients read, at most 4,000 characters.
    pub description: String,
    /// The category, at most 100 characters, such as "Yoga".
    pub category: String,
    /// The difficulty.
    pub difficulty: Option<Difficulty>,
    /// The duration of the events, 5 to 1,440 minutes.
    pub duration_minutes: u16,
    /// The number of spots, 1 to 10,000.
    pub default_spots: u32,
}

impl TemplateFields {
    /// The same fields with their texts trimmed, if every field is valid.
    ///
    /// # Errors
    /// Each invalid field.
    pub fn checked(self) -> Result<Self, FieldErrors> {
        let mut check = FormCheck::default();
        let name = check.take("/name", form::line(&self.name, 1, 255));
        let description = check.take("/description", form::text(&self.description, 0, 4_000));
        let category = check.take("/category", form::line(&self.category, 0, 100));
        check.take("/duration_minutes", fields::minutes(self.duration_minutes));
        check.take("/default_spots", fields::spots(self.default_spots));
        let texts = (|| Some((name?, description?, category?)))();
        check.finish(texts.map(|(name, description, category)| Self { name, description, category, ..self }))
    }
}

/// A template from which events are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The id of the template.
    pub id: TemplateId,
    /// The location that owns the template; none for a template of every location.
    pub organization: Option<OrganizationId>,
    /// The kind of the events.
    pub kind: EventKind,
    /// The fields that can be changed.
    pub fields: TemplateFields,
    /// Whether the template is archived, so that no new event can be made from it.
    pub is_archived: bool,
    /// The version, which rises with each change.
    pub version: i32,
    /// When the template was created.
    pub created_at: DateTime<Utc>,
}

impl Template {
    /// Checks that an event at `organization` can be made from this template now. The error says
    /// nothing about a template of another location.
    ///
    /// # Errors
    /// [`UseCaseError::NotFound`]; `events.create.template_archived`.
    pub fn serve(&self, organization: OrganizationId) -> Result<(), UseCaseError> {
        if self.organization.is_some_and(|of| of != organization) {
            return Err(UseCaseError::NotFound("template"));
        }
        if self.is_archived {
            return Err(Denial::state("events.create.template_archived")
                .because("template", self.id)
                .because("template.status", "archived")
                .remedy("Choose a template that is offered.", Some("list_templates"))
                .into());
        }
        Ok(())
    }
}
