//! Events that repeat by one rule, at one time on the wall clock.
//!
//! A [`Series`] is whose it is and what it is made from; its [`Schedule`] is when: a
//! [`Recurrence`] on local dates, a local time of day and an IANA zone. Dates come from the rule
//! alone and never see a zone; only then is each local date and time placed on the time line.
//! So a class at 18:30 is at 18:30 in summer and in winter, and its instant in UTC moves by an
//! hour twice a year.
//!
//! Two days a year need a ruling ([`ClockChange`]): a start that the clock jumps over in spring
//! (02:30 where 02:00 becomes 03:00) is moved on by the length of the jump, to 03:30, and marked;
//! a start that the clock passes twice in autumn takes the first of the two instants and is
//! marked. This is what RFC 5545 section 3.3.5 asks for. For one start that a caller names,
//! [`resolve_local`] refuses both instead, and says what there is to choose from.
//!
//! **Invariants.** A schedule yields at most one start a local date, in strictly rising order,
//! none before `starts_on`, after the end of its rule or on an excluded date. One question spans
//! at most [`Window::MAX_DAYS`] days, so an answer has at most [`MAX_OCCURRENCES`] starts,
//! whatever the rule; rules that repeat within a day, or count past [`Recurrence::MAX_COUNT`],
//! or have no date at all are refused when they are made.

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

/// Events that repeat by one rule at one organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Its id.
    pub id: SeriesId,
    /// Where its events take place.
    pub organization: OrganizationId,
    /// What its events are made from; none for a series that stands alone (EVT-02).
    pub template: Option<TemplateId>,
    /// When its events start, and how long they last.
    pub schedule: Schedule,
}
