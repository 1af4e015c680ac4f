//! Creates the token of a mailed link at the moment the mail is sent.
//!
//! Called by the subscriber of `auth.password_reset_requested`, `auth.email_verification_requested` or an
//! invitation. The text exists only in memory, from here to the mail server. A retry of the mail calls this
//! again: the new link works, the previous one no longer does.

use crate::{
    OneTimeToken, OneTimeTokens, Purpose, Secrets, User, UserStatus, Users,
    secret::{Minted, TokenKind},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{Email, StoreResult, UserId};

/// The data of the mail.
#[derive(Debug, Clone)]
pub struct Link {
    /// The address that the mail goes to.
    pub email: Email,
    /// The name of the person; `None` until someone has proven the address. Until then anyone may have
    /// chosen the name, and no mail carries a text of theirs to a stranger.
    pub name: Option<String>,
    /// The token for the URL of the page.
    pub token: SecretString,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// A link for `user`; `None` when there is nothing to send: the user is deactivated, or has nothing left to
/// prove.
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
    let name = user.email_verified_at.map(|_| user.name);
    Ok(Some(Link { email: user.email, name, token: minted.text, expires_at: token.expires_at }))
}

/// A link for a person who is invited to work at a location (ONB-09). An unknown address becomes an invited
/// user called `name`. `None` for a user who is active, and so needs no first password, or deactivated.
pub async fn issue_invitation_link<T: Users + OneTimeTokens>(
    tx: &mut T,
    email: &Email,
    name: String,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> StoreResult<Option<Link>> {
    tx.user_insert(&User::new(email.clone(), name, None, now)).await?;
    let Some(before) = tx.user_lock_by_email(email).await? else { return Ok(None) };
    let Ok(invited) = before.clone().invite() else { return Ok(None) };
    if invited != before {
        tx.user_update(&invited).await?;
    }
    issue_link(tx, invited.id, Purpose::Invitation, secrets, now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Counting, Memory, NOW, user};
    use chrono::TimeDelta;
    use futures::executor::block_on;

    fn invited(store: &mut Memory) -> Option<Link> {
        let (email, secrets) = ("ada@example.com".parse().unwrap(), Counting::default());
        block_on(issue_invitation_link(store, &email, "Ada".into(), &secrets, NOW)).unwrap()
    }

    #[test]
    fn onb_09_an_invitation_creates_the_user_and_is_valid_for_seven_days() {
        let mut store = Memory::default();
        let link = invited(&mut store).unwrap();
        assert_eq!((link.email.as_str(), link.expires_at), ("ada@example.com", NOW + TimeDelta::days(7)));
        assert_eq!((store.users[0].name.as_str(), store.users[0].status), ("Ada", UserStatus::Invited));
        assert!(
            invited(&mut store).is_some() && store.users.len() == 1,
            "a second invitation makes another link, but no other user"
        );
    }

    #[test]
    fn the_name_of_an_unproven_address_is_in_no_mail() {
        for (email_verified_at, status, name) in [
            (None, UserStatus::PendingClaim, None),
            (None, UserStatus::Invited, None),
            (Some(NOW), UserStatus::Active, Some("Ada")),
        ] {
            let ada = User { email_verified_at, status, ..user() };
            let mut store = Memory { users: vec![ada.clone()], ..Memory::default() };
            let (secrets, purpose) = (Counting::default(), Purpose::PasswordReset);
            let link = block_on(issue_link(&mut store, ada.id, purpose, &secrets, NOW)).unwrap().unwrap();
            assert_eq!(link.name.as_deref(), name, "{status:?}");
        }
    }

    #[test]
    fn aut_10_inviting_changes_a_pending_user_but_no_active_or_deactivated_one() {
        let deactivated = UserStatus::Deactivated { at: NOW };
        for (status, after, is_linked) in [
            (UserStatus::PendingClaim, UserStatus::Invited, true),
            (UserStatus::Active, UserStatus::Active, false),
            (deactivated, deactivated, false),
        ] {
            let before = User { status, name: "Grace".into(), ..user() };
            let mut store = Memory { users: vec![before.clone()], ..Memory::default() };
            assert_eq!(invited(&mut store).is_some(), is_linked, "{status:?}");
            assert_eq!(store.users, [User { status: after, ..before }]);
        }
    }
}
