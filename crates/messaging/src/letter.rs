//! The letters, each with the facts in it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A letter to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// Verify the address, then choose a password. The letter does not contain the name: whoever signs up
    /// chooses the name, and could use it to send a text of their own to a stranger.
    EmailVerification {
        /// The link in the letter.
        link: String,
        /// The number of hours for which the link is valid.
        hours: i64,
    },
    /// Someone signed up with the address of an existing account.
    RegisteredAgain {
        /// The name of the reader.
        name: String,
        /// The link for signing in.
        link: String,
    },
    /// Choose a new password.
    PasswordReset {
        /// The name of the reader; `None` until the reader has verified the address, because until then
        /// anyone may have chosen the name.
        #[serde(default)]
        name: Option<String>,
        /// The link in the letter.
        link: String,
        /// The number of hours for which the link is valid.
        hours: i64,
    },
    /// A password was changed; the reader should act if they did not change it.
    PasswordChanged {
        /// The name of the reader.
        name: String,
        /// The link for choosing another password.
        link: String,
    },
    /// An invitation to join the staff (ONB-09). The letter does not contain the name of the reader,
    /// because the inviter chooses it.
    StaffInvitation {
        /// The name of the location to work at.
        organization: String,
        /// The link in the letter.
        link: String,
        /// The number of days for which the link is valid.
        days: i64,
        /// Whether the reader has no password yet and chooses a password after following the link.
        chooses_password: bool,
    },
    /// Resume opening an account (ONB-02). The letter does not contain the name of the reader, for the same
    /// reason.
    OnboardingResume {
        /// The link in the letter.
        link: String,
        /// The number of hours for which the link is valid.
        hours: i64,
        /// Whether the reader has a password already: the password that is chosen after following the link
        /// replaces it.
        #[serde(default)]
        replaces_password: bool,
    },
    /// The reader has a booking.
    BookingConfirmed(Visit),
    /// The reader got a booking from the waitlist (EVT-10).
    Promoted(Visit),
    /// A booked event was canceled.
    CalledOff {
        /// The canceled booking.
        visit: Visit,
        /// The reason of the cancellation, if staff gave a reason.
        reason: Option<String>,
    },
    /// A booked event starts soon (EVT-09).
    Reminder(Visit),
}

/// A client's booking of an event, with the facts for a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
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

impl Letter {
    /// The name of the template of the letter.
    #[must_use]
    pub const fn template(&self) -> &'static str {
        match self {
            Self::EmailVerification { .. } => "email_verification",
            Self::RegisteredAgain { .. } => "registered_again",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::StaffInvitation { .. } => "staff_invitation",
            Self::OnboardingResume { .. } => "onboarding_resume",
            Self::BookingConfirmed(_) => "booking_confirmed",
            Self::Promoted(_) => "promoted",
            Self::CalledOff { .. } => "called_off",
            Self::Reminder(_) => "reminder",
        }
    }

    /// The time after which the letter is not sent any more, because the event has begun.
    #[must_use]
    pub const fn stale_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Reminder(visit) | Self::Promoted(visit) => Some(visit.starts_at),
            _ => None,
        }
    }
}
