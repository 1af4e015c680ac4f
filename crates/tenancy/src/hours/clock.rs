//! Whether a location is open at a moment, and when it opens next.
//!
//! A span of local time is first converted to two moments, and the question is answered with these moments,
//! so that a night in which the clocks change has no gap and no second opening. A local time that occurs
//! twice means the first occurrence for opening and the second for closing: a location that is open stays
//! open. A local time that the clocks skip means the moment of the skip.

use super::{BusinessHours, Span};
use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Serialize;

/// Whether a location is open or closed, and until when. The moment is `None` when the state never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum HoursState {
    /// The location is open.
    Open {
        /// When the location closes.
        closes_at: Option<DateTime<Utc>>,
    },
    /// The location is closed.
    Closed {
        /// When the location opens.
        opens_at: Option<DateTime<Utc>>,
    },
}

impl BusinessHours {
    /// Whether the location is open at `at`, by the clocks of `zone`. At the minute of closing the location
    /// is closed.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        self.closing(at, zone).is_some()
    }

    /// When the location opens next, strictly after `at`; `None` when it never opens or never closes.
    #[must_use]
    pub fn next_opening(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = at.with_timezone(&zone).date_naive();
        // A week and a day: the only span of the week may have just opened, or may be skipped this week.
        let openings = (0..=15).filter_map(|days| today.checked_add_signed(Duration::days(days)));
        let mut openings: Vec<_> = openings
            .flat_map(|date| self.on(date, zone))
            .map(|(opens, _)| opens)
            .filter(|opens| *opens > at && !self.is_open(*opens - Duration::microseconds(1), zone))
            .collect();
        openings.sort_unstable();
        openings.first().copied()
    }

    /// Whether the location is open or closed at `at`, and until when.
    #[must_use]
    pub fn state(&self, at: DateTime<Utc>, zone: Tz) -> HoursState {
        let Some(mut closes_at) = self.closing(at, zone) else {
            return HoursState::Closed { opens_at: self.next_opening(at, zone) };
        };
        // Spans that touch count as one opening.
        let horizon = at + Duration::days(8);
        while let Some(later) = self.closing(closes_at, zone) {
            if later > horizon {
                return HoursState::Open { closes_at: None };
            }
            closes_at = later;
        }
        HoursState::Open { closes_at: Some(closes_at) }
    }

    // When the span that is open at `at` closes.
    fn closing(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = at.with_timezone(&zone).date_naive();
        let dates = [today.pred_opt(), Some(today)].into_iter().flatten();
        let spans = dates.flat_map(|date| self.on(date, zone));
        spans.filter(|(opens, closes)| (*opens..*closes).contains(&at)).map(|(_, closes)| closes).max()
    }

    // The spans that open on `date`, without those that the clocks skip entirely.
    fn on(&self, date: NaiveDate, zone: Tz) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let day = u8::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
        self.of_day(day).map(move |span| span.moments(date, zone)).filter(|(opens, closes)| opens < closes)
    }
}

impl Span {
    fn moments(self, date: NaiveDate, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let local = |minutes: u16| date.and_time(NaiveTime::MIN) + Duration::minutes(minutes.into());
        let opens = match zone.from_local_datetime(&local(self.opens)) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => skip(local(self.opens), zone),
        };
        let closes = match zone.from_local_datetime(&local(self.closes)) {
            LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => at.to_utc(),
            LocalResult::None => skip(local(self.closes), zone),
        };
        (opens, closes)
    }
}

