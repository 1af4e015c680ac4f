//! The desk: everything that decides a booking of one client, read under the event's lock.
//!
//! Whoever holds the desk is alone with the event, so what it shows stays true until the
//! transaction ends. It admits, or says why not and what would change that.

use crate::{Booking, BookingState, Event, Visit, visit::Whereabouts};
use chrono::{DateTime, Utc};
use tryzore_kernel::{BookingId, ClientId, Denial, Fact, UserId};

/// What is known of the client who wants a spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The client.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// Whether the client is active.
    pub is_active: bool,
    /// Where the client belongs and is.
    pub whereabouts: Whereabouts,
    /// Whether the client has attended anything before.
    pub has_attended: bool,
    /// The spot that the client holds at this event already.
    pub holds: Option<BookingId>,
}

/// Everything that decides a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// What is to be booked, locked.
    pub event: Event,
    /// Who wants to book.
    pub standing: Standing,
    /// How many wait in line: a free spot is theirs first.
    pub waiting: u32,
}

impl Desk {
    /// A booking for the client, made at `now`, and the facts that stand behind it.
    ///
    /// # Errors
    /// The first reason that stands against it: the client, the event, the location, an earlier
    /// booking, the line, the spots.
    pub fn admit(&self, now: DateTime<Utc>) -> Result<(Booking, Vec<Fact>), Denial> {
        let visit = self.may_have_spot(now)?;
        let free = self.event.spots.free();
        if free == 0 || self.waiting > 0 {
            let code = if free == 0 { "events.book.full" } else { "events.book.others_wait" };
            return Err(Denial::state(code)
                .because("event.spots_total", self.event.spots.total())
                .because("event.spots_free", free)
                .because("event.waiting", self.waiting)
                .remedy(
                    "Join the waitlist: a freed spot is yours when it is your turn.",
                    Some("events.wait"),
                ));
        }
        Ok((self.booking(visit, false, now), self.facts(visit)))
    }

    /// As what the client may have a spot, if there is one: all but the count.
    ///
    /// # Errors
    /// The first reason that stands against it.
    pub fn may_have_spot(&self, now: DateTime<Utc>) -> Result<Visit, Denial> {
        let standing = &self.standing;
        if !standing.is_active {
            return Err(Denial::right("events.book.client_archived")
                .because("client.status", "archived")
                .remedy("Ask the front desk to reactivate you.", None));
        }
        self.event.take_bookings(now)?;
        if let Some(booking) = standing.holds {
            return Err(Denial::state("events.book.already_booked")
                .because("booking", booking)
                .remedy("You have your spot.", None));
        }
        standing.whereabouts.visit(&self.event)
    }

    /// The facts that stand behind an admission as `visit`.
    #[must_use]
    pub fn facts(&self, visit: Visit) -> Vec<Fact> {
        vec![
            Fact::new("event.spots_total", self.event.spots.total()),
            Fact::new("event.spots_free", self.event.spots.free()),
            Fact::new("event.waiting", self.waiting),
            Fact::new("client.visit", visit),
            Fact::new("client.is_first_timer", !self.standing.has_attended),
        ]
    }

    /// The booking that an admission as `visit` makes.
    #[must_use]
    pub fn booking(&self, visit: Visit, from_waitlist: bool, now: DateTime<Utc>) -> Booking {
        Booking {
            id: BookingId::generate(now),
            event: self.event.id,
            client: self.standing.client,
            user: self.standing.user,
            booked_from: self.standing.whereabouts.home,
            attended_at: self.event.organization,
            state: BookingState::Booked,
            state_at: now,
            is_first_timer: !self.standing.has_attended,
            from_waitlist,
            price: visit.price(&self.event),
            created_at: now,
        }
    }
}
