//! The waitlist: who waits for a spot of one event, in order, read under its lock (EVT-04, EVT-10).
//!
//! A free spot goes to the first on the waitlist who may have it at that moment. Whoever may not (archived
//! meanwhile, no longer allowed at that location) is passed over, keeps the rank, and the reason
//! is kept. Which location someone is at counts as it was when she joined: that was the wish.
//! Reservation hours don't count: the wish was made within them.

use crate::{Booking, BookingClient, Event};
use chrono::{DateTime, Utc};
use std::fmt;
use tryzore_kernel::{ClientId, Denial, EventId, Fact, OrganizationId, UserId, WaitlistEntryId};

/// A place on the waitlist, counted from 1 over those who still wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rank {
    /// The place.
    pub position: u32,
    /// How many wait.
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

/// A client's place on the waitlist, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistEntry {
    /// Its id.
    pub id: WaitlistEntryId,
    /// For what.
    pub event: EventId,
    /// Who waits.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// The location that the client had switched to when joining.
    pub current: Option<OrganizationId>,
    /// When the client joined.
    pub added_at: DateTime<Utc>,
    /// Who of the staff put the client on the waitlist; none when the client joined.
    pub added_by: Option<UserId>,
}

/// Someone who waits, and whether she may have a spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistCandidate {
    /// The place on the waitlist.
    pub entry: WaitlistEntry,
    /// What is known of the client; the location is the one from when she joined.
    pub booking_client: BookingClient,
    /// The code of the reason for which she was passed over last.
    pub passed_over: Option<String>,
}

/// What becomes of a waiter when there is a free spot.
#[derive(Debug, Clone, PartialEq)]
pub enum Promotion {
    /// The spot is hers.
    Promoted {
        /// Her booking.
        booking: Booking,
        /// The facts behind it.
        facts: Vec<Fact>,
    },
    /// She may not have it and keeps her rank.
    PassedOver(Denial),
}

/// Who waits for a spot of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waitlist {
    /// The event, locked.
    pub event: Event,
    /// Who waits, first come first.
    pub candidates: Vec<WaitlistCandidate>,
}

impl Waitlist {
    /// The most who can wait for one event.
    pub const MAX: u32 = 500;

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }

    /// Whether waiting is in vain from now on: the event has started or will not take place.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.event.context_open(now).is_err()
    }

    /// Gives the free spots to the first who may have them, in order, and says what became of each
    /// who had a promotion. Nobody has a promotion without a free spot, or once the event has started.
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

    /// The rank of `user` and her place on the waitlist.
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
    fn evt_04_a_rank_is_told_in_words() {
        let words = |position| Rank { position, of: 112 }.to_string();
        let told: Vec<_> = [1, 2, 3, 4, 7, 10, 11, 12, 13, 21, 22, 23, 101, 111].map(words).into();
        let suffix = [
            "1st", "2nd", "3rd", "4th", "7th", "10th", "11th", "12th", "13th", "21st", "22nd", "23rd",
            "101st", "111th",
        ];
        assert!(told.iter().zip(suffix).all(|(told, start)| *told == format!("{start} of 112")), "{told:?}");
    }
}
