//! The actor of a request. Every audit line, event and decision names an actor.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use tryzore_kernel::{ApiKeyId, SessionId, UserId};

/// The actor of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// The actor as answers show it: its ids are named as in all answers. Stored actors keep the names of
/// [`Actor`], on which the seals of the audit trail rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Actor))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ActorView {
    /// A person who signed in.
    User {
        /// The person.
        user_id: UserId,
        /// The session in which the person acts.
        session_id: SessionId,
    },
    /// A person in an acting session, who sees what somebody else sees and changes nothing.
    Acting {
        /// The person who acts.
        user_id: UserId,
        /// The acting session.
        session_id: SessionId,
        /// The kind of the session.
        kind: ActingKind,
        /// The person whose view is shown; null for support access, which has a view of its own.
        subject_id: Option<UserId>,
    },
    /// Another service, identified by its key.
    ApiKey {
        /// The key.
        key_id: ApiKeyId,
    },
    /// A part of the product itself.
    System {
        /// The part of the product.
        system: SystemActor,
    },
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::User { user, session } => Self::User { user_id: user, session_id: session },
            Actor::Acting { user, session, kind, subject } => {
                Self::Acting { user_id: user, session_id: session, kind, subject_id: subject }
            }
            Actor::ApiKey { key } => Self::ApiKey { key_id: key },
            Actor::System { system } => Self::System { system },
        }
    }
}

impl ActorView {
    /// Serializes a stored actor as answers show it.
    ///
    /// # Errors
    /// When it is not an actor.
    pub fn of_stored<S: Serializer>(stored: &Value, to: S) -> Result<S::Ok, S::Error> {
        let actor = Actor::deserialize(stored).map_err(serde::ser::Error::custom)?;
        Self::from(actor).serialize(to)
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
    /// Takes back manual overrides that nobody confirmed.
    Overrides,
    /// Delivers events, runs jobs, keeps schedules and seals the audit trail.
    Worker,
    /// Processes deliveries from providers.
    Webhook,
    /// Sets the product up, at a command of whoever owns the database.
    Setup,
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    #[test]
    fn answers_name_the_ids_of_an_actor_as_requests_do() {
        let now = DateTime::UNIX_EPOCH;
        let (user, session, key) = (UserId::generate(now), SessionId::generate(now), ApiKeyId::generate(now));
        let shown = |actor: Actor| {
            let stored = serde_json::to_value(actor).unwrap();
            ActorView::of_stored(&stored, serde_json::value::Serializer).unwrap()
        };
        assert_eq!(
            shown(Actor::User { user, session }),
            json!({"type": "user", "user_id": user, "session_id": session})
        );
        assert_eq!(
            shown(Actor::Acting { user, session, kind: ActingKind::Impersonation, subject: Some(user) }),
            json!({
                "type": "acting", "user_id": user, "session_id": session, "kind": "impersonation",
                "subject_id": user,
            })
        );
        assert_eq!(shown(Actor::ApiKey { key }), json!({"type": "api_key", "key_id": key}));
        let system = Actor::System { system: SystemActor::Worker };
        assert_eq!(shown(system), json!({"type": "system", "system": "worker"}));
        assert!(ActorView::of_stored(&json!({}), serde_json::value::Serializer).is_err());
    }
}
