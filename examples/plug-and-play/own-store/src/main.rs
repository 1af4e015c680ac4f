//! A class is booked with the rules of `tryzore-events` in a store of our own: no database, no web server, no runtime.
//! The crate wants two things of a store: `Bookings`, who books what, and `Journal`, what happened.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Europe::Rome;
use futures::executor::block_on;
use std::error::Error;
use tryzore_events::{
    Booking, BookingClient, BookingContext, BookingRules, BookingState, BookingWithEvent, Bookings, Event,
    EventKind, Spots, UseCaseError, Whereabouts, book, permission::BookEvent,
};
use tryzore_kernel::{
    AuditEntry, BookingId, ClientId, Clock, Currency, Decision, EventId, Journal, OrganizationId, Published,
    SessionId, StoreError, StoreResult, SystemClock, TenantId, UserId,
};
use tryzore_rbac::{Actor, Grants, Holdings};

/// One class, the clients of its location, and its bookings.
struct Store {
    class: Event,
    clients: Vec<(ClientId, UserId)>,
    bookings: Vec<Booking>,
}

impl Bookings for Store {
    // A database locks the class here, until the transaction ends. `&mut Store` is exclusive already.
    async fn booking_context(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<BookingContext>> {
        let known = self.clients.iter().find(|(_, of)| event == self.class.id && *of == user);
        let Some(&(client, _)) = known else { return Ok(None) };
        let own = || self.bookings.iter().filter(|booking| booking.client == client);
        let whereabouts = Whereabouts { home: self.class.organization, current, allowed: Vec::new() };
        let has_attended = own().any(|booking| booking.state == BookingState::Attended);
        let holds = own().find(|booking| booking.state.holds_spot()).map(|booking| booking.id);
        let booking_client =
            BookingClient { client, user, is_active: true, whereabouts, has_attended, holds };
        Ok(Some(BookingContext { event: self.class()?, booking_client, waiting: 0, rank: None }))
    }

    async fn booking_context_of_client(
        &mut self,
        event: EventId,
        client: ClientId,
    ) -> StoreResult<Option<BookingContext>> {
        let user = self.clients.iter().find(|(of, _)| *of == client).map(|(_, user)| *user);
        let Some(user) = user else { return Ok(None) };
        self.booking_context(event, user, Some(self.class.organization)).await
    }

    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()> {
        self.bookings.push(booking.clone());
        self.class().map(drop)
    }

    async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<BookingWithEvent>> {
        let found = self.bookings.iter().find(|one| one.id == booking).cloned();
        let event = self.class()?;
        Ok(found.map(|booking| BookingWithEvent { event, booking, has_attended: false, waiting: 0 }))
    }

    async fn booking_update(&mut self, booking: &Booking, _: BookingState) -> StoreResult<()> {
        self.bookings.iter_mut().filter(|one| one.id == booking.id).for_each(|one| *one = booking.clone());
        Ok(())
    }

    async fn waitlist_mark_promoted(&mut self, _: &Booking) -> StoreResult<()> {
        Ok(()) // There is no waitlist.
    }
}

impl Journal for Store {
    fn event_publish(&mut self, event: Published) {
        println!("published: {}", event.kind);
    }

    fn decision_record(&mut self, decision: Decision) {
        println!("decided: {} {:?}", decision.command.name, decision.outcome);
    }

    fn audit_append(&mut self, _: AuditEntry) {}
}

impl Store {
    /// The class with its taken spots; more than there are is a conflict, as a CHECK of a table would be.
    fn class(&self) -> StoreResult<Event> {
        let taken = u32::try_from(self.bookings.iter().filter(|one| one.state.holds_spot()).count());
        let spots = taken.ok().and_then(|taken| Spots::try_new(self.class.spots.total(), taken));
        let spots = spots.ok_or_else(|| StoreError::Conflict("spots".into()))?;
        Ok(Event { spots, ..self.class.clone() })
    }
}

/// Only grants give a permit, and nobody books without one. What someone holds is stored wherever you like.
fn book_as(user: UserId, store: &mut Store, now: DateTime<Utc>) -> Result<Booking, UseCaseError> {
    let actor = Actor::User { user, session: SessionId::generate(now) };
    let client = Holdings { is_client: true, ..Holdings::default() };
    let grants = Grants::compile(actor, TenantId::generate(now), Some(store.class.organization), &client);
    let (permit, class) = (grants.permit::<BookEvent>()?, store.class.id);
    block_on(book(&permit, store, class, now))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (now, hour) = (SystemClock.now(), Duration::hours(1));
    let (rules, time) = (BookingRules::initial(Rome, Currency::EUR), now + hour * 5..now + hour * 6);
    let class = Event::new(OrganizationId::generate(now), EventKind::Class, "Yoga", time, 1, rules, now);
    let [ada, eve] = [(); 2].map(|()| (ClientId::generate(now), UserId::generate(now)));
    let mut store = Store { class, clients: vec![ada, eve], bookings: Vec::new() };
    println!("Ada has the only spot of Yoga: {}", book_as(ada.1, &mut store, now)?.id);
    let Err(UseCaseError::Denied(denial)) = book_as(eve.1, &mut store, now) else {
        return Err("not refused".into());
    };
    println!("Eve is refused: {}", denial.code);
    denial.because.iter().for_each(|fact| println!("  because {} is {}", fact.fact, fact.value));
    denial.remedy.iter().for_each(|remedy| println!("  remedy: {}", remedy.text));
    Ok(())
}
