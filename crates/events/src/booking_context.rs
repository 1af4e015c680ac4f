//! The booking context: everything that decides a booking of one client, read under the event's lock.
//!
//! The transaction that reads the booking context holds the event's lock, so the context stays true
//! until that transaction ends. The context either admits the client, or gives the reason for the
//! refusal and what would change it.

use crate::{Booking, BookingState, Event, Rank, Visit, Waitlist, visit::Whereabouts};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, ClientId, Denial, Fact, UserId};

/// What is known about the client who wants a spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingClient {
    /// The id of the client.
    pub client: ClientId,
    /// The user account of the client.
    pub user: UserId,
    /// Whether the client is active.
    pub is_active: bool,
    /// The client's home location, current location and allowed locations.
    pub whereabouts: Whereabouts,
    /// Whether the client has attended anything before.
    pub has_attended: bool,
    /// The client's current booking at this event.
    pub holds: Option<BookingId>,
}

impl BookingClient {
    /// How the client may visit `event`, whatever the time.
    ///
    /// # Errors
    /// `events.book.already_booked`, or an error of [`Whereabouts::visit`].
    pub fn may_come(&self, event: &Event) -> Result<Visit, Denial> {
        if let Some(booking) = self.holds {
            return Err(Denial::state("events.book.already_booked")
                .because("booking", booking)
                .remedy("You have a spot already.", None));
        }
        self.whereabouts.visit(event)
    }

    /// Checks that the client is active.
    ///
    /// # Errors
    /// `events.book.client_archived`.
    pub fn be_active(&self) -> Result<(), Denial> {
        if self.is_active {
            return Ok(());
        }
        Err(Denial::right("events.book.client_archived")
            .because("client.status", "archived")
            .remedy("Ask the front desk to reactivate you.", None))
    }

    /// The facts behind giving the client one of the spots of `event` as `visit`.
    #[must_use]
    pub fn facts(&self, event: &Event, waiting: u32, visit: Visit) -> Vec<Fact> {
        vec![
            Fact::new("event.spots_total", event.spots.total()),
            Fact::new("event.spots_free", event.spots.free()),
            Fact::new("event.waiting", waiting),
            Fact::new("client.visit", visit),
            Fact::new("client.is_first_timer", !self.has_attended),
        ]
    }

    /// The booking that gives the client a spot of `event` as `visit`.
    #[must_use]
    pub fn booking(&self, event: &Event, visit: Visit, now: DateTime<Utc>) -> Booking {
        Booking {
            id: BookingId::generate(now),
            event: event.id,
            client: self.client,
            user: self.user,
            booked_from: self.whereabouts.home,
            attended_at: event.organization,
            state: BookingState::Booked,
            state_at: now,
            is_first_timer: !self.has_attended,
            from_waitlist: false,
            price: visit.price(event),
            fee: event.rules.nothing(),
            excuse: None,
            created_at: now,
            booked_by: None,
            canceled_by: None,
        }
    }
}

/// Everything that decides a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingContext {
    /// The event that is to be booked, locked.
    pub event: Event,
    /// The client who wants to book.
    pub booking_client: BookingClient,
    /// The number of clients on the waitlist, who get a free spot first.
    pub waiting: u32,
    /// The client's own rank on the waitlist.
    pub rank: Option<Rank>,
}

impl BookingContext {
    /// A booking for the client, made at `now`, and the facts behind it.
    ///
    /// # Errors
    /// The first reason for the refusal, checked in this order: the client, the event, the location, an
    /// earlier booking, the waitlist, the spots.
    pub fn admit(&self, now: DateTime<Utc>) -> Result<(Booking, Vec<Fact>), Denial> {
        let visit = self.may_have_spot(now)?;
        if self.is_full() || self.others_wait() > 0 {
            let code = if self.is_full() { "events.book.full" } else { "events.book.others_wait" };
            return Err(Denial::state(code)
                .because("event.spots_total", self.event.spots.total())
                .because("event.spots_free", self.event.spots.free())
                .because("event.waiting", self.waiting)
                .remedy(
                    "Join the waitlist: a freed spot is yours when it is your turn.",
                    Some("join_waitlist"),
                ));
        }
        Ok((self.booking_client.booking(&self.event, visit, now), self.facts(visit)))
    }

    /// How the client may visit the event, checked for everything but free spots.
    ///
    /// # Errors
    /// The first reason for the refusal.
    pub fn may_have_spot(&self, now: DateTime<Utc>) -> Result<Visit, Denial> {
        self.booking_client.be_active()?;
        self.event.take_bookings(now)?;
        self.booking_client.may_come(&self.event)
    }

    /// Checks that the client may join the waitlist, and gives the facts behind it (EVT-04).
    ///
    /// # Errors
    /// The reasons that refuse a spot; `events.wait.already_waiting`, `events.wait.spots_free`,
    /// `events.wait.waitlist_full`.
    pub fn join_waitlist(&self, now: DateTime<Utc>) -> Result<Vec<Fact>, Denial> {
        let visit = self.may_have_spot(now)?;
        if let Some(rank) = self.rank {
            return Err(Denial::state("events.wait.already_waiting")
                .because("waitlist.position", rank.position)
                .because("event.waiting", rank.of)
                .remedy(
                    format!("You are {rank} on the waitlist. Keep your place or leave it."),
                    Some("leave_waitlist"),
                ));
        }
        if !self.is_full() && self.waiting == 0 {
            return Err(Denial::state("events.wait.spots_free")
                .because("event.spots_free", self.event.spots.free())
                .remedy("There is a free spot: book it.", Some("book_event")));
        }
        if self.waiting >= Waitlist::MAX {
            return Err(Denial::state("events.wait.waitlist_full")
                .because("event.waiting", self.waiting)
                .because("waitlist.limit", Waitlist::MAX)
                .remedy("Choose another event.", Some("list_schedule")));
        }
        Ok(self.facts(visit))
    }

    /// A booking for a client who is at the front desk without one, already checked in (EVT-11), and
    /// the facts behind it. Reservation hours don't apply, because the client is here. The waitlist
    /// doesn't apply either: a waiting client who may have a free spot was promoted already.
    ///
    /// # Errors
    /// The reasons that refuse the client; `events.book.location_closed`, `events.check_in.too_early`,
    /// `events.check_in.over`, `events.check_in.not_open`, `events.walk_in.full`.
    pub fn walk_in(&self, now: DateTime<Utc>) -> Result<(Booking, Vec<Fact>), Denial> {
        self.booking_client.be_active()?;
        self.event.be_hosted()?;
        self.event.take_arrivals(now)?;
        let visit = self.booking_client.may_come(&self.event)?;
        if self.is_full() {
            return Err(Denial::state("events.walk_in.full")
                .because("event.spots_total", self.event.spots.total())
                .because("event.spots_free", 0)
                .remedy("Raise the number of spots if the room has space.", Some("edit_event")));
        }
        let booking = self.booking_client.booking(&self.event, visit, now);
        Ok((Booking { state: BookingState::Attended, ..booking }, self.facts(visit)))
    }

    fn is_full(&self) -> bool {
        self.event.spots.free() == 0
    }

    fn others_wait(&self) -> u32 {
        self.waiting - u32::from(self.rank.is_some())
    }

    fn facts(&self, visit: Visit) -> Vec<Fact> {
        self.booking_client.facts(&self.event, self.waiting, visit)
    }
}
