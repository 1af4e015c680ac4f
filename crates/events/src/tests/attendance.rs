//! Check-in, no-shows and completion: the rules at their boundaries.

use super::*;

#[test]
fn evt_11_check_in_opens_thirty_minutes_before_and_closes_at_the_end() {
    let start = noon() + Duration::hours(5);
    let class = class(start, 10, 1);
    let booking = booked(&class);
    let opens = start - Duration::minutes(30);
    let denial = booking.check_in(&class, true, opens - TICK).unwrap_err();
    assert_eq!(denial.code, "events.check_in.too_early");
    assert!(denial.because.iter().any(|fact| fact.fact == "event.checkin_opens_at"));
    for moment in [opens, start, class.ends_at - TICK] {
        assert_eq!(booking.check_in(&class, true, moment).unwrap().state, BookingState::Attended);
    }
    assert_eq!(code(booking.check_in(&class, true, class.ends_at)), "events.check_in.over");
    for state in [EventState::Completed, EventState::Canceled] {
        let over = Event { state, ..class.clone() };
        assert_eq!(code(booking.check_in(&over, true, start)), "events.check_in.not_open");
    }
}

#[test]
fn evt_11_checking_in_twice_changes_nothing() {
    let class = class(noon(), 10, 1);
    let once = booked(&class).check_in(&class, true, noon()).unwrap();
    assert_eq!(once.check_in(&class, false, noon() + Duration::minutes(5)), Ok(once.clone()));
    for state in [BookingState::Canceled, BookingState::CanceledLate, BookingState::NoShow] {
        assert_eq!(code(as_state(&once, state).check_in(&class, true, noon())), "events.check_in.not_booked");
    }
}

#[test]
fn evt_11_first_timer_is_as_of_the_check_in() {
    let class = class(noon(), 10, 1);
    let booking = booked(&class);
    assert!(booking.is_first_timer, "no attendance before the booking");
    assert!(!booking.check_in(&class, false, noon()).unwrap().is_first_timer);
}

#[test]
fn evt_11_a_client_without_a_booking_comes_in_when_there_is_a_spot() {
    let (start, hours) = (noon() + Duration::minutes(30), noon().time());
    let mut with_room = context(class(start, 2, 1));
    with_room.event.rules.reservation_hours =
        Some(crate::booking_rules::ReservationHours { open: hours, close: hours });
    let (booking, _) = with_room.walk_in(noon()).unwrap();
    assert_eq!(booking.state, BookingState::Attended);
    assert!(with_room.walk_in(start + Duration::minutes(10)).is_ok(), "also after the start");
    assert_eq!(code(with_room.walk_in(noon() - TICK)), "events.check_in.too_early");
    assert_eq!(code(context(class(start, 2, 2)).walk_in(noon())), "events.walk_in.full");
}

#[test]
fn evt_12_not_coming_is_marked_from_the_start_on_and_costs_twenty_five_dollars() {
    let start = noon() + Duration::hours(5);
    let class = class(start, 10, 1);
    let booking = booked(&class);
    assert_eq!(code(booking.miss(&class, None, start - TICK)), "events.no_show.not_started");
    let missed = booking.miss(&class, None, start).unwrap();
    assert_eq!((missed.state, missed.fee.to_string()), (BookingState::NoShow, "25.00 USD".into()));
    let excused = booking.miss(&class, Some("ill".into()), start).unwrap();
    assert_eq!((excused.state, excused.fee.minor), (BookingState::NoShow, 0));
    assert_eq!(code(missed.miss(&class, None, start)), "events.no_show.not_booked");
    let off = Event { state: EventState::Canceled, ..class };
    assert_eq!(code(booking.miss(&off, None, start)), "events.no_show.canceled");
}

#[test]
fn evt_12_a_valid_excuse_waives_the_fee_once() {
    let class = class(noon(), 10, 1);
    let missed = booked(&class).miss(&class, None, noon()).unwrap();
    let (excused, fee) = missed.excuse(&class, "road closed".into()).unwrap();
    assert_eq!((fee.minor, excused.fee.minor, excused.state), (2_500, 0, BookingState::NoShow));
    assert_eq!(code(excused.excuse(&class, "again".into())), "events.excuse.no_fee");
}

#[test]
fn evt_11_a_mark_is_taken_back_until_the_end() {
    let class = class(noon(), 10, 1);
    let came = booked(&class).check_in(&class, true, noon()).unwrap();
    assert_eq!(came.undo(&class, class.ends_at - TICK).unwrap().0.state, BookingState::Booked);
    assert_eq!(code(came.undo(&class, class.ends_at)), "events.undo.over");
    let missed = booked(&class).miss(&class, None, noon()).unwrap();
    let (expected, fee) = missed.undo(&class, class.ends_at - TICK).unwrap();
    assert_eq!((expected.state, fee.minor), (BookingState::Booked, 2_500));
    assert_eq!(missed.undo(&class, class.ends_at).unwrap().0.state, BookingState::Attended);
    assert_eq!(code(booked(&class).undo(&class, noon())), "events.undo.nothing");
}

#[test]
fn evt_11_an_event_is_completed_after_its_start_only() {
    let start = noon() + Duration::hours(5);
    let class = class(start, 10, 1);
    assert_eq!(code(class.clone().complete(start - TICK)), "events.complete.not_started");
    assert_eq!(class.clone().complete(start).unwrap().state, EventState::Completed);
    let running = class.clone().begin(start - Duration::minutes(30)).unwrap();
    assert_eq!(running.clone().complete(start - TICK).unwrap().state, EventState::Completed);
    for state in [EventState::Completed, EventState::Canceled] {
        assert_eq!(code(Event { state, ..class.clone() }.complete(start)), "events.complete.over");
    }
}

#[test]
fn an_event_moves_forward_only() {
    let start = noon() + Duration::hours(5);
    let class = class(start, 10, 1);
    let confirmed = class.clone().confirm().unwrap();
    assert_eq!((confirmed.state, confirmed.version), (EventState::Confirmed, 2));
    assert_eq!(code(confirmed.clone().confirm()), "events.confirm.not_scheduled");
    let opens = class.checkin_opens_at();
    assert_eq!(code(confirmed.clone().begin(opens - TICK)), "events.start.too_early");
    let running = confirmed.begin(opens).unwrap();
    assert_eq!(code(running.clone().begin(opens)), "events.start.not_open");
    assert_eq!(running.call_off().unwrap().state, EventState::Canceled);
    let done = Event { state: EventState::Completed, ..class };
    assert_eq!(code(done.call_off()), "events.cancel.completed");
}

#[test]
fn evt_09_reminders_are_due_two_hours_before_a_class_and_a_day_before_a_tour() {
    let start = noon() + Duration::days(2);
    let class = class(start, 10, 1);
    assert_eq!(start - class.reminder_due_at(), Duration::hours(2));
    let tour = Event { kind: EventKind::Tour, ..class };
    assert_eq!(start - tour.reminder_due_at(), Duration::days(1));
}
