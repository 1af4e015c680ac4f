//! The events of a series, and how a series is split and ended.

use super::*;
use crate::{
    Offer, Rule, SeriesPlan,
    plan::HORIZON_DAYS,
    series::{End, Schedule, ScheduleFields, Series},
};
use chrono::{Days, NaiveDate, NaiveTime};
use tryzore_kernel::SeriesId;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
}

fn offer() -> Offer {
    Offer {
        name: "Yoga".into(),
        staff: None,
        duration_minutes: 60,
        spots_total: 10,
        location: "Room 1".into(),
        takes_visitors: true,
    }
}

/// Starts on Monday 2 March 2026 at 18:00 in Rome.
fn plan(rule: &str) -> SeriesPlan {
    let zone = chrono_tz::Europe::Rome;
    let fields = ScheduleFields {
        zone,
        rule: Rule::Text(rule.into()).resolve(zone, at(18)).unwrap(),
        starts_on: date("2026-03-02"),
        local_time: at(18),
        duration_minutes: 60,
        exdates: [date("2026-03-09")].into(),
    };
    SeriesPlan {
        series: Series {
            id: SeriesId::generate(noon()),
            organization: OrganizationId::generate(noon()),
            template: None,
            schedule: Schedule::try_new(fields).unwrap(),
        },
        kind: EventKind::Class,
        offer: offer(),
        is_ended: false,
        materialized_until: None,
        version: 1,
    }
}

fn dates(events: &[Event]) -> Vec<NaiveDate> {
    events.iter().map(|event| event.series.unwrap().on).collect()
}

#[test]
fn events_are_made_eight_weeks_ahead_and_never_twice() {
    let (plan, events) = plan("FREQ=DAILY").extend(&rules(), noon());
    assert_eq!(events.len(), usize::from(HORIZON_DAYS) - 1, "but the date that is left out");
    assert_eq!(plan.materialized_until, Some(date("2026-03-02") + Days::new(55)));
    assert_eq!(events[0].starts_at, noon() + Duration::hours(6));
    let summer = events.iter().find(|event| event.series.unwrap().on == date("2026-03-29")).unwrap();
    assert_eq!(summer.local(summer.starts_at), "2026-03-29T18:00:00+02:00", "18:00 stays 18:00");
    let (same, none) = plan.clone().extend(&rules(), noon());
    assert!(same == plan && none.is_empty());
    let (_, next) = plan.extend(&rules(), noon() + Duration::days(1));
    assert_eq!(dates(&next), [date("2026-03-02") + Days::new(56)]);
}

#[test]
fn a_start_that_has_passed_today_is_not_made() {
    let six = "2026-03-02T17:00:00Z".parse().unwrap();
    assert_eq!(dates(&plan("FREQ=DAILY").extend(&rules(), six - TICK).1)[0], date("2026-03-02"));
    assert_eq!(dates(&plan("FREQ=DAILY").extend(&rules(), six).1)[0], date("2026-03-03"));
}

#[test]
fn a_series_that_runs_out_ends_by_itself() {
    let (plan, events) = plan("FREQ=DAILY;UNTIL=20260304").extend(&rules(), noon());
    assert_eq!(events.len(), 3);
    assert!(plan.is_ended);
}

#[test]
fn ending_keeps_the_count_of_the_rule() {
    let (daily, _) = plan("FREQ=DAILY").extend(&rules(), noon());
    let ended = daily.clone().end(date("2026-03-10")).unwrap();
    assert_eq!(ended.fields().rule.end(), End::Until(date("2026-03-10")));
    assert!(ended.is_ended, "all of its events were made");
    let later = daily.clone().end(date("2026-12-31")).unwrap();
    assert!(!later.is_ended, "more are to come");
    let never = daily.end(date("2026-03-01")).unwrap();
    assert!(never.is_ended, "before it began");
    let few = plan("FREQ=DAILY;COUNT=5").end(date("2026-03-20")).unwrap();
    assert_eq!(few.fields().rule.end(), End::Count(5), "a later end makes no more dates");
}

#[test]
fn splitting_keeps_the_weeks_and_the_count() {
    let before = plan("FREQ=WEEKLY;INTERVAL=2;COUNT=6;BYDAY=MO");
    // Mondays 2, 16, 30 March, 13, 27 April, 11 May.
    let id = SeriesId::generate(noon());
    let (head, tail) = before.clone().split(date("2026-03-24"), offer(), at(19), id).unwrap();
    let head = head.unwrap();
    assert_eq!((head.series.id, tail.series.id), (before.series.id, id));
    assert_eq!(dates(&head.extend(&rules(), noon()).1), [date("2026-03-02"), date("2026-03-16")]);
    let (tail, events) = tail.extend(&rules(), noon());
    let expected = ["2026-03-30", "2026-04-13"].map(date);
    assert_eq!(dates(&events), expected, "every second week, in the same weeks");
    assert_eq!(tail.fields().rule.end(), End::Count(4));
    assert_eq!(events[0].local(events[0].starts_at), "2026-03-30T19:00:00+02:00");
}

#[test]
fn splitting_at_the_first_date_changes_the_same_series() {
    let before = plan("FREQ=DAILY");
    let (head, tail) =
        before.clone().split(date("2026-03-01"), offer(), at(19), SeriesId::generate(noon())).unwrap();
    assert!(head.is_none());
    assert_eq!((tail.series.id, tail.version), (before.series.id, 2));
    let over = plan("FREQ=DAILY;UNTIL=20260304");
    assert!(over.split(date("2026-03-05"), offer(), at(19), SeriesId::generate(noon())).is_err());
}
