//! Parses the dates of a series.

use chrono::{NaiveDate, Weekday};
use serde::Deserialize;
use tryzore_events::{Rule, series::Weekly};
use tryzore_kernel::{Problem, iso};
use tryzore_web::shapes::DayOfWeek;
use utoipa::ToSchema;

/// These days of every nth week.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeeklyRule {
    /// 1 for every week (the default), 2 for every second week, and so on.
    #[schema(minimum = 1, maximum = 366)]
    interval: Option<u16>,
    /// The days of the week, at least one.
    #[schema(value_type = Vec<DayOfWeek>, example = json!(["mon", "thu"]))]
    weekdays: Vec<Weekday>,
    /// The last local date, included.
    #[serde(default, deserialize_with = "iso::read")]
    until: Option<NaiveDate>,
    /// The number of dates; not together with `until`.
    #[schema(minimum = 1, maximum = 1000)]
    count: Option<u32>,
}

impl From<&WeeklyRule> for Weekly {
    fn from(rule: &WeeklyRule) -> Self {
        let WeeklyRule { interval, weekdays, until, count } = rule.clone();
        Self { interval: interval.unwrap_or(1), weekdays, until, count }
    }
}

/// Reads either `rule` or `weekly`.
///
/// # Errors
/// 422 at `/rule` if both or neither is given.
pub(super) fn one_of(rule: Option<&str>, weekly: Option<&WeeklyRule>) -> Result<Rule, Problem> {
    match (rule, weekly) {
        (Some(text), None) => Ok(Rule::Text(text.to_owned())),
        (None, Some(weekly)) => Ok(Rule::Weekly(weekly.into())),
        _ => Err(Problem::invalid("/rule", "expected either `rule` or `weekly`")),
    }
}
