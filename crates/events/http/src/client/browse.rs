//! The query parameters of the schedule for clients.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_events::EventKind;
use tryzore_events_postgres::views::schedule::ScheduleFilter;
use tryzore_kernel::{OrganizationId, Problem, TemplateId, iso};
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
    /// Only events at this location.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// Only events of this kind: `class`, `tour` or `appointment`.
    #[param(inline)]
    kind: Option<EventKind>,
    /// Only events that were created from this template.
    #[serde(rename = "template_id")]
    template: Option<TemplateId>,
}

impl Browse {
    /// Converts the parameters to a filter.
    pub(super) fn filter(self, paging: &Paging) -> Result<ScheduleFilter, Problem> {
        Ok(ScheduleFilter {
            organization: self.organization,
            kind: self.kind,
            template: self.template,
            limit: paging.limit()?,
            cursor: paging.cursor.clone(),
            ..ScheduleFilter::window(self.from, self.to)
        })
    }
}
