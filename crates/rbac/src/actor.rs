//! The actor of a request. Every audit line, event and decision names an actor.

use serde::{Deserialize, Serialize};
use tryzore_kernel::{ApiKeyId, SessionId, UserId};

/// The actor of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A person who signed in.
    User {
        /// The person.
        user: UserId,
        /// The session in which the person acts.
        session: SessionId,
    },
    /// Another service, identified by its key.
    ApiKey {
        /// The key.
        key: ApiKeyId,
    },
    /// A part of the product itself.
    System {
        /// The part of the product.
        system: SystemActor,
    },
}

/// The parts of the product that act on their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SystemActor {
    /// Fills freed spots from the waitlist.
    Waitlist,
    /// Closes events that are over.
    Attendance,
    /// Keeps series on the schedule, eight weeks ahead.
    Series,
    /// Reminds people of upcoming events.
    Reminder,
    /// Imports rows from another system.
    Importer,
    /// Signs people in, before their identity is known.
    SignIn,
    /// Opens accounts.
    Onboarding,
    /// Deletes unfinished data.
    CleanUp,
    /// Delivers events, runs jobs, keeps schedules and seals the audit trail.
    Worker,
    /// Processes deliveries from providers.
    Webhook,
    /// Writes the demo data.
    Seed,
    /// Sets the product up, at a command of whoever owns the database.
    Setup,
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
