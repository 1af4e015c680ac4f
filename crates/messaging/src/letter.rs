//! Each thing that there is to write, with the facts that it tells.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Something to write to someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// Prove the mailbox, then choose a password. It names nobody: whoever signs up chooses the
    /// name, and could have it carry a text of their own to a stranger.
    EmailVerification {
        /// Where to go.
        link: String,
        /// For how many hours the link works.
        hours: i64,
    },
    /// Someone signed up with the address of someone who has an account.
    RegisteredAgain {
        /// What the reader is called.
        name: String,
        /// Where to sign in.
        link: String,
    },
    /// Choose a new password.
    PasswordReset {
        /// What the reader is called; none before the reader has proven the address, because until then
        /// anyone may have chosen the name.
        #[serde(default)]
        name: Option<String>,
        /// Where to go.
        link: String,
        /// For how many hours the link works.
        hours: i64,
    },
    /// A password was chosen: if it was not you, do something.
    PasswordChanged {
        /// What the reader is called.
        name: String,
        /// Where to choose another.
        link: String,
    },
    /// Come and work with us (ONB-09). It names nobody: the inviter chooses the name.
    StaffInvitation {
        /// Where to work.
        organization: String,
        /// Where to go.
        link: String,
        /// For how many days the link works.
        days: i64,
        /// Whether the reader has no password yet and chooses one behind the link.
        chooses_password: bool,
    },
    /// Go on with opening an account (ONB-02). It names nobody either.
    OnboardingResume {
        /// Where to go.
        link: String,
        /// For how many hours the link works.
        hours: i64,
        /// Whether the reader signs in already: the password that is chosen behind the link takes the
        /// place of theirs.
        #[serde(default)]
        replaces_password: bool,
    },
    /// You have a spot.
    BookingConfirmed(Visit),
    /// You have a spot, from the waitlist (EVT-10).
    Promoted(Visit),
    /// What you booked will not take place.
    CalledOff {
        /// What it was.
        visit: Visit,
        /// Why, when someone gave a reason.
        reason: Option<String>,
    },
    /// What you booked starts soon (EVT-09).
    Reminder(Visit),
}

/// A client's spot at an event, as one tells a person about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// What the reader is called.
    pub name: String,
    /// What the event is called.
    pub event: String,
    /// Where it takes place: the location.
    pub organization: String,
    /// And the room or place there, when it has one.
    pub place: String,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// The time zone of the location: times are told as on its clock.
    pub zone: Tz,
}

impl Letter {
    /// The name of its template.
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

    /// When it is too late to send it: nobody is reminded of what has begun.
    #[must_use]
    pub const fn stale_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Reminder(visit) | Self::Promoted(visit) => Some(visit.starts_at),
            _ => None,
        }
    }
}
