//! The domain events that this crate publishes.
//!
//! They name users and sessions and have no secret and no address. Where an event must be published whether
//! or not there is a user, so that both cases do the same work, `user` is null and subscribers skip it.

use crate::{FactorMethod, RevocationReason, Session, support_access::SupportGrant};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{
    ApiKeyId, FactorId, Invalidation, OrganizationId, SessionId, SupportGrantId, TenantId, UserId,
};
use tryzore_rbac::{
    domain_event::{About, Payload},
    domain_events,
};

domain_events! {
    SUBJECT {
        SignedIn = "auth.signed_in";
        SignInFailed = "auth.sign_in_failed";
        SessionRevoked = "auth.session_revoked", invalidates |it| Invalidation::Session(it.session);
        RefreshReused = "auth.refresh_reused";
        LocationSwitched = "auth.location_switched", invalidates |it| Invalidation::Session(it.session);
        /// Someone signed up: a mail with a link is due ([`crate::Purpose::EmailVerification`]).
        EmailVerificationRequested(OfAnyone) = "auth.email_verification_requested";
        /// Someone signed up with the address of an active user: a mail that says so is due.
        RegisteredAgain(OfUser) = "auth.registered_again";
        /// Someone forgot a password: a mail with a link is due ([`crate::Purpose::PasswordReset`]).
        PasswordResetRequested(OfAnyone) = "auth.password_reset_requested";
        /// A password was chosen: a mail that says so is due.
        PasswordChanged(OfUser) = "auth.password_changed";
        /// Someone proved a mailbox and claimed a pending user (AUT-10).
        UserClaimed(OfUser) = "auth.user_claimed";
        /// A user was deactivated.
        UserDeactivated(OfUser) = "auth.user_deactivated", invalidates |it| Invalidation::User(it.user);
        /// A second factor was set up: a mail that says so is due.
        FactorAdded(OfFactor) = "auth.factor_added", invalidates |it| Invalidation::User(it.user);
        /// A second factor was removed: a mail that says so is due.
        FactorRemoved(OfFactor) = "auth.factor_removed", invalidates |it| Invalidation::User(it.user);
        FactorVerified = "auth.factor_verified", invalidates |it| Invalidation::Session(it.session);
        FactorRejected = "auth.factor_rejected";
        RecoveryCodeUsed = "auth.recovery_code_used";
    }
    MANAGE_ROLES {
        SupportAccessRequested = "auth.support_access_requested";
        /// An employee began to see what somebody else sees (AUT-16).
        ImpersonationStarted(Impersonation) = "auth.impersonation_started";
        /// Support access of the platform was approved (AUT-17).
        SupportAccessApproved(SupportAccess) = "auth.support_access_approved";
        /// Support access of the platform was denied.
        SupportAccessDenied(SupportAccess) = "auth.support_access_denied";
        /// An approval of support access was taken back.
        SupportAccessRevoked(SupportAccess) = "auth.support_access_revoked";
    }
    MANAGE_STAFF {
        /// A tenant changed what it requires of second factors.
        FactorPolicySet(OfTenant) = "auth.factor_policy_set", invalidates |it| Invalidation::Tenant(it.tenant);
        /// An API key was issued.
        ApiKeyIssued(OfApiKey) = "auth.api_key_issued";
        /// An API key was revoked.
        ApiKeyRevoked(OfApiKey) = "auth.api_key_revoked", invalidates |it| Invalidation::ApiKey(it.key);
    }
}

/// An operator asked a tenant for support access: a mail to the tenant is due (AUT-17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportAccessRequested {
    /// The tenant.
    pub tenant: TenantId,
    /// The request.
    pub grant: SupportGrantId,
    /// The operator.
    pub operator: UserId,
}

impl Payload for SupportAccessRequested {
    fn about(&self) -> About {
        About::object(self.grant).person(self.operator)
    }
}

/// Support access to a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportAccess {
    /// The request.
    pub grant: SupportGrantId,
    /// The operator who asked.
    pub operator: UserId,
    /// The location, if it is one alone.
    pub organization: Option<OrganizationId>,
}

impl SupportAccess {
    /// The access that `grant` is about.
    #[must_use]
    pub fn of(grant: &SupportGrant) -> Self {
        let organization = match grant.organizations.as_deref() {
            Some([one]) => Some(*one),
            _ => None,
        };
        Self { grant: grant.id, operator: grant.requested_by, organization }
    }
}

