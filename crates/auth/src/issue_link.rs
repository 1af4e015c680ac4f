//! Minting the token of a mailed link, at the moment that the mail is sent.
//!
//! Called by whoever follows `auth.password_reset_requested`, `auth.email_verification_requested`
//! or an invitation. The text exists in memory only, from here to the mail server. A mail that is
//! tried again calls this again: the new link works, the one before no longer does.

use crate::{
    OneTimeToken, OneTimeTokens, Purpose, Secrets, UserStatus, Users,
    secret::{Minted, TokenKind},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{Email, StoreResult, UserId};

/// What goes into the mail.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it goes.
    pub email: Email,
    /// What the person is called.
    pub name: String,
    /// The token, to be put into the address of the page.
    pub token: SecretString,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

/// A link for `user`; none when there is nothing to send: the user is closed, or has nothing left
/// to prove.
pub async fn issue_link<T: Users + OneTimeTokens>(
    tx: &mut T,
    user: UserId,
    purpose: Purpose,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> StoreResult<Option<Link>> {
    let Some(user) = tx.user_lock(user).await? else {
        return Ok(None);
    };
    let is_due = match user.status {
        UserStatus::PendingClaim | UserStatus::Invited => true,
        UserStatus::Active => purpose == Purpose::PasswordReset,
        UserStatus::Deactivated { .. } => false,
    };
    if !is_due {
        return Ok(None);
    }
    let minted = Minted::try_new(TokenKind::OneTime, "", secrets)?;
    let token = OneTimeToken::new(minted.hash, user.id, user.email.clone(), purpose, now);
    tx.one_time_token_spend_all(user.id, Some(purpose), now).await?;
    tx.one_time_token_insert(&token).await?;
    Ok(Some(Link { email: user.email, name: user.name, token: minted.text, expires_at: token.expires_at }))
}
