//! Choosing a password by a mailed link, which proves that the person reads the mailbox.
//!
//! Sign-up, invitation, the claim of a purchase (AUT-10) and a forgotten password all work this way; they
//! differ in the purpose of the link. Choosing a password ends all sessions, so that whoever knew the old
//! password is signed out.
//!
//! A provider that stores passwords itself receives the password between the two transactions. If something
//! fails after that, the link still works, and choosing a password again repairs the state.

use crate::{
    AuthEvent, AuthEventKind, Credentials, Enrolment, IdentityError, IdentityProvider, Kept, OneTimeTokens,
    Purpose, RefreshTokens, Refusal, RevocationReason, SecuritySettings, Sessions, Settled, TokenHash, User,
    Users,
    domain_event::{OfUser, PasswordChanged, UserClaimed},
    ending::end_all_sessions,
    identity::{PASSWORD_MAX, is_plausible},
    login::provider_throttled,
    one_time_token::invalid,
    user::EmailProof,
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{AuditEntry, Email, Journal, UserId};
use tryzore_rbac::DomainEvent;

/// A link that is valid.
#[derive(Debug)]
pub struct Redeemable {
    hash: TokenHash,
    user: UserId,
    purposes: &'static [Purpose],
    enrolment: Enrolment,
}

/// A valid link, and a password that the provider accepted.
#[derive(Debug)]
#[must_use = "the password is not in force before it is settled"]
pub struct Chosen {
    link: Redeemable,
    kept: Kept,
}

impl Redeemable {
    /// The address that the link proves.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.enrolment.email
    }

    /// Passes the password to the provider. This is slow: do not call it inside a transaction.
    ///
    /// # Errors
    /// A password that breaks a rule (422 at `/password`); an unavailable provider.
    pub async fn choose(
        self,
        provider: &impl IdentityProvider,
        password: &SecretString,
    ) -> Result<Chosen, Refusal> {
        let weak = |detail: String| Refusal::Invalid { pointer: "/password", detail: detail.into() };
        if !is_plausible(password) {
            return Err(weak(format!("at most {PASSWORD_MAX} characters, and not empty")));
        }
        match provider.identity_enrol(&self.enrolment, password).await {
            Ok(kept) => Ok(Chosen { link: self, kept }),
            Err(IdentityError::WeakPassword(detail)) => Err(weak(detail)),
            Err(IdentityError::Throttled { retry_after }) => Err(provider_throttled(retry_after)),
            Err(other) => Err(Refusal::Unavailable(other.to_string())),
        }
    }
}

/// Finds the link with the text `token`, before any slow work is done for it.
pub(crate) async fn admit<T: OneTimeTokens + Users>(
    tx: &mut T,
    token: &SecretString,
    purposes: &'static [Purpose],
    now: DateTime<Utc>,
) -> Settled<Redeemable> {
    let hash = TokenHash::of(token);
    let Some(found) = tx.one_time_token_find(&hash).await? else {
        return Ok(Err(invalid()));
    };
    if let Err(refusal) = found.check_usable(purposes, now) {
        return Ok(Err(refusal));
    }
    let Some(user) = tx.user_find(found.user).await? else {
        return Ok(Err(invalid()));
    };
    // Refuses early what `settle` would refuse, so that no password is set at a provider in vain.
    if let Err(denial) = user.clone().claim(&EmailProof::new(found.email), now) {
        return Ok(Err(denial.into()));
    }
    let enrolment = Enrolment { email: user.email, name: user.name, subject: user.workos_user_id };
    Ok(Ok(Redeemable { hash, user: user.id, purposes, enrolment }))
}

/// Uses the link up, makes its user active (AUT-10), sets the password and ends all sessions.
///
/// # Errors
/// Inner: `auth.link.invalid`, `auth.user.deactivated`, `auth.user.other_email`.
pub async fn settle<T>(tx: &mut T, chosen: Chosen, now: DateTime<Utc>) -> Settled<User>
where
    T: OneTimeTokens + Users + Credentials + Sessions + RefreshTokens + Journal,
{
    let Chosen { link, kept } = chosen;
    // The user is locked before the token, in the same order as when links are issued.
    let (Some(user), Some(token)) =
        (tx.user_lock(link.user).await?, tx.one_time_token_lock(&link.hash).await?)
    else {
        return Ok(Err(invalid()));
    };
    let token = match token.spend(link.purposes, now) {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (mut user, claimed) = match user.claim(&EmailProof::new(token.email), now) {
        Ok(claimed) => claimed,
        Err(denial) => return Ok(Err(denial.into())),
    };
    if kept.subject.is_some() {
        if user.workos_user_id != kept.subject {
            user.provider_updated_at = Some(now);
        }
        user.workos_user_id = kept.subject;
    }
    user.password_changed_at = Some(now);
    tx.user_update(&user).await?;
    if let Some(hash) = &kept.hash {
        tx.credential_save(user.id, hash, now).await?;
    }
    // Uses up this link and every other link of the user that was mailed.
    tx.one_time_token_spend_all(user.id, None, now).await?;
    tx.auth_event_append(AuthEvent::new(AuthEventKind::PasswordChanged, user.id, now)).await?;
    // Whoever has lost all trusted devices gets in again by the mailbox.
    let settings = tx.security_settings_find(user.id).await?;
    if settings.require_trusted_device {
        let settings = SecuritySettings { require_trusted_device: false, ..settings };
        tx.security_settings_save(user.id, &settings, now).await?;
    }
    let ended = end_all_sessions(tx, user.id, None, RevocationReason::PasswordChanged, now).await?;
    if claimed {
        tx.event_publish(UserClaimed(OfUser { user: user.id }).published(now));
    }
    tx.event_publish(PasswordChanged(OfUser { user: user.id }).published(now));
    tx.audit_append(AuditEntry {
        action: "auth.password_changed",
        target: user.id.uuid(),
        subject: Some(user.id),
        organizations: Vec::new(),
        details: serde_json::json!({ "by": token.purpose, "claimed": claimed, "sessions_ended": ended }),
    });
    Ok(Ok(user))
}

#[cfg(test)]
mod tests;
