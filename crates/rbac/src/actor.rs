//! Who acts. Every audit line, event and decision names one.

use serde::{Deserialize, Serialize};
use tryzore_kernel::{ApiKeyId, SessionId, UserId};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A person who signed in.
    User {
        /// The person.
        user: UserId,
        /// The login.
        session: SessionId,
    },
    /// Another service, by its key.
    ApiKey {
        /// The key.
        key: ApiKeyId,
    },
    /// A part of the product itself.
    System {
        /// Which part.
        system: SystemActor,
    },
}

/// The parts of the product that act on their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemActor {
    /// Fills freed spots from the waitlist.
    Waitlist,
    /// Closes events that are over.
    Attendance,
    /// Keeps series on the schedule, eight weeks ahead.
    Series,
    /// Tells people what is about to happen.
    Reminder,
    /// Takes over rows from another system.
    Importer,
    /// Signs people in, before it is known who they are.
    SignIn,
    /// Opens accounts.
    Onboarding,
    /// Clears away what nobody finished.
    CleanUp,
    /// Hands on events, runs jobs, keeps schedules and seals the audit trail.
    Worker,
    /// Follows what providers tell us.
    Webhook,
    /// Writes the demo.
    Seed,
}

impl Actor {
    /// The person, when a person acts.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User { user, .. } => Some(user),
            Self::ApiKey { .. } | Self::System { .. } => None,
        }
    }
}
