//! Booking with a custom store: no database, no web server, no async runtime.
//!
//! Another program provides a type that implements two ports: [`Bookings`], which reads what decides a
//! booking and stores bookings, and [`Journal`], which records events and decisions. The rules come
//! from the crate. Here the store is a vector; with a database it is a transaction, and the
//! documentation of the ports says what must be locked.
//!
//! `cargo run -p tryzore-events --example own_store`
#![allow(clippy::print_stdout, reason = "an example that prints what happens")]

use chrono::{DateTime, Duration, Utc};
use futures::executor::block_on;
use std::sync::Arc;
use tryzore_events::{
    Booking, BookingClient, BookingContext, BookingRules, BookingState, BookingWithEvent, Bookings, Event,
    EventKind, EventState, Spots, UseCaseError, book, permission::BookEvent, visit::Whereabouts,
};
use tryzore_kernel::{
    AuditEntry, BookingId, ClientId, Currency, Decision, Denial, EventId, Journal, Money, OrganizationId,
    Published, SessionId, StoreResult, TenantId, UserId,
};
use tryzore_rbac::{Actor, Grants, Holdings};

/// One class, its clients, its bookings, and what was published and decided.
struct Store {
    class: Event,
    clients: Vec<(ClientId, UserId)>,
    bookings: Vec<Booking>,
    sent: Vec<Published>,
    decided: Vec<Decision>,
}

