//! Sessions: the single point of revocation (AUT-11).
//!
//! A session is at one tenant, and at one of its locations: the current location is a property of the
//! session (TEN-13), not of the token or the user. A session lives as long as its refresh token is renewed,
//! but never longer than [`SESSION_MAX`]: everyone has to sign in again once a year.

use crate::{
    Acting, FactorUse,
    error::{Refusal, unauthenticated},
};
use chrono::{DateTime, TimeDelta, Utc};
use core::net::IpAddr;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, OrganizationId, SessionId, TenantId, UserId};

/// The longest time that a session can be renewed for.
pub const SESSION_MAX: TimeDelta = TimeDelta::days(365);
/// `last_active` is written at most this often: it informs people, and no decision depends on it.
pub const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A session of a signed-in user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identifies the session, and the family of its refresh tokens.
    pub id: SessionId,
    /// The user who signed in.
    pub user: UserId,
    /// The tenant; a session never changes its tenant.
    pub tenant: TenantId,
    /// The current location; `None` while no location is available.
    pub organization: Option<OrganizationId>,
    /// The origin of the sign-in.
    pub origin: Origin,
    /// The session at the identity provider, if the provider has sessions.
    pub provider_session: Option<String>,
    /// When the user signed in.
    pub created_at: DateTime<Utc>,
    /// When the session was last used, to the minute.
    pub last_active: DateTime<Utc>,
    /// When the session expires unless it is renewed.
    pub expires_at: DateTime<Utc>,
    /// The revocation, if the session was ended before it expired.
    pub revoked: Option<Revocation>,
    /// The last use of a second factor in this session.
    pub factor: Option<FactorUse>,
    /// What the session shows, if it is an acting session.
    pub acting: Option<Acting>,
}

/// The origin of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The IP address of the caller.
    pub ip: Option<IpAddr>,
    /// The device of the caller.
    pub device: Device,
}

/// A device by its own description, so that its owner recognizes it and refresh tokens can be bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// An identifier that the app created once and stores.
    pub id: Option<String>,
    /// The name that the owner gave the device.
    pub name: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
}

impl Device {
    /// A device. Texts are cut to 255 characters, because they come from outside and are stored.
    #[must_use]
    pub fn new(id: Option<String>, name: Option<String>, user_agent: Option<String>) -> Self {
        let cut = |text: Option<String>| text.map(|t| t.chars().take(255).collect());
        Self { id: cut(id), name: cut(name), user_agent: cut(user_agent) }
    }
}

/// The revocation of a session before it expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// When the session was revoked.
    pub at: DateTime<Utc>,
    /// Why the session was revoked.
    pub reason: RevocationReason,
}

/// Why a session was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// The person signed out.
    SignedOut,
    /// The person ended the session from another one.
    EndedElsewhere,
    /// A refresh token was used twice, or from another device.
    TokenReuse,
    /// The password was changed.
    PasswordChanged,
    /// The user was deactivated.
    Deactivated,
    /// The identity provider ended the session.
    Provider,
    /// The tenant took back its approval of support access.
    ApprovalRevoked,
}

impl RevocationReason {
    /// The text in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedElsewhere => "ended_elsewhere",
            Self::TokenReuse => "token_reuse",
            Self::PasswordChanged => "password_changed",
            Self::Deactivated => "deactivated",
            Self::Provider => "provider",
            Self::ApprovalRevoked => "approval_revoked",
        }
    }
}

impl Session {
    /// Checks that the session can be used at `now`.
    ///
    /// # Errors
    /// `auth.session.revoked`, `auth.session.expired`.
    pub fn check_live(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if let Some(revocation) = self.revoked {
            return Err(unauthenticated(
                Denial::right("auth.session.revoked")
                    .because("session.revoked_at", revocation.at)
                    .because("session.revoked_because", revocation.reason)
                    .remedy("Sign in again.", Some("sign_in")),
            ));
        }
        if now >= self.expires_at {
            return Err(unauthenticated(
                Denial::right("auth.session.expired")
                    .because("session.expires_at", self.expires_at)
                    .remedy("Sign in again.", Some("sign_in")),
            ));
        }
        Ok(())
    }

    /// The same session at another location, which must be one of `available`.
    ///
    /// # Errors
    /// `auth.switch_organization.not_available`, also for a location that does not exist.
    pub fn move_to(
        mut self,
        organization: OrganizationId,
        available: &[OrganizationId],
    ) -> Result<Self, Denial> {
        if !available.contains(&organization) {
            return Err(Denial::right("auth.switch_organization.not_available")
                .because("organization", organization)
                .because("organizations.available", available.len())
                .remedy("Choose one of your locations.", Some("list_my_organizations")));
        }
        self.organization = Some(organization);
        Ok(self)
    }

    /// The same session, revoked. A revoked session keeps its first reason.
    #[must_use]
    pub fn revoke(mut self, reason: RevocationReason, now: DateTime<Utc>) -> Self {
        self.revoked.get_or_insert(Revocation { at: now, reason });
        self
    }

    /// When the session must end, however often it is renewed.
    #[must_use]
    pub fn ends_at_latest(&self) -> DateTime<Utc> {
        self.created_at + SESSION_MAX
    }

    /// Whether `last_active` is due to be written.
    #[must_use]
    pub fn is_touch_due(&self, now: DateTime<Utc>) -> bool {
        now - self.last_active >= TOUCH_EVERY
    }

    /// Whether the session was opened on another device than `device`. A session whose device gave no
    /// identifier is not bound (AUT-05).
    #[must_use]
    pub fn is_bound_elsewhere(&self, device: &Device) -> bool {
        self.origin.device.id.is_some() && self.origin.device.id != device.id
    }

    /// Whether `device` describes itself like the device that the session was opened on.
    #[must_use]
    pub fn is_on_device(&self, device: &Device) -> bool {
        !self.is_bound_elsewhere(device) && self.origin.device.user_agent == device.user_agent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, session};

    #[test]
    fn aut_11_lives_until_the_moment_that_it_expires() {
        let session = session();
        assert!(session.check_live(session.expires_at - TimeDelta::microseconds(1)).is_ok());
        assert_eq!(session.check_live(session.expires_at).unwrap_err().code(), "auth.session.expired");
    }

    #[test]
    fn aut_11_a_revoked_session_is_refused_and_keeps_its_first_reason() {
        let ended =
            session().revoke(RevocationReason::SignedOut, NOW).revoke(RevocationReason::Provider, NOW);
        assert_eq!(ended.revoked.unwrap().reason, RevocationReason::SignedOut);
        assert_eq!(ended.check_live(NOW).unwrap_err().code(), "auth.session.revoked");
    }

    #[test]
    fn moves_only_to_a_location_that_is_available_ten_13() {
        let here = OrganizationId::generate(NOW);
        let there = OrganizationId::generate(NOW);
        assert_eq!(session().move_to(there, &[here, there]).unwrap().organization, Some(there));
        let denial = session().move_to(there, &[here]).unwrap_err();
        assert_eq!(denial.code, "auth.switch_organization.not_available");
    }

    #[test]
    fn aut_11_activity_is_written_once_a_minute() {
        let session = session();
        assert!(!session.is_touch_due(NOW + TimeDelta::seconds(59)));
        assert!(session.is_touch_due(NOW + TimeDelta::seconds(60)));
    }

    #[test]
    fn the_description_of_a_device_is_cut_to_255_characters() {
        let device = Device::new(None, None, Some("é".repeat(300)));
        assert_eq!(device.user_agent.unwrap().chars().count(), 255);
    }
}
