//! Booking, giving back, waiting: the rules at their boundaries.

use super::*;
use crate::{
    Rank, Visit, Waitlist, WaitlistCandidate, WaitlistEntry, booking_rules::ReservationHours,
    waitlist::Promotion,
};
use tryzore_kernel::{WaitlistEntryId, denial::Ground};

#[test]
fn evt_08_cancel_by_four_for_a_class_at_six() {
    // Six in the morning of 3 March in Rome is five in UTC; the window is two hours.
    let class = class("2026-03-03T05:00:00Z".parse().unwrap(), 10, 1);
    let four = "2026-03-03T03:00:00Z".parse().unwrap();
    assert_eq!(class.local(class.free_cancellation_until()), "2026-03-03T04:00:00+01:00");
    let booking = booked(&class);
    let (on_time, _) = booking.give_back(&class, four).unwrap();
    assert_eq!((on_time.state, on_time.fee.minor), (BookingState::Canceled, 0), "at four it is free");
    let (late, facts) = booking.give_back(&class, four + TICK).unwrap();
    assert_eq!((late.state, late.fee), (BookingState::CanceledLate, Money::new(1_500, Currency::USD)));
    assert!(facts.iter().any(|fact| fact.fact == "event.free_cancellation_until"));
}

#[test]
fn evt_08_nothing_is_given_back_once_it_has_started() {
    let start = noon() + Duration::hours(5);
    let class = class(start, 10, 1);
    let booking = booked(&class);
    assert_eq!(booking.give_back(&class, start - TICK).unwrap().0.state, BookingState::CanceledLate);
    assert_eq!(code(booking.give_back(&class, start)), "events.cancel_booking.started");
    for state in
        [BookingState::Attended, BookingState::NoShow, BookingState::Canceled, BookingState::CanceledLate]
    {
        assert_eq!(
            code(as_state(&booking, state).give_back(&class, noon())),
            "events.cancel_booking.not_booked"
        );
    }
}

#[test]
fn a_tour_never_costs_anything() {
    let start = noon() + Duration::hours(1);
    let tour = Event { kind: EventKind::Tour, ..class(start, 5, 1) };
    let (late, _) = booked(&tour).give_back(&tour, noon()).unwrap();
    assert_eq!((late.state, late.fee.minor), (BookingState::CanceledLate, 0));
    assert!(booked(&tour).miss(&tour, None, start).unwrap().fee.is_zero());
}

#[test]
fn evt_07_a_spot_is_given_until_the_start() {
    let start = noon() + Duration::hours(5);
    let context = context(class(start, 1, 0));
    assert!(context.admit(start - TICK).is_ok());
    assert_eq!(code(context.admit(start)), "events.book.started");
    for state in [EventState::InProgress, EventState::Completed, EventState::Canceled] {
        let over = BookingContext { event: Event { state, ..context.event.clone() }, ..context.clone() };
        assert_eq!(code(over.admit(noon())), "events.book.not_open");
    }
}

#[test]
fn ten_03_a_location_that_has_closed_gives_no_spots() {
    let start = noon() + Duration::hours(5);
    let open = context(class(start, 20, 0));
    assert!(open.admit(noon()).is_ok());
    let mut closed = open.clone();
    closed.event.rules.is_open = false;
    let denial = closed.admit(noon()).unwrap_err();
    assert_eq!((&*denial.code, denial.ground()), ("events.book.location_closed", Ground::State));
    let facts: Vec<_> = denial.because.iter().map(|fact| (&*fact.fact, fact.value.clone())).collect();
    let at = serde_json::json!(closed.event.organization);
    assert_eq!(facts, [("event.organization", at), ("organization.status", "closed".into())]);
    assert!(denial.remedy.unwrap().action.is_some());
    assert_eq!(code(closed.join_waitlist(noon())), "events.book.location_closed");
    assert_eq!(code(closed.walk_in(start)), "events.book.location_closed");
    assert!(open.walk_in(start).is_ok());
    let one = booking_client(closed.event.organization);
    let waiting = waitlist(&closed.event, vec![one]);
    assert!(
        waiting.is_over(noon()) && waiting.promote(noon()).is_empty(),
        "nobody on the waitlist gets a spot"
    );
}

