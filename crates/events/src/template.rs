//! What events are made from (EVT-02): one location's, or every location's.
//!
//! An event takes what it needs from its template when it is made; changing the template later
//! changes no event. An archived template makes no more events and keeps those that it made.

use crate::{EventKind, UseCaseError, fields};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, FieldErrors, FormCheck, OrganizationId, TemplateId, form};

/// How hard it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// For everyone.
    Beginner,
    /// For those who know it.
    Intermediate,
    /// For those who are good at it.
    Advanced,
}

/// What can be changed about a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFields {
    /// What its events are called, 1 to 255 characters.
    pub name: String,
    /// What clients read about it, at most 4,000 characters.
    pub description: String,
    /// Under what it is sorted, at most 100 characters: "Yoga".
    pub category: String,
    /// How hard it is.
    pub difficulty: Option<Difficulty>,
    /// How long its events last, 5 to 1,440 minutes.
    pub duration_minutes: u16,
    /// How many can come, 1 to 10,000.
    pub default_spots: u32,
}

impl TemplateFields {
    /// The same with its texts trimmed, if everything holds.
    ///
    /// # Errors
    /// Each field that does not.
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

/// What events are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is; none for every location's.
    pub organization: Option<OrganizationId>,
    /// What kind of events it makes.
    pub kind: EventKind,
    /// What can be changed.
    pub fields: TemplateFields,
    /// Whether it makes no more events.
    pub is_archived: bool,
    /// Rises with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Template {
    /// Whether an event at `organization` can be made from it now. Of another location's template
    /// nothing is told.
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
                .remedy("Choose a template that is offered.", Some("events.templates"))
                .into());
        }
        Ok(())
    }
}