impl Bookings for Store {
    // A database locks the event here: `SELECT … FOR NO KEY UPDATE`. Here, `&mut Store` already is
    // exclusive.
    async fn booking_context(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<BookingContext>> {
        let known = self.clients.iter().find(|(_, of)| event == self.class.id && *of == user);
        let Some((client, _)) = known else { return Ok(None) };
        let of_client = |booking: &&Booking| booking.client == *client;
        let holds = |booking: &&Booking| of_client(booking) && booking.state.holds_spot();
        let came = |booking: &Booking| of_client(&booking) && booking.state == BookingState::Attended;
        let home = self.class.organization;
        let booking_client = BookingClient {
            client: *client,
            user,
            is_active: true,
            whereabouts: Whereabouts { home, current, allowed: Vec::new() },
            has_attended: self.bookings.iter().any(came),
            holds: self.bookings.iter().find(holds).map(|booking| booking.id),
        };
        Ok(Some(BookingContext { event: self.class.clone(), booking_client, waiting: 0, rank: None }))
    }

    async fn booking_context_of_client(
        &mut self,
        event: EventId,
        client: ClientId,
    ) -> StoreResult<Option<BookingContext>> {
        let Some((_, user)) = self.clients.iter().copied().find(|(of, _)| *of == client) else {
            return Ok(None);
        };
        self.booking_context(event, user, Some(self.class.organization)).await
    }

    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()> {
        self.bookings.push(booking.clone());
        self.count();
        Ok(())
    }

    async fn waitlist_mark_promoted(&mut self, _: &Booking) -> StoreResult<()> {
        Ok(())
    }

    async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<BookingWithEvent>> {
        let found = self.bookings.iter().find(|known| known.id == booking).cloned();
        let event = self.class.clone();
        Ok(found.map(|booking| BookingWithEvent { event, booking, has_attended: false, waiting: 0 }))
    }

    async fn booking_update(&mut self, booking: &Booking, _: BookingState) -> StoreResult<()> {
        for known in self.bookings.iter_mut().filter(|known| known.id == booking.id) {
            known.clone_from(booking);
        }
        self.count();
        Ok(())
    }
}

// A database appends rows to the same transaction.
impl Journal for Store {
    fn event_publish(&mut self, event: Published) {
        self.sent.push(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.decided.push(decision);
    }

    fn audit_append(&mut self, _: AuditEntry) {}
}

impl Store {
    // `Spots` can't have more bookings than spots: the type is a second guard, like the CHECK of a
    // table.
    fn count(&mut self) {
        let held = self.bookings.iter().filter(|booking| booking.state.holds_spot()).count();
        let counted =
            u32::try_from(held).ok().and_then(|held| Spots::try_new(self.class.spots.total(), held));
        self.class.spots = counted.unwrap_or(self.class.spots);
    }
}

fn yoga(now: DateTime<Utc>) -> Event {
    let euros = |minor| Money::new(minor, Currency::EUR);
    Event {
        id: EventId::generate(now),
        organization: OrganizationId::generate(now),
        kind: EventKind::Class,
        template: None,
        series: None,
        name: "Yoga".into(),
        staff: None,
        starts_at: now + Duration::hours(5),
        ends_at: now + Duration::hours(6),
        spots: Spots::empty(1),
        location: "Room 1".into(),
        state: EventState::Scheduled,
        takes_visitors: true,
        room: None,
        reminded_at: None,
        version: 1,
        rules: BookingRules {
            is_open: true,
            zone: chrono_tz::Europe::Rome,
            cancellation_window: Duration::hours(2),
            checkin_window: Duration::minutes(30),
            late_cancel_fee: euros(1_500),
            noshow_fee: euros(2_500),
            drop_in_price: euros(2_000),
            reservation_hours: None,
            takes_visitors: true,
            honors_memberships: true,
        },
    }
}

/// The grants of a client of the tenant: every client has `own.book`. There is no other way to get a
/// permit, and without a permit `book` cannot be called.
fn as_client(user: UserId, tenant: TenantId, at: OrganizationId, now: DateTime<Utc>) -> Arc<Grants> {
    let actor = Actor::User { user, session: SessionId::generate(now) };
    Grants::compile(actor, tenant, Some(at), &Holdings { is_client: true, ..Holdings::default() })
}

/// The reason why the example stops.
#[derive(Debug)]
enum Stopped {
    NoPermit(#[allow(dead_code, reason = "printed with the error")] Denial),
    NotBooked(#[allow(dead_code, reason = "printed with the error")] UseCaseError),
    NotRefused,
}

fn story(now: DateTime<Utc>) -> Result<(Store, Booking, Denial), Stopped> {
    let class = yoga(now);
    let (tenant, at, event) = (TenantId::generate(now), class.organization, class.id);
    let [ada, eve] = [(); 2].map(|()| (ClientId::generate(now), UserId::generate(now)));
    let mut store =
        Store { class, clients: vec![ada, eve], bookings: Vec::new(), sent: Vec::new(), decided: Vec::new() };

    let permit = as_client(ada.1, tenant, at, now).permit::<BookEvent>().map_err(Stopped::NoPermit)?;
    let booking = block_on(book(&permit, &mut store, event, now)).map_err(Stopped::NotBooked)?;

    let permit = as_client(eve.1, tenant, at, now).permit::<BookEvent>().map_err(Stopped::NoPermit)?;
    match block_on(book(&permit, &mut store, event, now)) {
        Err(UseCaseError::Denied(denial)) => Ok((store, booking, denial)),
        Err(other) => Err(Stopped::NotBooked(other)),
        Ok(_) => Err(Stopped::NotRefused),
    }
}

fn main() -> Result<(), Stopped> {
    let (store, booking, denial) = story(DateTime::UNIX_EPOCH)?;
    println!("Ada has the one spot of {}: {}", store.class.name, booking.id);
    println!("Eve is refused: {}", denial.code);
    for fact in &denial.because {
        println!("  because {} is {}", fact.fact, fact.value);
    }
    if let Some(remedy) = &denial.remedy {
        println!("  remedy: {}", remedy.text);
    }
    println!("published: {:?}", store.sent.iter().map(|event| &*event.kind).collect::<Vec<_>>());
    println!("decided: {:?}", store.decided.iter().map(|decision| &*decision.code).collect::<Vec<_>>());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spot_is_booked_once_and_the_refusal_has_a_reason() {
        let (store, booking, denial) = story(DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(store.bookings, [booking]);
        assert_eq!(denial.code, "events.book.full");
        assert_eq!(store.class.spots.free(), 0);
        assert_eq!(store.sent.iter().map(|event| &*event.kind).collect::<Vec<_>>(), ["events.booked"]);
        let codes: Vec<_> = store.decided.iter().map(|decision| &*decision.code).collect();
        assert_eq!(codes, ["allowed", "events.book.full"]);
    }
}
