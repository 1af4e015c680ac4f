//! When schedules are due.
//!
//! A daily time is a local time in a time zone. Where the clock is put forward, a time that the day skips
//! is the same distance after the gap (02:30 becomes 03:30); where it is put back, a time that comes
//! twice is the first of the two. Either way each date has exactly one moment.
//!
//! **Invariant:** [`Cadence::next`] is always later than its argument, and no due moment lies between them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, SubsecRound, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// How often a schedule is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// At the start of each minute.
    EveryMinute,
    /// At the start of each hour, UTC.
    Hourly,
    /// Each day at this local time.
    Daily(NaiveTime),
}

/// How many missed days of a daily schedule are caught up.
pub const MOST_MISSED_DAYS: usize = 3;

impl Cadence {
    /// The first moment after `after` at which the schedule is due.
    #[must_use]
    pub fn next(self, zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::EveryMinute => minute(after) + TimeDelta::minutes(1),
            Self::Hourly => hour(after) + TimeDelta::hours(1),
            Self::Daily(at) => {
                // A zone is less than a day away from UTC, and a gap moves a moment by less than a
                // day: one of these dates has it.
                let today = after.with_timezone(&zone).date_naive();
                let dates = (0..4).filter_map(|days| {
                    today.checked_sub_days(Days::new(1))?.checked_add_days(Days::new(days))
                });
                dates
                    .map(|date| moment(date, at, zone))
                    .find(|due| *due > after)
                    .unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
        }
    }

    /// The last moment up to and including `until` at which the schedule was due.
    #[must_use]
    pub fn last(self, zone: Tz, until: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::EveryMinute => minute(until),
            Self::Hourly => hour(until),
            Self::Daily(at) => {
                let today = until.with_timezone(&zone).date_naive();
                let dates = (0..4).filter_map(|days| {
                    today.checked_add_days(Days::new(1))?.checked_sub_days(Days::new(days))
                });
                dates
                    .map(|date| moment(date, at, zone))
                    .find(|due| *due <= until)
                    .unwrap_or(DateTime::<Utc>::MIN_UTC)
            }
        }
    }

    /// The moments to run for at `now` when the last run was for `last`, oldest first. Of missed minutes
    /// and hours only the last is caught up, because a run does all the work that has accumulated; of
    /// missed days each, up to the last three.
    #[must_use]
    pub fn due(self, zone: Tz, last: DateTime<Utc>, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let most = match self {
            Self::EveryMinute | Self::Hourly => 1,
            Self::Daily(_) => MOST_MISSED_DAYS,
        };
        let (mut due, mut at) = (Vec::new(), self.last(zone, now));
        while at > last && due.len() < most {
            due.push(at);
            at = self.last(zone, at - TimeDelta::microseconds(1));
        }
        due.reverse();
        due
    }
}

fn minute(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_second(0).unwrap_or(at).trunc_subsecs(0)
}

fn hour(at: DateTime<Utc>) -> DateTime<Utc> {
    minute(at).with_minute(0).unwrap_or(at)
}

// The moment of the local time `at` in `zone` on `date`.
fn moment(date: NaiveDate, at: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(at);
    match zone.from_local_datetime(&local).earliest() {
        Some(moment) => moment.to_utc(),
        None => {
            // In the gap: the offset of the day before gives the time after midnight without the
            // change.
            let before = zone.offset_from_utc_datetime(&(local - TimeDelta::days(1)));
            Utc.from_utc_datetime(&(local - before.fix()))
        }
    }
}

#[cfg(test)]
mod tests;
