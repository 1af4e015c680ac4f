//! What happened to an account, as its user sees it (AUT-14): sign-ins, failures, passwords, sessions, devices,
//! keys. Each event is a row of the transaction that it is about, and stays unchanged for 400 days.

use crate::risk::{Risk, Signal};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{AuthEventId, DeviceId, Limit, Page, SessionId, StoreResult, UserId};

/// How long an event is stored.
pub const EVENT_LIFE: TimeDelta = TimeDelta::days(400);
/// How many events of each part of the timeline the security center shows.
pub const TIMELINE_ROWS: usize = 20;

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuthEventKind {
    /// The user signed in.
    SignIn,
    /// Someone tried to sign in with a wrong password.
    SignInFailed,
    /// A password was chosen.
    PasswordChanged,
    /// Someone asked for a link to choose a new password.
    PasswordResetRequested,
    /// A session was ended before its time.
    SessionRevoked,
    /// A refresh token was used a second time, or on another device.
    RefreshReused,
    /// The user trusts a device.
    DeviceTrusted,
    /// The user revoked a device.
    DeviceRevoked,
    /// The user changed the security settings.
    SettingsChanged,
    /// The user issued a key for another service.
    ApiKeyIssued,
    /// The user revoked a key of another service.
    ApiKeyRevoked,
    /// The user added a second factor.
    FactorAdded,
    /// The user removed a second factor.
    FactorRemoved,
}

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthEvent {
    /// Identifies the event; ids sort by time.
    pub id: AuthEventId,
    /// The user; an event of nobody is not stored, but takes the same work.
    pub user: Option<UserId>,
    /// What happened.
    pub kind: AuthEventKind,
    /// The session that it is about.
    pub session: Option<SessionId>,
    /// The device that it is about.
    pub device: Option<DeviceId>,
    /// What is remarkable about it.
    pub signals: Vec<Signal>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

impl AuthEvent {
    /// Something that happens to `user` now.
    #[must_use]
    pub fn new(kind: AuthEventKind, user: impl Into<Option<UserId>>, now: DateTime<Utc>) -> Self {
        let (id, user) = (AuthEventId::generate(now), user.into());
        Self { id, user, kind, session: None, device: None, signals: Vec::new(), at: now }
    }

    /// The same event, about `session`.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The same event, about `device`.
    #[must_use]
    pub fn on_device(self, device: Option<DeviceId>) -> Self {
        Self { device, ..self }
    }

    /// The same event with `signals`.
    #[must_use]
    pub fn with_signals(self, signals: Vec<Signal>) -> Self {
        Self { signals, ..self }
    }

    /// How risky it looks.
    #[must_use]
    pub fn risk(&self) -> Risk {
        Risk::of(&self.signals)
    }
}

/// An event as it was stored, with the origin of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The event.
    pub event: AuthEvent,
    /// How risky it looked.
    pub risk: Risk,
    /// The address of the caller.
    pub ip_address: Option<String>,
    /// The network around that address.
    pub network: Option<String>,
    /// The `User-Agent` of the caller.
    pub user_agent: Option<String>,
}

/// How often something happened within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RiskCounts {
    /// Events with a high risk.
    pub high_risk: u32,
    /// Sign-ins that failed.
    pub failed_sign_ins: u32,
    /// Devices that were revoked.
    pub revoked_devices: u32,
}

/// The counts that the security center shows and decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventCounts {
    /// Within 24 hours.
    pub last_24h: RiskCounts,
    /// Within 7 days.
    pub last_7d: RiskCounts,
    /// Likely thefts of a refresh token since the password was last chosen.
    pub thefts: u32,
}

/// A part of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// Less than 24 hours ago.
    Last24h,
    /// Less than 7 days ago.
    Last7d,
    /// Before that.
    Older,
}

impl Bucket {
    /// The part of something that happened at `at`.
    #[must_use]
    pub fn of(at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        match now - at {
            age if age < TimeDelta::hours(24) => Self::Last24h,
            age if age < TimeDelta::days(7) => Self::Last7d,
            _ => Self::Older,
        }
    }
}

/// The record of events.
#[trait_variant::make(Send)]
pub trait AuthEvents {
    /// Stores an event with the origin of the current request; the same statement for an event of nobody, of
    /// which nothing is stored.
    async fn auth_event_append(&mut self, event: AuthEvent) -> StoreResult<()>;
    /// What is known of a user before a sign-in from `network`.
    async fn sign_in_history(
        &mut self,
        user: UserId,
        network: Option<String>,
        now: DateTime<Utc>,
    ) -> StoreResult<crate::risk::SignInHistory>;
    /// The counts of a user; thefts count from `since`.
    async fn auth_event_counts(
        &mut self,
        user: UserId,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> StoreResult<EventCounts>;
    /// The newest [`TIMELINE_ROWS`] events of each [`Bucket`], newest first.
    async fn auth_event_timeline(
        &mut self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> StoreResult<Vec<RecordedEvent>>;
    /// The events of a user before `before`, newest first.
    async fn auth_event_page(
        &mut self,
        user: UserId,
        before: Option<AuthEventId>,
        limit: Limit,
    ) -> StoreResult<Page<RecordedEvent>>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    #[test]
    fn aut_15_the_timeline_has_24_hours_7_days_and_the_rest() {
        let moment = TimeDelta::microseconds(1);
        let of = |age: TimeDelta| Bucket::of(NOW - age, NOW);
        assert_eq!(of(TimeDelta::hours(24) - moment), Bucket::Last24h);
        assert_eq!(of(TimeDelta::hours(24)), Bucket::Last7d);
        assert_eq!(of(TimeDelta::days(7) - moment), Bucket::Last7d);
        assert_eq!(of(TimeDelta::days(7)), Bucket::Older);
    }
}
