//! What happened, for whoever follows: mailers, the security center, live updates.
//!
//! Events name users and sessions and carry no secret and no address. Where an event must be
//! published whether or not there is a user (so that both ways are the same work), `user` is null
//! and followers skip it.

use crate::{RevocationReason, Session};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{ApiKeyId, Journal, OrganizationId, Published, SessionId, TenantId, UserId, uuid_at};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum DomainEvent {
    /// Someone signed in.
    SignedIn {
        /// Who.
        user: UserId,
        /// The new session.
        session: SessionId,
        /// Where.
        tenant: TenantId,
        /// At which location.
        organization: Option<OrganizationId>,
    },
    /// Someone tried and failed.
    SignInFailed {
        /// Whose account, if there is one.
        user: Option<UserId>,
        /// Whether this locked the account for that caller.
        locked: bool,
    },
    /// A session ended before its time. It names the provider's session, for whoever follows and
    /// ends that one as well.
    SessionRevoked {
        /// Whose.
        user: UserId,
        /// Which.
        session: SessionId,
        /// Where.
        tenant: TenantId,
        /// Why.
        reason: RevocationReason,
        /// The session at the identity provider.
        provider_session: Option<String>,
    },
    /// A refresh token was used a second time or elsewhere: maybe a theft.
    RefreshReused {
        /// Whose.
        user: UserId,
        /// Which session, now ended.
        session: SessionId,
        /// Where.
        tenant: TenantId,
        /// Same device, within seconds: a retry rather than a theft.
        likely_retry: bool,
    },
    /// A session went to another location (TEN-13).
    LocationSwitched {
        /// Whose.
        user: UserId,
        /// Which session.
        session: SessionId,
        /// Where.
        tenant: TenantId,
        /// The location before.
        from: Option<OrganizationId>,
        /// The location now.
        to: OrganizationId,
    },
    /// Someone signed up: mail a link ([`crate::Purpose::EmailVerification`]).
    EmailVerificationRequested {
        /// Who.
        user: Option<UserId>,
    },
    /// Someone signed up with the address of an active user: mail that there is an account.
    RegisteredAgain {
        /// The active user.
        user: UserId,
    },
    /// Someone forgot a password: mail a link ([`crate::Purpose::PasswordReset`]).
    PasswordResetRequested {
        /// Who.
        user: Option<UserId>,
    },
    /// A password was chosen: mail a note to the owner.
    PasswordChanged {
        /// Whose.
        user: UserId,
    },
    /// Someone proved a mailbox and became a user that was waiting (AUT-10).
    UserClaimed {
        /// Who.
        user: UserId,
    },
    /// A user was closed.
    UserDeactivated {
        /// Who.
        user: UserId,
    },
    /// A key for a service was issued.
    ApiKeyIssued {
        /// Which.
        key: ApiKeyId,
        /// Where.
        tenant: TenantId,
        /// For which location.
        organization: OrganizationId,
    },
    /// A key for a service was revoked.
    ApiKeyRevoked {
        /// Which.
        key: ApiKeyId,
        /// Where.
        tenant: TenantId,
        /// For which location.
        organization: OrganizationId,
    },
}

impl DomainEvent {
    /// The end of `session` for `reason`.
    #[must_use]
    pub fn session_revoked(session: &Session, reason: RevocationReason) -> Self {
        Self::SessionRevoked {
            user: session.user,
            session: session.id,
            tenant: session.tenant,
            reason,
            provider_session: session.provider_session.clone(),
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "auth.signed_in",
            Self::SignInFailed { .. } => "auth.sign_in_failed",
            Self::SessionRevoked { .. } => "auth.session_revoked",
            Self::RefreshReused { .. } => "auth.refresh_reused",
            Self::LocationSwitched { .. } => "auth.location_switched",
            Self::EmailVerificationRequested { .. } => "auth.email_verification_requested",
            Self::RegisteredAgain { .. } => "auth.registered_again",
            Self::PasswordResetRequested { .. } => "auth.password_reset_requested",
            Self::PasswordChanged { .. } => "auth.password_changed",
            Self::UserClaimed { .. } => "auth.user_claimed",
            Self::UserDeactivated { .. } => "auth.user_deactivated",
            Self::ApiKeyIssued { .. } => "auth.api_key_issued",
            Self::ApiKeyRevoked { .. } => "auth.api_key_revoked",
        }
    }

    /// Publishes it, in the order of its user's other events; the user may hear of it.
    pub fn publish(&self, journal: &mut impl Journal, now: DateTime<Utc>) {
        let (aggregate, subject) = match self {
            Self::ApiKeyIssued { key, .. } | Self::ApiKeyRevoked { key, .. } => (key.uuid(), None),
            _ => (self.user().map_or_else(|| uuid_at(now), UserId::uuid), self.user()),
        };
        let published = Published::new(self.kind(), aggregate, self.organization(), now, self);
        journal.event_publish(match subject {
            Some(user) => published.about(user),
            None => published,
        });
    }

    const fn user(&self) -> Option<UserId> {
        match self {
            Self::SignInFailed { user, .. }
            | Self::EmailVerificationRequested { user }
            | Self::PasswordResetRequested { user } => *user,
            Self::SignedIn { user, .. }
            | Self::SessionRevoked { user, .. }
            | Self::RefreshReused { user, .. }
            | Self::LocationSwitched { user, .. }
            | Self::RegisteredAgain { user }
            | Self::PasswordChanged { user }
            | Self::UserClaimed { user }
            | Self::UserDeactivated { user } => Some(*user),
            Self::ApiKeyIssued { .. } | Self::ApiKeyRevoked { .. } => None,
        }
    }

    const fn organization(&self) -> Option<OrganizationId> {
        match self {
            Self::SignedIn { organization, .. } => *organization,
            Self::LocationSwitched { to, .. } => Some(*to),
            Self::ApiKeyIssued { organization, .. } | Self::ApiKeyRevoked { organization, .. } => {
                Some(*organization)
            }
            _ => None,
        }
    }
}
