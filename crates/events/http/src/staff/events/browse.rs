//! The query parameters of the schedule for staff.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::IntoDeserializer};
use tryzore_events::{EventKind, EventState};
use tryzore_events_postgres::views::schedule::ScheduleFilter;
use tryzore_kernel::{OrganizationId, Problem, TemplateId, UserId, iso};
use tryzore_web::Paging;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Browse {
    /// The first start, included.
    #[serde(deserialize_with = "iso::read")]
    from: DateTime<Utc>,
    /// The last start, excluded; at most 92 days later.
    #[serde(deserialize_with = "iso::read")]
    to: DateTime<Utc>,
    /// Only events at this location; by default at all locations that you see.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// Only events of this kind: `class`, `tour` or `appointment`.
    #[param(inline)]
    kind: Option<EventKind>,
    /// Only events that this employee leads.
    #[serde(rename = "staff_user_id")]
    staff: Option<UserId>,
    /// Only events that were created from this template.
    #[serde(rename = "template_id")]
    template: Option<TemplateId>,
    /// Only events with one of these statuses, separated by commas: `scheduled`, `confirmed`, `in_progress`,
    /// `completed`, `canceled` (or `cancelled`).
    #[param(value_type = Option<String>, example = "scheduled,confirmed")]
    status: Option<States>,
}

#[derive(Debug)]
struct States(Vec<EventState>);

impl<'de> Deserialize<'de> for States {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let state = |word: &str| EventState::deserialize(word.trim().into_deserializer());
        text.split(',').map(state).collect::<Result<_, _>>().map(Self)
    }
}

impl Browse {
    /// Converts the parameters to a filter.
    pub(super) fn filter(self, paging: &Paging) -> Result<ScheduleFilter, Problem> {
        Ok(ScheduleFilter {
            organization: self.organization,
            kind: self.kind,
            staff: self.staff,
            template: self.template,
            states: self.status.map(|States(states)| states).unwrap_or_default(),
            limit: paging.limit()?,
            cursor: paging.cursor.clone(),
            ..ScheduleFilter::window(self.from, self.to)
        })
    }
}
