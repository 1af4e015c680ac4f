//! On which dates a series falls, as people write it.

use chrono::{NaiveDate, Weekday};
use serde::Deserialize;
use tryzore_events::{Rule, series::Weekly};
use tryzore_kernel::{Problem, iso};
use tryzore_web::shapes::DayOfWeek;
use utoipa::ToSchema;

/// On these days of each nth week.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeeklyRule {
    /// Each week (1, when not said), each second week (2) …
    #[schema(minimum = 1, maximum = 366)]
    interval: Option<u16>,
    /// The days, at least one.
    #[schema(value_type = Vec<DayOfWeek>, example = json!(["mon", "thu"]))]
    weekdays: Vec<Weekday>,
    /// The last local date, itself included.
    #[serde(default, deserialize_with = "iso::read")]
    until: Option<NaiveDate>,
    /// How many dates; not together with `until`.
    #[schema(minimum = 1, maximum = 1000)]
    count: Option<u32>,
}

impl From<&WeeklyRule> for Weekly {
    fn from(rule: &WeeklyRule) -> Self {
        let WeeklyRule { interval, weekdays, until, count } = rule.clone();
        Self { interval: interval.unwrap_or(1), weekdays, until, count }
    }
}

/// The one of two ways to say it that was used.
///
/// # Errors
/// `/rule` when both were, or neither.
pub(super) fn one_of(rule: Option<&str>, weekly: Option<&WeeklyRule>) -> Result<Rule, Problem> {
    match (rule, weekly) {
        (Some(text), None) => Ok(Rule::Text(text.to_owned())),
        (None, Some(weekly)) => Ok(Rule::Weekly(weekly.into())),
        _ => Err(Problem::invalid("/rule", "expected either `rule` or `weekly`")),
    }
}
