//! Devices that a user has signed in on, and trusts or has revoked (AUT-13).
//!
//! A device is known when it names itself (`device.id`). Only its user can trust it; signing in on it does not.

use crate::{Device, Revocation, SecuritySettings, Session};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{DeviceId, StoreResult, UserId};

/// How long a device is stored after it last signed in.
pub const DEVICE_LIFE: TimeDelta = TimeDelta::days(400);

/// A device of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDevice {
    /// Identifies the device of this user.
    pub id: DeviceId,
    /// The user who signs in on it.
    pub user: UserId,
    /// How the device names itself; the same device of another user is another one.
    pub named: String,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// Its `User-Agent` at the last sign-in.
    pub user_agent: Option<String>,
    /// When it first signed in, after it was last revoked.
    pub first_seen_at: DateTime<Utc>,
    /// When it last signed in.
    pub last_seen_at: DateTime<Utc>,
    /// Since when the user trusts it.
    pub trusted_at: Option<DateTime<Utc>>,
    /// When the user revoked it; a sign-in after that makes it a new device.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl KnownDevice {
    /// A device at its first sign-in.
    #[must_use]
    pub fn first(user: UserId, named: String, device: &Device, now: DateTime<Utc>) -> Self {
        Self {
            id: DeviceId::generate(now),
            user,
            named,
            name: device.name.clone(),
            user_agent: device.user_agent.clone(),
            first_seen_at: now,
            last_seen_at: now,
            trusted_at: None,
            revoked_at: None,
        }
    }

    /// The same device at a later sign-in. A revoked one begins anew and is not trusted.
    #[must_use]
    pub fn seen(self, device: &Device, now: DateTime<Utc>) -> Self {
        let first_seen_at = if self.revoked_at.is_some() { now } else { self.first_seen_at };
        Self {
            name: self.name.or_else(|| device.name.clone()),
            user_agent: device.user_agent.clone(),
            first_seen_at,
            last_seen_at: now,
            revoked_at: None,
            ..self
        }
    }

    /// The same device, trusted or not.
    #[must_use]
    pub fn trust(self, is_trusted: bool, now: DateTime<Utc>) -> Self {
        let trusted_at = is_trusted.then(|| self.trusted_at.unwrap_or(now));
        Self { trusted_at, ..self }
    }

    /// The same device, revoked and no longer trusted.
    #[must_use]
    pub fn revoke(self, now: DateTime<Utc>) -> Self {
        Self { trusted_at: None, revoked_at: self.revoked_at.or(Some(now)), ..self }
    }
}

/// The devices and the security settings of users. Whoever changes them has locked the user before.
#[trait_variant::make(Send)]
pub trait SecurityProfiles {
    /// A device of a user.
    async fn device_find(&mut self, user: UserId, id: DeviceId) -> StoreResult<Option<KnownDevice>>;
    /// The device of a user that names itself `named`, also a revoked one.
    async fn device_find_named(&mut self, user: UserId, named: &str) -> StoreResult<Option<KnownDevice>>;
    /// The 100 devices of a user that signed in last and are not revoked, the last first.
    async fn device_list(&mut self, user: UserId) -> StoreResult<Vec<KnownDevice>>;
    /// Adds or changes a device.
    async fn device_save(&mut self, device: &KnownDevice) -> StoreResult<()>;
    /// Revokes the live sessions of a user on the device that names itself `named`; returns those that it ended.
    async fn device_sessions_revoke(
        &mut self,
        user: UserId,
        named: &str,
        revocation: Revocation,
    ) -> StoreResult<Vec<Session>>;
    /// The settings of a user; the default ones when none were ever set.
    async fn security_settings_find(&mut self, user: UserId) -> StoreResult<SecuritySettings>;
    /// Stores the settings of a user.
    async fn security_settings_save(
        &mut self,
        user: UserId,
        settings: &SecuritySettings,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    #[test]
    fn aut_13_a_revoked_device_that_signs_in_again_is_new_and_not_trusted() {
        let phone = Device::new(Some("phone".into()), Some("Phone".into()), None);
        let later = NOW + TimeDelta::days(1);
        let trusted = KnownDevice::first(UserId::generate(NOW), "phone".into(), &phone, NOW).trust(true, NOW);
        let seen = trusted.clone().seen(&phone, later);
        assert_eq!((seen.first_seen_at, seen.last_seen_at), (NOW, later));
        assert_eq!(seen.trusted_at, Some(NOW), "signing in changes no trust");
        assert_eq!(seen.clone().trust(true, later).trusted_at, Some(NOW));
        assert_eq!(seen.trust(false, later).trusted_at, None);

        let again = trusted.revoke(NOW).seen(&phone, later);
        assert_eq!((again.first_seen_at, again.trusted_at, again.revoked_at), (later, None, None));
    }
}
