//! What others hear from this crate.

use crate::Booking;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{BookingId, ClientId, EventId, Money, OrganizationId, Published, UserId};

/// What happened. An event of one class is delivered in order: the aggregate is the class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DomainEvent {
    /// A client has a spot.
    Booked(SpotTaken),
}

/// A spot that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotTaken {
    /// The booking.
    pub booking: BookingId,
    /// Of what.
    pub event: EventId,
    /// For whom.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// The client's home.
    pub booked_from: OrganizationId,
    /// Where the event takes place.
    pub attended_at: OrganizationId,
    /// Whether it is the client's first visit: staff are told.
    pub is_first_timer: bool,
    /// Whether it was promoted from the waitlist.
    pub from_waitlist: bool,
    /// What billing is to collect.
    pub price: Money,
}

impl DomainEvent {
    /// `booking` was made.
    #[must_use]
    pub fn booked(booking: &Booking) -> Published {
        let taken = SpotTaken {
            booking: booking.id,
            event: booking.event,
            client: booking.client,
            user: booking.user,
            booked_from: booking.booked_from,
            attended_at: booking.attended_at,
            is_first_timer: booking.is_first_timer,
            from_waitlist: booking.from_waitlist,
            price: booking.price,
        };
        Published::new(
            "events.booked",
            booking.event,
            Some(booking.attended_at),
            booking.created_at,
            &Self::Booked(taken),
        )
        .about(booking.user)
    }
}