// The moment at which the clocks skip `local`: one minute after the last local time before the skip. No
// zone has ever skipped more than a day.
fn skip(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    (1..=1441)
        .find_map(|minutes| zone.from_local_datetime(&(local - Duration::minutes(minutes))).latest())
        .map_or_else(|| local.and_utc(), |last| last.to_utc() + Duration::minutes(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HoursForm;
    use chrono::Timelike;
    use proptest::prelude::*;
    use serde_json::json;

    const ROME: Tz = chrono_tz::Europe::Rome;

    fn hours(json: serde_json::Value) -> BusinessHours {
        serde_json::from_value::<HoursForm>(json).unwrap().check().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ten_09_a_location_opens_and_closes_at_the_start_of_the_minute() {
        // Monday 2 March 2026; Rome is one hour ahead of UTC.
        let hours = hours(json!({"mon": [["06:00", "12:00"], ["15:00", "02:00"]]}));
        for (moment, open) in [
            ("2026-03-02T04:59:59.999999Z", false),
            ("2026-03-02T05:00:00Z", true),
            ("2026-03-02T10:59:59.999999Z", true),
            ("2026-03-02T11:00:00Z", false),
            ("2026-03-03T00:59:59.999999Z", true),
            ("2026-03-03T01:00:00Z", false),
        ] {
            assert_eq!(hours.is_open(at(moment), ROME), open, "{moment}");
        }
        let next = |moment| hours.next_opening(at(moment), ROME).unwrap();
        assert_eq!(next("2026-03-02T04:59:59Z"), at("2026-03-02T05:00:00Z"));
        assert_eq!(next("2026-03-02T05:00:00Z"), at("2026-03-02T14:00:00Z"), "strictly after");
        assert_eq!(next("2026-03-02T14:00:00Z"), at("2026-03-09T05:00:00Z"), "next week");
    }

    #[test]
    fn ten_09_a_location_closes_once_in_the_night_in_which_an_hour_occurs_twice() {
        // 25 October 2026: 03:00 summer time becomes 02:00, at 01:00 UTC.
        let hours = hours(json!({"sat": [["22:00", "02:30"]]}));
        for (moment, open) in [
            ("2026-10-25T00:29:00Z", true),  // 02:29 summer time
            ("2026-10-25T00:45:00Z", true),  // 02:45 summer time: 02:30 is still to come again
            ("2026-10-25T01:29:59Z", true),  // 02:29:59 winter time
            ("2026-10-25T01:30:00Z", false), // 02:30 winter time
        ] {
            assert_eq!(hours.is_open(at(moment), ROME), open, "{moment}");
        }
        let opened = at("2026-10-24T20:00:00Z");
        assert_eq!(
            hours.state(opened, ROME),
            HoursState::Open { closes_at: Some(at("2026-10-25T01:30:00Z")) }
        );
    }

    #[test]
    fn ten_09_a_skipped_local_time_means_the_moment_of_the_skip() {
        // 29 March 2026: 02:00 becomes 03:00, at 01:00 UTC.
        let jump = at("2026-03-29T01:00:00Z");
        let closes = hours(json!({"sat": [["22:00", "02:30"]]}));
        assert!(closes.is_open(jump - Duration::seconds(1), ROME) && !closes.is_open(jump, ROME));
        let opens = hours(json!({"sun": [["02:30", "05:00"]]}));
        assert!(!opens.is_open(jump - Duration::seconds(1), ROME) && opens.is_open(jump, ROME));
        assert_eq!(opens.next_opening(at("2026-03-28T12:00:00Z"), ROME), Some(jump));
        let inside = hours(json!({"sun": [["02:10", "02:50"]]}));
        assert_eq!(
            inside.next_opening(at("2026-03-28T12:00:00Z"), ROME),
            Some(at("2026-04-05T00:10:00Z")),
            "skipped entirely this week"
        );
    }

    #[test]
    fn spans_that_touch_count_as_one_opening() {
        let touching = hours(json!({"mon": [["20:00", "24:00"]], "tue": [["00:00", "02:00"]]}));
        let monday = at("2026-03-02T20:00:00Z");
        assert_eq!(
            touching.state(monday, ROME),
            HoursState::Open { closes_at: Some(at("2026-03-03T01:00:00Z")) }
        );
        assert_eq!(touching.next_opening(monday, ROME), Some(at("2026-03-09T19:00:00Z")), "not at midnight");
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .map(|day| (day.to_owned(), json!([["00:00", "24:00"]])));
        let always = hours(serde_json::Value::Object(days.into_iter().collect()));
        assert_eq!(always.state(monday, ROME), HoursState::Open { closes_at: None });
        assert_eq!(always.next_opening(monday, ROME), None);
        assert_eq!(BusinessHours::default().state(monday, ROME), HoursState::Closed { opens_at: None });
    }

    // Spans between boundaries of the week, each at most a day long.
    fn any_hours() -> impl Strategy<Value = BusinessHours> {
        prop::collection::btree_set(0_u16..10_080, 0..24).prop_map(|cuts| {
            let cuts: Vec<_> = cuts.into_iter().collect();
            let spans = cuts.chunks_exact(2).filter(|pair| pair[1] - pair[0] < 1440).map(|pair| {
                let day = pair[0] / 1440;
                Span { day: day as u8, opens: pair[0] - day * 1440, closes: pair[1] - day * 1440 }
            });
            BusinessHours(spans.collect())
        })
    }

    fn open_by_wall_clock(hours: &BusinessHours, local: NaiveDateTime) -> bool {
        let day = local.weekday().num_days_from_monday() as u16;
        let minute = day * 1440 + (local.hour() * 60 + local.minute()) as u16;
        hours
            .0
            .iter()
            .any(|span| [minute, minute + 10_080].iter().any(|at| (span.start()..span.end()).contains(at)))
    }

    proptest! {
        /// When the clocks do not change, the converted moments agree with the wall clock.
        #[test]
        fn ten_09_is_open_agrees_with_the_wall_clock(hours in any_hours(), minutes in 0_i64..60 * 24 * 365) {
            let moment = at("2026-01-01T00:00:00Z") + Duration::minutes(minutes);
            for zone in [chrono_tz::UTC, ROME, chrono_tz::Australia::Lord_Howe] {
                let offset = |at: DateTime<Utc>| chrono::Offset::fix(at.with_timezone(&zone).offset()).local_minus_utc();
                let around = [-2, -1, 0, 1, 2].map(|days| offset(moment + Duration::days(days)));
                if around.iter().all(|other| *other == around[0]) {
                    let local = moment.with_timezone(&zone).naive_local();
                    prop_assert_eq!(hours.is_open(moment, zone), open_by_wall_clock(&hours, local), "{} {}", zone, local);
                }
            }
        }

        /// The next opening is correct: closed just before it, open at it, and closed at every minute in
        /// between.
        #[test]
        fn ten_09_no_opening_comes_before_the_next_opening(hours in any_hours(), minutes in 0_i64..60 * 24 * 365) {
            let moment = at("2026-01-01T00:00:00Z") + Duration::minutes(minutes);
            if let Some(opens) = hours.next_opening(moment, ROME) {
                prop_assert!(hours.is_open(opens, ROME));
                prop_assert!(!hours.is_open(opens - Duration::seconds(1), ROME));
                if !hours.is_open(moment, ROME) {
                    let between = (opens - moment).num_minutes();
                    let step = (between / 200).max(1);
                    for minute in (0..between).step_by(usize::try_from(step).unwrap()) {
                        prop_assert!(!hours.is_open(moment + Duration::minutes(minute), ROME));
                    }
                }
            }
        }
    }
}
