//! The waitlist of an event: the clients who wait for a spot, in order, read under the event's lock
//! (EVT-04, EVT-10).
//!
//! A free spot goes to the first on the waitlist who may have it at that moment. A client who may not
//! have it (archived meanwhile, no longer allowed at that location) is passed over and keeps their
//! rank; the reason is stored. The location of a client is the one at which they were when they joined.
//! Reservation hours don't apply, because the client joined within them.

use crate::{Booking, BookingClient, Event};
use chrono::{DateTime, Utc};
use std::fmt;
use tryzore_kernel::{ClientId, Denial, EventId, Fact, OrganizationId, UserId, WaitlistEntryId};

/// A rank on the waitlist, counted from 1 over the clients who still wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rank {
    /// The position, from 1.
    pub position: u32,
    /// The number of clients who wait.
    pub of: u32,
}

impl fmt::Display for Rank {
    /// `7th of 12`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = match (self.position % 10, self.position % 100) {
            (_, 11..=13) => "th",
            (1, _) => "st",
            (2, _) => "nd",
            (3, _) => "rd",
            _ => "th",
        };
        write!(f, "{}{suffix} of {}", self.position, self.of)
    }
}

/// A client's place on the waitlist, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistEntry {
    /// The id of the entry.
    pub id: WaitlistEntryId,
    /// The event for which the client waits.
    pub event: EventId,
    /// The client who waits.
    pub client: ClientId,
    /// The user account of the client.
    pub user: UserId,
    /// The location that the client had switched to when joining.
    pub current: Option<OrganizationId>,
    /// When the client joined.
    pub added_at: DateTime<Utc>,
    /// The staff member who put the client on the waitlist; none when the client joined.
    pub added_by: Option<UserId>,
}

/// A client on the waitlist, with what decides whether they may have a spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistCandidate {
    /// The place on the waitlist.
    pub entry: WaitlistEntry,
    /// What is known about the client, at the location where they joined.
    pub booking_client: BookingClient,
    /// The code of the reason for which the client was passed over last.
    pub passed_over: Option<String>,
}

/// The outcome for a client on the waitlist when there is a free spot.
#[derive(Debug, Clone, PartialEq)]
pub enum Promotion {
    /// The client gets the spot.
    Promoted {
        /// The booking of the client.
        booking: Booking,
        /// The facts behind the booking.
        facts: Vec<Fact>,
    },
    /// The client may not have the spot and keeps their rank.
    PassedOver(Denial),
}

/// The clients who wait for a spot of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waitlist {
    /// The event, locked.
    pub event: Event,
    /// The clients who wait, in the order in which they joined.
    pub candidates: Vec<WaitlistCandidate>,
}

impl Waitlist {
    /// The highest number of clients who can wait for one event.
    pub const MAX: u32 = 500;

    /// The number of clients who wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }

    /// Whether nobody can get a spot from now on: the event has started or will not take place.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.event.context_open(now).is_err()
    }

    /// Gives the free spots to the first clients who may have them, in order. Returns the outcome for
    /// each client who was considered. Nobody is considered without a free spot, or once the event has
    /// started.
    #[must_use]
    pub fn promote(&self, now: DateTime<Utc>) -> Vec<(&WaitlistCandidate, Promotion)> {
        let mut free = if self.is_over(now) { 0 } else { self.event.spots.free() };
        let mut promotions = Vec::new();
        for candidate in &self.candidates {
            if free == 0 {
                break;
            }
            let promotion = match self.promotion(candidate, now) {
                Ok((booking, facts)) => {
                    free -= 1;
                    Promotion::Promoted { booking, facts }
                }
                Err(denial) => Promotion::PassedOver(denial),
            };
            promotions.push((candidate, promotion));
        }
        promotions
    }

    /// The place and the rank of `user` on the waitlist.
    #[must_use]
    pub fn find(&self, user: UserId) -> Option<(&WaitlistCandidate, Rank)> {
        let at = self.candidates.iter().position(|candidate| candidate.entry.user == user)?;
        let position = u32::try_from(at + 1).unwrap_or(u32::MAX);
        Some((&self.candidates[at], Rank { position, of: self.waiting() }))
    }

    fn promotion(
        &self,
        candidate: &WaitlistCandidate,
        now: DateTime<Utc>,
    ) -> Result<(Booking, Vec<Fact>), Denial> {
        let booking_client = &candidate.booking_client;
        booking_client.be_active()?;
        let visit = booking_client.may_come(&self.event)?;
        let booking = booking_client.booking(&self.event, visit, now);
        let booked_by = candidate.entry.added_by;
        Ok((
            Booking { from_waitlist: true, booked_by, ..booking },
            booking_client.facts(&self.event, self.waiting(), visit),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evt_04_a_rank_prints_as_an_ordinal() {
        let words = |position| Rank { position, of: 112 }.to_string();
        let text: Vec<_> = [1, 2, 3, 4, 7, 10, 11, 12, 13, 21, 22, 23, 101, 111].map(words).into();
        let suffix = [
            "1st", "2nd", "3rd", "4th", "7th", "10th", "11th", "12th", "13th", "21st", "22nd", "23rd",
            "101st", "111th",
        ];
        assert!(text.iter().zip(suffix).all(|(text, start)| *text == format!("{start} of 112")), "{text:?}");
    }
}
