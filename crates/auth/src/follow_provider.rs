//! Following what an identity provider tells us of its own accord.
//!
//! News come late, twice and out of order, so each is idempotent, and what was so before what we know
//! already is let go: an address that the person has given up since must not come back as a proven one.
//! They only ever take away: nobody gets in by a message.

use crate::{
    RefreshTokens, RevocationReason, Sessions, Users,
    domain_event::{OfUser, UserDeactivated},
    ending::{end_all_sessions, end_session},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Email, Journal, StoreResult};
use tryzore_rbac::DomainEvent;

/// What a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderNews {
    /// A user was changed there.
    UserUpdated {
        /// When that was, if it is said.
        at: Option<DateTime<Utc>>,
        /// The user at the provider.
        subject: String,
        /// The address there.
        email: Email,
        /// Whether the provider has seen it proven.
        email_verified: bool,
        /// What the person is called there.
        name: Option<String>,
    },
    /// A user was deleted there.
    UserDeleted {
        /// The user at the provider.
        subject: String,
    },
    /// A session was ended there.
    SessionRevoked {
        /// The session at the provider.
        provider_session: String,
    },
}

/// Follows `news`. What is about nobody that we know is not an error.
///
/// A new address is taken over when the provider has seen it proven and nobody else has it. A
/// deleted user is closed, not only unlinked: who was locked out there must not get back in here
/// by signing up again.
pub async fn follow_provider<T: Users + Sessions + RefreshTokens + Journal>(
    tx: &mut T,
    news: ProviderNews,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    match news {
        ProviderNews::UserUpdated { at, subject, email, email_verified, name } => {
            let Some(mut user) = tx.user_lock_by_subject(&subject).await? else { return Ok(()) };
            if user.provider_updated_at.is_some_and(|known| at.is_none_or(|at| at < known)) {
                return Ok(());
            }
            let before = user.clone();
            user.provider_updated_at = at.or(user.provider_updated_at);
            if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
                user.name = name.chars().take(255).collect();
            }
            if email_verified && email != user.email && tx.user_find_by_email(&email).await?.is_none() {
                user.email = email;
                user.email_verified_at = Some(now);
            }
            if user != before {
                tx.user_update(&user).await?;
            }
        }
        ProviderNews::UserDeleted { subject } => {
            let Some(mut user) = tx.user_lock_by_subject(&subject).await? else { return Ok(()) };
            user.workos_user_id = None;
            let user = user.deactivate(now);
            tx.user_update(&user).await?;
            let ended = end_all_sessions(tx, user.id, None, RevocationReason::Deactivated, now).await?;
            tx.event_publish(UserDeactivated(OfUser { user: user.id }).published(now));
            tx.audit_append(AuditEntry {
                action: "auth.user_deactivated",
                target: user.id.uuid(),
                subject: Some(user.id),
                organizations: Vec::new(),
                details: serde_json::json!({ "by": "identity provider", "sessions_ended": ended }),
            });
        }
        ProviderNews::SessionRevoked { provider_session } => {
            // Several of ours may follow one of theirs.
            while let Some(session) = tx.session_lock_by_provider(&provider_session).await?
                && session.revoked.is_none()
            {
                end_session(tx, session, RevocationReason::Provider, now).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