#[test]
fn evt_07_capacity_is_checked_at_its_boundary() {
    let start = noon() + Duration::hours(5);
    assert!(context(class(start, 20, 19)).admit(noon()).is_ok());
    assert_eq!(code(context(class(start, 20, 20)).admit(noon())), "events.book.full");
    let others = BookingContext { waiting: 1, ..context(class(start, 20, 19)) };
    assert_eq!(code(others.admit(noon())), "events.book.others_wait");
    let alone = BookingContext { rank: Some(Rank { position: 1, of: 1 }), ..others };
    assert!(alone.admit(noon()).is_ok(), "nobody is before the only client on the waitlist");
}

#[test]
fn evt_07_location_is_verified() {
    let event = class(noon() + Duration::hours(5), 20, 0);
    let elsewhere = OrganizationId::generate(noon());
    let guest = |change: &dyn Fn(&mut BookingContext)| {
        let mut context =
            BookingContext { booking_client: booking_client(elsewhere), ..context(event.clone()) };
        context.booking_client.whereabouts.current = Some(context.event.organization);
        change(&mut context);
        context
    };
    let (booking, _) = guest(&|_| ()).admit(noon()).unwrap();
    assert_eq!((booking.booked_from, booking.attended_at), (elsewhere, event.organization));
    assert!(booking.is_visit() && booking.price.is_zero(), "the membership counts here");
    assert_eq!(
        guest(&|context| context.event.rules.honors_memberships = false).admit(noon()).unwrap().0.price.minor,
        2_000
    );
    type Change<'a> = &'a dyn Fn(&mut BookingContext);
    let refusals: [(Change, &str); 4] = [
        (
            &|context| context.booking_client.whereabouts.current = Some(elsewhere),
            "events.book.location_not_selected",
        ),
        (
            &|context| context.booking_client.whereabouts.allowed = vec![elsewhere],
            "events.book.location_restricted",
        ),
        (&|context| context.event.takes_visitors = false, "events.book.visitors_not_taken"),
        (&|context| context.event.rules.takes_visitors = false, "events.book.visitors_not_taken"),
    ];
    for (change, expected) in refusals {
        let denial = guest(change).admit(noon()).unwrap_err();
        assert_eq!((&*denial.code, denial.ground()), (expected, Ground::Right));
    }
}

#[test]
fn evt_03_a_booking_names_its_client_s_home_and_where_it_takes_place() {
    let words = ["booked", "attended", "canceled", "canceled_late", "no_show"];
    for word in words {
        let state: crate::BookingState = serde_json::from_value(word.into()).unwrap();
        assert_eq!(state.holds_spot(), !word.starts_with("canceled"), "{word}");
    }
    let event = class(noon() + Duration::hours(5), 20, 0);
    let (booking, _) = context(event.clone()).admit(noon()).unwrap();
    assert_eq!((booking.booked_from, booking.attended_at), (event.organization, event.organization));
    assert!(!booking.is_visit() && booking.is_first_timer);
    let mut again = context(event.clone());
    again.booking_client.has_attended = true;
    assert!(!again.admit(noon()).unwrap().0.is_first_timer);
}

#[test]
fn ten_07_bookings_are_taken_in_reservation_hours() {
    let mut event = class(noon() + Duration::hours(20), 20, 0);
    let time = |text: &str| text.parse().unwrap();
    event.rules.reservation_hours =
        Some(ReservationHours { open: time("12:00:00"), close: time("18:00:00") });
    assert_eq!(code(event.take_bookings(noon() - TICK)), "events.book.outside_hours");
    assert!(event.take_bookings(noon()).is_ok());
    assert!(event.take_bookings(noon() + Duration::hours(6) - TICK).is_ok());
    assert_eq!(code(event.take_bookings(noon() + Duration::hours(6))), "events.book.outside_hours");
    event.rules.reservation_hours =
        Some(ReservationHours { open: time("22:00:00"), close: time("12:00:00") });
    assert!(event.take_bookings(noon() - TICK).is_ok(), "a span past midnight");
    assert_eq!(code(event.take_bookings(noon())), "events.book.outside_hours");
}

