use super::*;
use proptest::prelude::*;

const ROME: Tz = Tz::Europe__Rome;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn daily(hour: u32, minute: u32) -> Cadence {
    Cadence::Daily(NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
}

#[test]
fn minutes_and_hours_start_where_the_clock_says() {
    let at = utc("2026-03-02T11:07:30.5Z");
    assert_eq!(Cadence::EveryMinute.next(Tz::UTC, at), utc("2026-03-02T11:08:00Z"));
    assert_eq!(Cadence::EveryMinute.last(Tz::UTC, at), utc("2026-03-02T11:07:00Z"));
    assert_eq!(Cadence::Hourly.next(Tz::UTC, at), utc("2026-03-02T12:00:00Z"));
    assert_eq!(Cadence::Hourly.last(Tz::UTC, at), utc("2026-03-02T11:00:00Z"));
    // On the dot: due now, next later.
    let dot = utc("2026-03-02T11:00:00Z");
    assert_eq!(Cadence::Hourly.last(Tz::UTC, dot), dot);
    assert_eq!(Cadence::Hourly.next(Tz::UTC, dot), utc("2026-03-02T12:00:00Z"));
}

#[test]
fn a_daily_time_is_in_the_given_time_zone() {
    assert_eq!(daily(2, 0).next(ROME, utc("2026-01-10T00:59:59Z")), utc("2026-01-10T01:00:00Z"));
    assert_eq!(daily(2, 0).next(ROME, utc("2026-01-10T01:00:00Z")), utc("2026-01-11T01:00:00Z"));
    assert_eq!(daily(2, 0).next(ROME, utc("2026-07-10T00:00:00Z")), utc("2026-07-11T00:00:00Z"));
    assert_eq!(
        daily(0, 0).next(Tz::Pacific__Kiritimati, utc("2026-01-10T09:00:00Z")),
        utc("2026-01-10T10:00:00Z")
    );
    assert_eq!(
        daily(23, 59).last(Tz::Pacific__Niue, utc("2026-01-10T10:58:00Z")),
        utc("2026-01-09T10:59:00Z")
    );
}

#[test]
fn a_time_that_the_day_skips_is_the_same_distance_after_the_gap() {
    // 29 March 2026 in Rome: 02:00 is 03:00. 02:30 is at 03:30, which is 01:30 UTC.
    let due = daily(2, 30).next(ROME, utc("2026-03-28T12:00:00Z"));
    assert_eq!(due, utc("2026-03-29T01:30:00Z"));
    assert_eq!(due.with_timezone(&ROME).time(), NaiveTime::from_hms_opt(3, 30, 0).unwrap());
    assert_eq!(daily(2, 30).next(ROME, due), utc("2026-03-30T00:30:00Z"), "and once");
}

#[test]
fn a_time_that_comes_twice_is_the_first_of_the_two() {
    // 25 October 2026 in Rome: 03:00 is 02:00. 02:30 is at 00:30 UTC and at 01:30 UTC.
    let due = daily(2, 30).next(ROME, utc("2026-10-24T12:00:00Z"));
    assert_eq!(due, utc("2026-10-25T00:30:00Z"));
    assert_eq!(daily(2, 30).next(ROME, due), utc("2026-10-26T01:30:00Z"), "and once");
    assert_eq!(daily(2, 30).last(ROME, utc("2026-10-25T02:00:00Z")), due);
}

#[test]
fn the_last_of_missed_minutes_and_three_missed_days_are_due() {
    let now = utc("2026-03-10T11:07:30Z");
    assert_eq!(
        Cadence::EveryMinute.due(Tz::UTC, utc("2026-03-10T09:00:00Z"), now),
        [utc("2026-03-10T11:07:00Z")]
    );
    assert_eq!(Cadence::Hourly.due(Tz::UTC, utc("2026-03-10T07:00:00Z"), now), [utc("2026-03-10T11:00:00Z")]);
    assert!(Cadence::EveryMinute.due(Tz::UTC, utc("2026-03-10T11:07:00Z"), now).is_empty());
    let missed = |last| daily(2, 0).due(ROME, utc(last), now).len();
    assert_eq!(missed("2026-03-10T01:00:00Z"), 0);
    assert_eq!(missed("2026-03-09T01:00:00Z"), 1);
    assert_eq!(missed("2026-03-07T01:00:00Z"), 3);
    assert_eq!(missed("2026-03-06T01:00:00Z"), 3);
    let days = daily(2, 0).due(ROME, utc("2026-01-01T00:00:00Z"), now);
    assert_eq!(days, ["2026-03-08T01:00:00Z", "2026-03-09T01:00:00Z", "2026-03-10T01:00:00Z"].map(utc));
}

proptest! {
    // In every zone, over every change of its clock: each date once, in order, nothing in between.
    #[test]
    fn each_date_has_one_moment(
        zone in 0..chrono_tz::TZ_VARIANTS.len(), minute in 0_u32..1440, start in 0_i64..1_800_000_000,
    ) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let cadence = daily(minute / 60, minute % 60);
        let mut at = DateTime::from_timestamp(start, 0).unwrap();
        prop_assert!(cadence.last(zone, at) <= at);
        for _ in 0..400 {
            let next = cadence.next(zone, at);
            prop_assert!(next > at);
            // A date that a time zone has skipped altogether (Samoa in 2011) has the moment of the next date.
            prop_assert!(next - at <= TimeDelta::hours(50), "{} after {}", next, at);
            prop_assert_eq!(cadence.last(zone, next), next);
            prop_assert!(cadence.last(zone, next - TimeDelta::microseconds(1)) <= at);
            prop_assert_eq!(cadence.next(zone, next - TimeDelta::microseconds(1)), next);
            at = next;
        }
    }
}
