//! Series: events that repeat by one rule, at one local time.
//!
//! A [`Series`] has an organization and a template; its [`Schedule`] says when its events start: a
//! [`Recurrence`] on local dates, a local time of day and an IANA zone. Dates come from the rule alone,
//! without a zone; only then is each local date and time converted to an instant. So a class at 18:30
//! is at 18:30 in summer and in winter, and its instant in UTC moves by an hour twice a year.
//!
//! Two days a year need a decision ([`ClockChange`]): a start that the clock jumps over in spring
//! (02:30 where 02:00 becomes 03:00) is moved on by the length of the jump, to 03:30, and marked; a
//! start that exists twice in autumn takes the first of the two instants and is marked. RFC 5545
//! section 3.3.5 requires this. For a single start that a caller names, [`resolve_local`] refuses both
//! cases instead, and the error names the possible instants.
//!
//! **Invariants.** A schedule yields at most one start for each local date, in strictly rising order,
//! and none before `starts_on`, after the end of its rule or on an excluded date. A query spans at most
//! [`Window::MAX_DAYS`] days, so an answer has at most [`MAX_OCCURRENCES`] starts, whatever the rule.
//! Rules that repeat within a day, that count past [`Recurrence::MAX_COUNT`], or that have no date at
//! all are refused when they are created.

mod dates;
mod local_time;
mod occurrence;
mod rule;
mod rule_check;
mod rule_text;
mod schedule;
#[cfg(test)]
mod tests;
mod window;

pub use local_time::{ClockChange, LocalTimeError, UnknownZone, parse_zone, resolve_local};
pub use occurrence::{MAX_OCCURRENCES, Occurrence};
pub use rule::{End, Frequency, NthWeekday, Recurrence, RuleError, RulePart, Weekly};
pub use schedule::{Schedule, ScheduleFields};
pub use window::{Window, WindowError};

use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, SeriesId, TemplateId};

pub(crate) use local_time::{Placed, place};

/// A series of events at one organization, which repeat by one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The id of the series.
    pub id: SeriesId,
    /// The location where the events take place.
    pub organization: OrganizationId,
    /// The template from which the events are made; none for a series without a template (EVT-02).
    pub template: Option<TemplateId>,
    /// The starts and the duration of the events.
    pub schedule: Schedule,
}
