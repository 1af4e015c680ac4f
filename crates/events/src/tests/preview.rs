//! The preview of a series.

use super::{calendar_store::TestStaff, *};
use crate::{
    NewOffer, NewSeries, Rule, SeriesDates, SeriesPreview, UseCaseError, permission::CreateEvent,
    preview_series, series::ClockChange,
};
use futures::executor::block_on;

fn preview(rule: &str, local_time: &str, count: u8) -> Result<SeriesPreview, UseCaseError> {
    let mut office = TestStaff::new();
    let (here, zone) = (office.here, None);
    let dates = SeriesDates {
        rule: Rule::Text(rule.into()),
        starts_on: "2026-03-01".parse().unwrap(),
        local_time: local_time.parse().unwrap(),
        zone,
        exdates: ["2026-03-22".parse().unwrap()].into(),
    };
    let permit = staff(UserId::generate(noon()), here, &["events.create"]).permit::<CreateEvent>().unwrap();
    let new = NewSeries { organization: here, offer: NewOffer::default(), dates };
    block_on(preview_series(&permit, &mut office, new, count, noon()))
}

fn starts(preview: &SeriesPreview) -> Vec<String> {
    preview.starts.iter().map(|start| start.starts_at.format("%m-%d %H:%M").to_string()).collect()
}

#[test]
fn evt_01_the_local_time_stays_and_utc_moves() {
    let sundays = preview("FREQ=WEEKLY;BYDAY=SU", "18:30:00", 4).unwrap();
    assert_eq!(starts(&sundays), ["03-08 17:30", "03-15 17:30", "03-29 16:30", "04-05 16:30"]);
    assert!(sundays.starts.iter().all(|start| start.note.is_none()));
}

#[test]
fn a_start_in_a_gap_or_a_fold_is_marked() {
    let nights = preview("FREQ=WEEKLY;BYDAY=SU", "02:30:00", 60).unwrap();
    assert_eq!(nights.starts.len(), 60);
    let notes: Vec<_> =
        nights.starts.iter().filter_map(|start| Some((start.local_date, start.note?))).collect();
    let date = |text: &str| text.parse().unwrap();
    assert_eq!(
        notes,
        [
            (date("2026-03-29"), ClockChange::GapShift),
            (date("2026-10-25"), ClockChange::FoldFirst),
            (date("2027-03-28"), ClockChange::GapShift)
        ]
    );
}

#[test]
fn one_to_sixty_starts_are_shown_and_no_more_than_there_are() {
    assert_eq!(preview("FREQ=DAILY", "10:00:00", 1).unwrap().starts.len(), 1);
    assert_eq!(preview("FREQ=DAILY", "10:00:00", 60).unwrap().starts.len(), 60);
    for wrong in [0, 61] {
        let refused = preview("FREQ=DAILY", "10:00:00", wrong).unwrap_err();
        assert!(matches!(refused, UseCaseError::Invalid(errors) if errors.pointers() == ["count"]));
    }
    // The starts on 1 and 2 March have passed at noon.
    assert_eq!(
        starts(&preview("FREQ=DAILY;COUNT=4", "10:00:00", 60).unwrap()),
        ["03-03 09:00", "03-04 09:00"]
    );
    assert!(preview("FREQ=SECONDLY", "10:00:00", 3).is_err());
}