impl Payload for SupportAccess {
    fn about(&self) -> About {
        About::object(self.grant).at(self.organization).person(self.operator)
    }
}

/// An impersonation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impersonation {
    /// The employee who acts.
    pub user: UserId,
    /// The person whose view is shown.
    pub subject: UserId,
    /// The acting session.
    pub session: SessionId,
    /// The location of the session.
    pub organization: Option<OrganizationId>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfUser {
    /// The user.
    pub user: UserId,
}

/// A user, or nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfAnyone {
    /// The user, if there is one.
    pub user: Option<UserId>,
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfApiKey {
    /// The key.
    pub key: ApiKeyId,
    /// The tenant of the key.
    pub tenant: TenantId,
    /// The location of the key.
    pub organization: OrganizationId,
}

/// A second factor of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfFactor {
    /// The user.
    pub user: UserId,
    /// The factor.
    pub factor: FactorId,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfTenant {
    /// The tenant.
    pub tenant: TenantId,
}

/// A running session verified a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorVerified {
    /// The user of the session.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The tenant of the session.
    pub tenant: TenantId,
    /// What was verified.
    pub method: FactorMethod,
}

/// Someone with the right password, or a session, typed a wrong code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorRejected {
    /// The user.
    pub user: UserId,
    /// Whether this locked the second factor of the user.
    pub locked: bool,
}

/// A recovery code was used: a mail that says so is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodeUsed {
    /// The user.
    pub user: UserId,
    /// How many codes are left.
    pub left: i64,
}

/// Someone signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The user.
    pub user: UserId,
    /// The new session.
    pub session: SessionId,
    /// The tenant of the session.
    pub tenant: TenantId,
    /// The location of the session.
    pub organization: Option<OrganizationId>,
    /// How the user signed in: `password`, or what the identity provider says, such as `sso`.
    pub authentication_method: Option<String>,
    /// What was verified as the second factor; null when the provider's page may have asked for one.
    pub factor_method: Option<FactorMethod>,
}

/// Someone tried to sign in and failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFailed {
    /// The user whose account it is, if there is one.
    pub user: Option<UserId>,
    /// Whether this locked the account for that caller.
    pub locked: bool,
}

/// A session ended before its time. The event names the provider's session, so that a subscriber can end
/// that one as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRevoked {
    /// The user of the session.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The tenant of the session.
    pub tenant: TenantId,
    /// The reason.
    pub reason: RevocationReason,
    /// The session at the identity provider.
    pub provider_session: Option<String>,
}

/// A refresh token was used a second time or on another device: maybe a theft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshReused {
    /// The user of the session.
    pub user: UserId,
    /// The session, which has ended.
    pub session: SessionId,
    /// The tenant of the session.
    pub tenant: TenantId,
    /// Whether it was the same device within seconds: a retry rather than a theft.
    pub likely_retry: bool,
}

/// A session went to another location (TEN-13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationSwitched {
    /// The user of the session.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The tenant of the session.
    pub tenant: TenantId,
    /// The location before.
    pub from: Option<OrganizationId>,
    /// The location now.
    pub to: OrganizationId,
}

impl SessionRevoked {
    /// The end of `session` for `reason`.
    #[must_use]
    pub fn of(session: &Session, reason: RevocationReason) -> Self {
        Self {
            user: session.user,
            session: session.id,
            tenant: session.tenant,
            reason,
            provider_session: session.provider_session.clone(),
        }
    }
}

// Events of one user are delivered in order, whatever sessions they are about.
fn about_user(user: impl Into<Option<UserId>>) -> About {
    let user = user.into();
    user.map_or_else(About::nothing, About::object).person(user)
}

impl Payload for Impersonation {
    fn about(&self) -> About {
        About::object(self.session).at(self.organization).person(self.subject)
    }
}

impl Payload for OfUser {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for OfAnyone {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for OfApiKey {
    fn about(&self) -> About {
        About::object(self.key).at(self.organization)
    }
}

impl Payload for OfFactor {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for OfTenant {
    fn about(&self) -> About {
        About::object(self.tenant)
    }
}

impl Payload for FactorVerified {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for FactorRejected {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for RecoveryCodeUsed {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for SignedIn {
    fn about(&self) -> About {
        about_user(self.user).at(self.organization)
    }
}

impl Payload for SignInFailed {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for SessionRevoked {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for RefreshReused {
    fn about(&self) -> About {
        about_user(self.user)
    }
}

impl Payload for LocationSwitched {
    fn about(&self) -> About {
        about_user(self.user).at(self.to)
    }
}
