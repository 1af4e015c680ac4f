//! Tests of manual overrides of bookings and fees (SUP-09).

use super::{memory::Memory, *};
use crate::{
    UseCaseError,
    manual_override::{Corrected, Correction, Mark, Undo, apply, preview, revert},
};
use futures::executor::block_on;
use serde_json::json;
use tryzore_rbac::{FactorStanding, Permit, catalogue::ManualOverrides};

struct Stage {
    memory: Memory,
    permit: Permit<ManualOverrides>,
    client: ClientId,
}

impl Stage {
    /// A class with one spot that starts in an hour, and a client.
    fn open() -> Self {
        let mut memory = Memory::of(class(noon() + Duration::hours(1), 1, 0));
        memory.event.rules.noshow_fee = Money::new(1000, Currency::USD);
        memory.event.rules.late_cancel_fee = Money::new(500, Currency::USD);
        let at = memory.event.organization;
        let (client, _) = memory.person(at);
        Self { permit: permit(at), memory, client }
    }

    fn book(&self) -> Correction {
        Correction::Book(self.memory.event.id, self.client)
    }

    fn preview(&mut self, correction: Correction) -> Result<Corrected, UseCaseError> {
        block_on(preview(&self.permit, &mut self.memory, correction, "", noon()))
    }

    fn apply(&mut self, correction: Correction, now: DateTime<Utc>) -> Result<Undo, UseCaseError> {
        block_on(apply(&self.permit, &mut self.memory, correction, "The door was shut", now))
    }

    fn revert(&mut self, undo: &Undo, now: DateTime<Utc>) -> Result<Booking, UseCaseError> {
        block_on(revert(&self.permit, &mut self.memory, undo, now))
    }

    /// Somebody else holds the only spot.
    fn fill(&mut self) {
        let at = self.memory.event.organization;
        let (client, user) = self.memory.person(at);
        let other = Booking { client, user, ..booked(&self.memory.event) };
        block_on(crate::Bookings::booking_insert(&mut self.memory, &other)).unwrap();
    }

    /// The client has a booking in `state` with `fee` minor units.
    fn has(&mut self, state: BookingState, fee: i64) -> BookingId {
        let user = self.memory.people[&self.client].user;
        let fee = Money::new(fee, Currency::USD);
        let booking = Booking { client: self.client, user, state, fee, ..booked(&self.memory.event) };
        block_on(crate::Bookings::booking_insert(&mut self.memory, &booking)).unwrap();
        booking.id
    }

    fn booking(&self) -> (BookingState, i64) {
        let booking = self.memory.bookings.iter().find(|booking| booking.client == self.client).unwrap();
        (booking.state, booking.fee.minor)
    }

    fn spots(&self) -> (u32, u32) {
        (self.memory.event.spots.total(), self.memory.event.spots.booked())
    }
}

