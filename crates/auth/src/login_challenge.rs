//! The time between a right password and the second factor.
//!
//! Whoever has given the right password of a user with a factor gets a challenge instead of tokens. It is
//! valid for [`LIFE`], on the device that gave the password, for at most [`GUESSES`] wrong codes, and it works
//! once. Only its hash is stored.

use crate::{Origin, TokenHash};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_kernel::{OrganizationId, TenantId, UserId};

/// How long a challenge is valid.
pub const LIFE: TimeDelta = TimeDelta::minutes(5);
/// The number of wrong codes that end a challenge.
pub const GUESSES: u32 = 5;

/// A sign-in that lacks the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginChallenge {
    /// The hash of its text, unique.
    pub hash: TokenHash,
    /// The user who gave the password.
    pub user: UserId,
    /// The origin of the request with the password.
    pub origin: Origin,
    /// The tenant to sign in to, if the request named one.
    pub tenant: Option<TenantId>,
    /// The location to sign in to, if the request named one.
    pub organization: Option<OrganizationId>,
    /// The session at the identity provider, if the provider has sessions.
    pub provider_session: Option<String>,
    /// When the password was given.
    pub issued_at: DateTime<Utc>,
    /// Until when the challenge can be answered.
    pub expires_at: DateTime<Utc>,
    /// How many wrong codes were given.
    pub guesses: u32,
    /// When the challenge was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

impl LoginChallenge {
    /// Whether the challenge can be answered from `origin` at `now`. A request from another device is not
    /// told apart from one with a challenge that does not exist.
    #[must_use]
    pub fn is_open(&self, origin: &Origin, now: DateTime<Utc>) -> bool {
        self.answered_at.is_none()
            && now <= self.expires_at
            && self.guesses < GUESSES
            && self.origin.device.id == origin.device.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        testing::{NOW, hash, origin},
    };

    fn challenge() -> LoginChallenge {
        LoginChallenge {
            hash: hash(1),
            user: UserId::generate(NOW),
            origin: origin(),
            tenant: None,
            organization: None,
            provider_session: None,
            issued_at: NOW,
            expires_at: NOW + LIFE,
            guesses: 0,
            answered_at: None,
        }
    }

    #[test]
    fn can_be_answered_for_five_minutes() {
        let end = NOW + TimeDelta::minutes(5);
        assert!(challenge().is_open(&origin(), end));
        assert!(!challenge().is_open(&origin(), end + TimeDelta::microseconds(1)));
    }

    #[test]
    fn takes_five_wrong_codes_and_one_answer() {
        let after = |guesses| LoginChallenge { guesses, ..challenge() };
        assert!(after(4).is_open(&origin(), NOW));
        assert!(!after(5).is_open(&origin(), NOW));
        assert!(!LoginChallenge { answered_at: Some(NOW), ..challenge() }.is_open(&origin(), NOW));
    }

    #[test]
    fn belongs_to_the_device_that_gave_the_password() {
        let of = |id: Option<&str>| Origin { ip: None, device: Device::new(id.map(Into::into), None, None) };
        assert!(challenge().is_open(&of(Some("phone")), NOW), "from another address");
        assert!(!challenge().is_open(&of(Some("laptop")), NOW));
        assert!(!challenge().is_open(&of(None), NOW));
        let unnamed = LoginChallenge { origin: of(None), ..challenge() };
        assert!(unnamed.is_open(&of(None), NOW));
        assert!(!unnamed.is_open(&of(Some("phone")), NOW));
    }
}
