//! The calls of a use case to its store, step by step: load, decide, save, publish.

use super::*;
use crate as events;
use crate::permission::{BookEvent, ManageAttendance};
use crate::{BookingWithEvent, Bookings, Rank, UseCaseError, Waited, Waitlist, WaitlistEntry, Waitlists};
use futures::executor::block_on;
use mockall::{mock, predicate::eq};
use tryzore_kernel::{
    AuditEntry, Decision, Journal, Outcome, Published, StoreError, StoreResult, WaitlistEntryId,
};

mock! {
    Store {}

    impl Bookings for Store {
        async fn booking_context(
            &mut self,
            event: EventId,
            user: UserId,
            current: Option<OrganizationId>,
        ) -> StoreResult<Option<BookingContext>>;
        async fn booking_context_of_client(&mut self, event: EventId, client: ClientId) -> StoreResult<Option<BookingContext>>;
        async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()>;
        async fn waitlist_mark_promoted(&mut self, booking: &Booking) -> StoreResult<()>;
        async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<BookingWithEvent>>;
        async fn booking_update(&mut self, booking: &Booking, before: BookingState) -> StoreResult<()>;
    }

    impl Waitlists for Store {
        async fn waitlist_open(&mut self, event: EventId) -> StoreResult<Option<Waitlist>>;
        async fn waitlist_entry_insert(&mut self, entry: &WaitlistEntry) -> StoreResult<()>;
        async fn waitlist_entry_remove(&mut self, event: EventId, entry: WaitlistEntryId, at: DateTime<Utc>) -> StoreResult<()>;
        async fn waitlist_entry_pass_over(&mut self, event: EventId, entry: WaitlistEntryId, code: &str) -> StoreResult<()>;
        async fn waitlist_expire(&mut self, event: EventId, at: DateTime<Utc>) -> StoreResult<()>;
    }

    impl Journal for Store {
        fn event_publish(&mut self, event: Published);
        fn decision_record(&mut self, decision: Decision);
        fn audit_append(&mut self, entry: AuditEntry);
    }
}

#[test]
fn a_refused_booking_records_only_the_refusal() {
    let context = context(class(noon() + Duration::hours(5), 1, 1));
    let (user, event, here) = (context.booking_client.user, context.event.id, context.event.organization);
    let mut store = MockStore::new();
    store
        .expect_booking_context()
        .with(eq(event), eq(user), eq(Some(here)))
        .return_once(move |_, _, _| Ok(Some(context)));
    store
        .expect_decision_record()
        .withf(move |decision| decision.outcome == Outcome::Denied && decision.subject == Some(user))
        .once()
        .return_const(());
    let permit = client(user, here).permit::<BookEvent>().unwrap();
    let refused = block_on(events::book(&permit, &mut store, event, noon()));
    assert!(matches!(refused, Err(UseCaseError::Denied(denial)) if denial.code == "events.book.full"));
}

#[test]
fn evt_04_joining_a_full_event_adds_the_client_at_the_end_of_the_waitlist() {
    let context = BookingContext { waiting: 11, ..context(class(noon() + Duration::hours(5), 1, 1)) };
    let (user, event, here) = (context.booking_client.user, context.event.id, context.event.organization);
    let mut store = MockStore::new();
    store.expect_booking_context().return_once(move |_, _, _| Ok(Some(context)));
    store
        .expect_waitlist_entry_insert()
        .withf(move |entry| entry.current == Some(here))
        .once()
        .returning(|_| Ok(()));
    store
        .expect_decision_record()
        .withf(|decision| decision.outcome == Outcome::Allowed)
        .once()
        .return_const(());
    store.expect_event_publish().withf(|event| event.kind == "events.waiting").once().return_const(());
    let permit = client(user, here).permit::<BookEvent>().unwrap();
    let waited = block_on(events::wait(&permit, &mut store, event, noon())).unwrap();
    let Waited::InLine { rank, .. } = waited else { panic!("there is no spot") };
    assert_eq!(rank, Rank { position: 12, of: 12 });
}

#[test]
fn evt_08_canceling_with_an_empty_waitlist_promotes_nobody() {
    let event = class(noon() + Duration::hours(5), 1, 1);
    let booking = booked(&event);
    let (user, id, here) = (booking.user, booking.id, event.organization);
    let mut store = MockStore::new();
    let spot = BookingWithEvent { event, booking, has_attended: false, waiting: 0 };
    store.expect_booking_open().with(eq(id)).return_once(move |_| Ok(Some(spot)));
    store
        .expect_booking_update()
        .withf(|booking, before| (booking.state, *before) == (BookingState::Canceled, BookingState::Booked))
        .once()
        .returning(|_, _| Ok(()));
    store.expect_decision_record().once().return_const(());
    store
        .expect_event_publish()
        .withf(|event| event.kind == "events.booking_canceled")
        .once()
        .return_const(());
    let permit = client(user, here).permit::<BookEvent>().unwrap();
    assert!(block_on(events::cancel_booking(&permit, &mut store, id, noon())).is_ok());
}

#[test]
fn evt_11_a_second_check_in_writes_nothing() {
    let event = class(noon(), 1, 1);
    let booking = as_state(&booked(&event), BookingState::Attended);
    let (id, here) = (booking.id, event.organization);
    let mut store = MockStore::new();
    let spot = BookingWithEvent { event, booking, has_attended: false, waiting: 0 };
    store.expect_booking_open().return_once(move |_| Ok(Some(spot)));
    let permit = staff(UserId::generate(noon()), here, &["events.manage_attendance"]);
    let permit = permit.permit::<ManageAttendance>().unwrap();
    assert!(block_on(events::check_in(&permit, &mut store, id, noon())).is_ok());
}

#[test]
fn a_store_that_fails_ends_the_use_case() {
    let mut store = MockStore::new();
    store.expect_booking_context().return_once(|_, _, _| Err(StoreError::Unavailable("down".into())));
    let here = OrganizationId::generate(noon());
    let permit = client(UserId::generate(noon()), here).permit::<BookEvent>().unwrap();
    let answer = block_on(events::book(&permit, &mut store, EventId::generate(noon()), noon()));
    assert_eq!(answer, Err(UseCaseError::Store(StoreError::Unavailable("down".into()))));
}