/// The permit of somebody who may set rules aside at `at` and has just verified a factor.
fn permit(at: OrganizationId) -> Permit<ManualOverrides> {
    let factor = FactorStanding { used_at: Some(noon()), ..FactorStanding::default() };
    let by = staff(UserId::generate(noon()), at, &["support.manual_override"]).with_factor(factor, noon());
    by.permit_at(noon()).unwrap()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> String {
    match outcome.unwrap_err() {
        UseCaseError::Denied(denial) => code(Err::<(), _>(denial)),
        other => other.to_string(),
    }
}

#[test]
fn sup_09_a_full_event_gets_one_spot_more_and_loses_it_again() {
    let mut stage = Stage::open();
    stage.fill();
    let shown = stage.preview(stage.book()).unwrap();
    assert_eq!(shown.effects[1], "The event is full and gets one spot more: 2 instead of 1.");
    assert_eq!(
        (&shown.state_before()["status"], &shown.state_after()["status"]),
        (&json!(null), &json!("booked"))
    );
    assert_eq!(
        (&shown.state_before()["spots_total"], &shown.state_after()["spots_total"]),
        (&json!(1), &json!(2))
    );
    assert_eq!((stage.spots(), stage.memory.events.len()), ((1, 1), 0), "a preview changes nothing");
    let undo = stage.apply(stage.book(), noon()).unwrap();
    assert_eq!((stage.spots(), stage.booking().0), ((2, 2), BookingState::Booked));
    assert_eq!(refused(stage.apply(stage.book(), noon())), "events.book.already_booked");
    stage.revert(&undo, noon()).unwrap();
    assert_eq!((stage.spots(), stage.booking()), ((1, 1), (BookingState::Canceled, 0)));
    let kinds = ["events.edited", "events.booked", "events.booking_canceled", "events.edited"];
    assert_eq!(stage.memory.kinds(), kinds);
}

#[test]
fn sup_09_reservation_hours_and_the_start_are_set_aside_until_the_end() {
    let mut stage = Stage::open();
    let end = stage.memory.event.ends_at;
    assert!(stage.memory.event.take_bookings(end - TICK).is_err());
    assert_eq!(refused(stage.apply(stage.book(), end)), "events.override.over");
    stage.apply(stage.book(), end - TICK).unwrap();
    assert_eq!((stage.spots(), stage.booking().0), ((1, 1), BookingState::Booked), "no spot is added for it");
}

#[test]
fn sup_09_who_may_not_visit_at_all_gets_no_spot() {
    let mut stage = Stage::open();
    stage.memory.people.get_mut(&stage.client).unwrap().is_active = false;
    assert_eq!(refused(stage.apply(stage.book(), noon())), "events.book.client_archived");
    stage.memory.people.get_mut(&stage.client).unwrap().is_active = true;
    stage.memory.event.state = EventState::Canceled;
    assert_eq!(refused(stage.apply(stage.book(), noon())), "events.override.over");
    stage.memory.event.state = EventState::Scheduled;
    stage.memory.event.rules.is_open = false;
    assert_eq!(refused(stage.apply(stage.book(), noon())), "events.book.location_closed");
}

#[test]
fn sup_09_an_event_never_has_more_spots_than_an_event_can_have() {
    let mut stage = Stage::open();
    for (total, outcome) in [(Spots::MAX - 1, None), (Spots::MAX, Some("events.override.no_more_spots"))] {
        stage.memory.event.spots = Spots::try_new(total, total).unwrap();
        let shown = stage.preview(stage.book());
        assert_eq!(shown.err().map(|error| refused(Err::<(), _>(error))).as_deref(), outcome);
    }
}

#[test]
fn sup_09_a_canceled_booking_is_restored_without_its_fee_and_taken_back_with_it() {
    let mut stage = Stage::open();
    let booking = stage.has(BookingState::CanceledLate, 500);
    let undo = stage.apply(Correction::Restore(booking), noon()).unwrap();
    assert_eq!((stage.booking(), stage.spots()), ((BookingState::Booked, 0), (1, 1)));
    assert_eq!(stage.memory.kinds(), ["events.booked", "events.fee_waived"]);
    assert_eq!(refused(stage.apply(Correction::Restore(booking), noon())), "events.override.not_canceled");
    let start = stage.memory.event.starts_at;
    assert_eq!(refused(stage.revert(&undo, start)), "events.override.revert_over");
    stage.revert(&undo, start - TICK).unwrap();
    assert_eq!((stage.booking(), stage.spots()), ((BookingState::CanceledLate, 500), (1, 0)));
    assert_eq!(refused(stage.revert(&undo, start - TICK)), "events.override.changed_since", "once only");
}

#[test]
fn sup_09_attendance_is_corrected_from_the_start_on_also_when_the_event_is_over() {
    let mut stage = Stage::open();
    let booking = stage.has(BookingState::Booked, 0);
    let came = Correction::Attendance(booking, Mark::Attended);
    let missed = Correction::Attendance(booking, Mark::NoShow);
    let (start, end) = (stage.memory.event.starts_at, stage.memory.event.ends_at);
    assert_eq!(refused(stage.apply(came, start - TICK)), "events.override.not_started");
    let first = stage.apply(came, start).unwrap();
    assert_eq!(refused(stage.apply(came, start)), "events.override.same");
    assert_eq!(
        refused(stage.revert(&first, end)),
        "events.override.revert_over",
        "nobody is expected any more"
    );
    stage.revert(&first, end - TICK).unwrap();
    assert_eq!(stage.booking(), (BookingState::Booked, 0));
    stage.apply(came, end - TICK).unwrap();
    stage.memory.event.state = EventState::Completed;
    let undo = stage.apply(missed, end + Duration::days(1)).unwrap();
    assert_eq!(stage.booking(), (BookingState::NoShow, 1000));
    stage.revert(&undo, end + Duration::days(2)).unwrap();
    assert_eq!(stage.booking(), (BookingState::Attended, 0));
    let kinds = [
        "events.attended",
        "events.attendance_undone",
        "events.attended",
        "events.no_show",
        "events.attended",
        "events.fee_waived",
    ];
    assert_eq!(stage.memory.kinds(), kinds, "a fee is told once");
}

#[test]
fn sup_09_a_fee_is_waived_or_taken_after_all_and_each_is_taken_back() {
    let mut stage = Stage::open();
    let booking = stage.has(BookingState::NoShow, 1000);
    let (waive, restore) = (Correction::WaiveFee(booking), Correction::RestoreFee(booking));
    assert_eq!(refused(stage.apply(restore, noon())), "events.override.no_fee");
    let waived = stage.apply(waive, noon()).unwrap();
    assert_eq!(stage.booking(), (BookingState::NoShow, 0));
    assert_eq!(stage.memory.bookings[0].excuse.as_deref(), Some("The door was shut"));
    assert_eq!(refused(stage.apply(waive, noon())), "events.excuse.no_fee");
    stage.revert(&waived, noon() + Duration::days(9)).unwrap();
    assert_eq!((stage.booking().1, &stage.memory.bookings[0].excuse), (1000, &None));
    stage.apply(waive, noon()).unwrap();
    let restored = stage.apply(restore, noon()).unwrap();
    assert_eq!(stage.booking().1, 1000, "the fee of the location");
    stage.revert(&restored, noon()).unwrap();
    assert_eq!(stage.memory.bookings[0].excuse.as_deref(), Some("The door was shut"));
    let kinds = ["events.fee_waived", "events.fee_restored"].repeat(2);
    assert_eq!(stage.memory.kinds(), [kinds, vec!["events.fee_waived"]].concat());
}

#[test]
fn sup_09_a_booking_at_another_location_is_as_if_it_were_not() {
    let mut stage = Stage::open();
    let booking = stage.has(BookingState::NoShow, 1000);
    let elsewhere = OrganizationId::generate(noon());
    stage.permit = permit(elsewhere);
    assert_eq!(refused(stage.apply(Correction::WaiveFee(booking), noon())), "no such booking");
    assert_eq!(refused(stage.apply(stage.book(), noon())), "no such event or client");
}
