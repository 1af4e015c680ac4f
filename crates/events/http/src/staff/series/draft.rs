//! A new series, or a series whose dates are previewed.

use super::rule::{WeeklyRule, one_of};
use crate::staff::offer::with_new_offer;
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeSet;
use tryzore_events::{NewSeries, SeriesDates, series::parse_zone};
use tryzore_kernel::{OrganizationId, Problem, iso};
use tryzore_web::shapes::{LocalTime, TimeZone};

with_new_offer! {
    /// A new series; fields that are left out come from the template.
    struct SeriesDraft {
        /// The location where the events take place.
        #[serde(rename = "organization_id")]
        pub(super) organization: OrganizationId,
        /// The dates: the value of an RRULE line (RFC 5545). Use either this field or `weekly`.
        #[schema(example = "FREQ=MONTHLY;BYDAY=1MO")]
        rule: Option<String>,
        /// The dates: these days of every nth week. Use either this field or `rule`.
        weekly: Option<WeeklyRule>,
        /// The first local date: no event is earlier.
        #[serde(deserialize_with = "iso::read")]
        starts_on: NaiveDate,
        /// When the events start, in local time, in summer and winter.
        #[serde(deserialize_with = "iso::read")]
        #[schema(value_type = LocalTime)]
        local_time: NaiveTime,
        /// The IANA time zone of the local times; that of the location by default.
        #[schema(value_type = Option<TimeZone>)]
        time_zone: Option<String>,
        /// The local dates without an event.
        #[serde(default, deserialize_with = "iso::read")]
        exdates: BTreeSet<NaiveDate>,
    }
}

impl SeriesDraft {
    /// The dates of the events of the series.
    ///
    /// # Errors
    /// 422 at `/rule` or `/time_zone`.
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
