//! Follows changes that an identity provider reports by webhook.
//!
//! Messages arrive late, twice and out of order, so handling each is idempotent, and a message that is
//! older than the known state is ignored: an address that the person has given up since must not come back
//! as a proven one. Messages only take access away: no message signs anyone in.

use crate::{
    RefreshTokens, RevocationReason, Sessions, SsoLinks, SsoReports, Users,
    domain_event::{OfUser, UserDeactivated},
    ending::{end_all_sessions, end_session},
    sso::{self, SsoNews},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Email, Journal, StoreResult};
use tryzore_rbac::DomainEvent;

/// A change that a provider reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderNews {
    /// A user was changed at the provider.
    UserUpdated {
        /// When the user was changed, if the message says so.
        at: Option<DateTime<Utc>>,
        /// The id of the user at the provider.
        subject: String,
        /// The address at the provider.
        email: Email,
        /// Whether the provider has verified the address.
        email_verified: bool,
        /// The name of the person at the provider.
        name: Option<String>,
    },
    /// A user was deleted at the provider.
    UserDeleted {
        /// The id of the user at the provider.
        subject: String,
    },
    /// A session was ended at the provider.
    SessionRevoked {
        /// The id of the session at the provider.
        provider_session: String,
    },
    /// The single sign-on of a tenant was changed at the provider.
    Sso(SsoNews),
}

/// Applies `news`. A message about an unknown user or session is not an error.
///
/// A new address is stored if the provider has verified it and no other user has it. A deleted user is
/// deactivated, not only unlinked: a person who was locked out at the provider must not get in again by
/// signing up.
pub async fn follow_provider<T: Users + Sessions + RefreshTokens + SsoLinks + SsoReports + Journal>(
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
        ProviderNews::Sso(news) => sso::follow(tx, news).await?,
        ProviderNews::SessionRevoked { provider_session } => {
            // Several sessions may belong to one session of the provider.
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
