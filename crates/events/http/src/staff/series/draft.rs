//! A series that is to be, or whose dates are to be seen.

use super::rule::{WeeklyRule, one_of};
use crate::staff::offer::with_new_offer;
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeSet;
use tryzore_events::{NewSeries, SeriesDates, series::parse_zone};
use tryzore_kernel::{OrganizationId, Problem, iso};
use tryzore_web::shapes::{LocalTime, TimeZone};

with_new_offer! {
    /// A series that is to be; what is not said is the template's.
    struct SeriesDraft {
        /// Where its events take place.
        #[serde(rename = "organization_id")]
        pub(super) organization: OrganizationId,
        /// On which dates: the value of an RRULE line (RFC 5545); or say `weekly`.
        #[schema(example = "FREQ=MONTHLY;BYDAY=1MO")]
        rule: Option<String>,
        /// On which dates: on these days of each nth week; or say `rule`.
        weekly: Option<WeeklyRule>,
        /// None is before this local date.
        #[serde(deserialize_with = "iso::read")]
        starts_on: NaiveDate,
        /// When its events start by the clock on the wall, summer and winter.
        #[serde(deserialize_with = "iso::read")]
        #[schema(value_type = LocalTime)]
        local_time: NaiveTime,
        /// Whose wall, as an IANA name; the location's, when not said.
        #[schema(value_type = Option<TimeZone>)]
        time_zone: Option<String>,
        /// Local dates that are left out.
        #[serde(default, deserialize_with = "iso::read")]
        exdates: BTreeSet<NaiveDate>,
    }
}

impl SeriesDraft {
    /// When its events are to start.
    ///
    /// # Errors
    /// `/rule`, `/time_zone`.
    pub(super) fn dates(&self) -> Result<SeriesDates, Problem> {
        let zone = self.time_zone.as_deref().map(parse_zone).transpose();
        Ok(SeriesDates {
            rule: one_of(self.rule.as_deref(), self.weekly.as_ref())?,
            starts_on: self.starts_on,
            local_time: self.local_time,
            zone: zone.map_err(|unknown| unknown.problem("/time_zone"))?,
            exdates: self.exdates.clone(),
        })
    }
}

impl TryFrom<SeriesDraft> for NewSeries {
    type Error = Problem;

    fn try_from(draft: SeriesDraft) -> Result<Self, Problem> {
        let dates = draft.dates()?;
        Ok(Self { organization: draft.organization, offer: draft.offer(), dates })
    }
}
