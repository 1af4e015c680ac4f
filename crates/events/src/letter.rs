//! The letters to clients about their bookings. Their texts are in `letters/`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Letter, LetterKind, letter::Template, template};

/// The letters of this crate.
pub const LETTERS: &[LetterKind] = &[
    LetterKind::of::<BookingConfirmed>(),
    LetterKind::of::<Promoted>(),
    LetterKind::of::<CalledOff>(),
    LetterKind::of::<Reminder>(),
];

/// A client's booking of an event, with the facts for a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingFacts {
    /// The name of the reader.
    pub name: String,
    /// The name of the event.
    pub event: String,
    /// The name of the location where the event takes place.
    pub organization: String,
    /// The room or spot at the location; empty when the event has none.
    pub place: String,
    /// When the event starts.
    pub starts_at: DateTime<Utc>,
    /// The time zone of the location: times are shown in this zone.
    pub zone: Tz,
}

/// The reader has a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingConfirmed(pub BookingFacts);

impl Letter for BookingConfirmed {
    const TEMPLATE: Template = template!("booking_confirmed");

    fn examples() -> Vec<Self> {
        vec![Self(BookingFacts::example())]
    }
}

/// The reader got a booking from the waitlist (EVT-10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted(pub BookingFacts);

impl Letter for Promoted {
    const TEMPLATE: Template = template!("promoted");
    const IS_URGENT: bool = true;

    fn stale_at(&self) -> Option<DateTime<Utc>> {
        Some(self.0.starts_at)
    }

    fn examples() -> Vec<Self> {
        vec![Self(BookingFacts::example())]
    }
}

/// A booked event was canceled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledOff {
    /// The canceled booking.
    pub visit: BookingFacts,
    /// The reason of the cancellation, if staff gave a reason.
    pub reason: Option<String>,
}

impl Letter for CalledOff {
    const TEMPLATE: Template = template!("called_off");
    const IS_URGENT: bool = true;

    fn examples() -> Vec<Self> {
        let of = |reason| Self { visit: BookingFacts::example(), reason };
        vec![of(Some("the teacher is ill".into())), of(None)]
    }
}

/// A booked event starts soon (EVT-09).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder(pub BookingFacts);

impl Letter for Reminder {
    const TEMPLATE: Template = template!("reminder");

    fn stale_at(&self) -> Option<DateTime<Utc>> {
        Some(self.0.starts_at)
    }

    fn examples() -> Vec<Self> {
        vec![Self(BookingFacts::example())]
    }
}

impl BookingFacts {
    fn example() -> Self {
        Self {
            name: "Ada".into(),
            event: "Yoga".into(),
            organization: "Main".into(),
            place: "Room 2".into(),
            starts_at: DateTime::from_timestamp(1_772_472_600, 0).unwrap_or_default(),
            zone: Tz::Europe__Rome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evt_09_what_is_about_the_start_is_not_sent_after_it() {
        let visit = BookingFacts::example();
        let starts_at = Some(visit.starts_at);
        assert_eq!(Reminder(visit.clone()).stale_at(), starts_at);
        assert_eq!(Promoted(visit.clone()).stale_at(), starts_at);
        assert_eq!(BookingConfirmed(visit.clone()).stale_at(), None);
        assert_eq!(CalledOff { visit, reason: None }.stale_at(), None);
    }
}
