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
    /// A person in an acting session, who sees what somebody else sees and changes nothing (AUT-16, AUT-17).
    Acting {
        /// The person who acts.
        user: UserId,
        /// The acting session.
        session: SessionId,
        /// The kind of the session.
        kind: ActingKind,
        /// The person whose view is shown; `None` for support access, which has a view of its own.
        subject: Option<UserId>,
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

/// The kinds of acting sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActingKind {
    /// An employee sees what a client or a colleague with fewer permissions sees.
    Impersonation,
    /// An operator of the platform sees the data of a tenant that has approved it.
    SupportAccess,
}

impl ActingKind {
    /// The text in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Impersonation => "impersonation",
            Self::SupportAccess => "support_access",
        }
    }
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
}

impl Actor {
    /// The person whose own data the actor can reach: the signed-in user, or the subject of an impersonation.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User { user, .. } => Some(user),
            Self::Acting { subject, .. } => subject,
            Self::ApiKey { .. } | Self::System { .. } => None,
        }
    }

    /// The person who sends the request, also in an acting session.
    #[must_use]
    pub const fn person(self) -> Option<UserId> {
        match self {
            Self::User { user, .. } | Self::Acting { user, .. } => Some(user),
            Self::ApiKey { .. } | Self::System { .. } => None,
        }
    }

    /// The session of the request.
    #[must_use]
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::User { session, .. } | Self::Acting { session, .. } => Some(session),
            Self::ApiKey { .. } | Self::System { .. } => None,
        }
    }

    /// Whether the actor is in an acting session, which changes nothing.
    #[must_use]
    pub const fn is_acting(self) -> bool {
        matches!(self, Self::Acting { .. })
    }
}