#[test]
fn evt_04_only_full_events_have_a_waitlist() {
    let start = noon() + Duration::hours(5);
    assert_eq!(code(context(class(start, 20, 19)).join_waitlist(noon())), "events.wait.spots_free");
    assert!(context(class(start, 20, 20)).join_waitlist(noon()).is_ok());
    let behind = BookingContext { waiting: 1, ..context(class(start, 20, 19)) };
    assert!(behind.join_waitlist(noon()).is_ok(), "others wait");
    let waits = BookingContext {
        waiting: 12,
        rank: Some(Rank { position: 7, of: 12 }),
        ..context(class(start, 20, 20))
    };
    let denial = waits.join_waitlist(noon()).unwrap_err();
    assert_eq!(denial.code, "events.wait.already_waiting");
    assert!(denial.remedy.unwrap().text.contains("7th of 12"));
    let long = |waiting| BookingContext { waiting, ..context(class(start, 20, 20)) };
    assert!(long(Waitlist::MAX - 1).join_waitlist(noon()).is_ok());
    assert_eq!(code(long(Waitlist::MAX).join_waitlist(noon())), "events.wait.waitlist_full");
    assert_eq!(code(context(class(start, 20, 20)).join_waitlist(start)), "events.book.started");
}

fn waitlist(event: &Event, clients: Vec<BookingClient>) -> Waitlist {
    let candidate = |booking_client: BookingClient| WaitlistCandidate {
        entry: WaitlistEntry {
            id: WaitlistEntryId::generate(noon()),
            event: event.id,
            client: booking_client.client,
            user: booking_client.user,
            current: booking_client.whereabouts.current,
            added_at: noon(),
            added_by: None,
        },
        booking_client,
        passed_over: None,
    };
    Waitlist { event: event.clone(), candidates: clients.into_iter().map(candidate).collect() }
}

#[test]
fn evt_10_the_first_who_may_have_the_spot_gets_it() {
    let start = noon() + Duration::hours(5);
    let event = class(start, 2, 1);
    let home = event.organization;
    let archived = BookingClient { is_active: false, ..booking_client(home) };
    // At home elsewhere, and had switched to another location when joining.
    let away = booking_client(OrganizationId::generate(noon()));
    let mut guest = booking_client(OrganizationId::generate(noon()));
    guest.whereabouts.current = Some(home);
    let waitlist = waitlist(&event, vec![archived, away, guest.clone(), booking_client(home)]);
    let promotions = waitlist.promote(noon());
    let codes = promotions.iter().map(|(_, promotion)| match promotion {
        Promotion::PassedOver(denial) => denial.code.to_string(),
        Promotion::Promoted { booking, .. } => {
            assert_eq!((booking.user, booking.from_waitlist), (guest.user, true));
            "promoted".to_owned()
        }
    });
    let expected = ["events.book.client_archived", "events.book.location_not_selected", "promoted"];
    assert_eq!(codes.collect::<Vec<_>>(), expected, "the fourth is not considered: no spot is free");
    assert_eq!(waitlist.promote(start - TICK).len(), 3);
    assert!(waitlist.promote(start).is_empty(), "no promotion once it has started");
}

#[test]
fn evt_10_standard_cancellation_rules_hold_for_a_promoted_booking() {
    let start = noon() + Duration::hours(1);
    let event = class(start, 1, 0);
    let waitlist = waitlist(&event, vec![booking_client(event.organization)]);
    let Some((_, Promotion::Promoted { booking, .. })) = waitlist.promote(noon()).pop() else {
        panic!("no spot")
    };
    assert_eq!(booking.give_back(&event, noon()).unwrap().0.state, BookingState::CanceledLate);
}

#[test]
fn the_kind_of_a_visit_and_its_price() {
    let event = class(noon(), 1, 0);
    assert_eq!(booking_client(event.organization).may_come(&event), Ok(Visit::Home));
}
