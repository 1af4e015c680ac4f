//! Signing up: name and address now, the password when the mailbox is proven.
//!
//! No password is taken here. One that was set before the mailbox is proven would lie in wait for
//! the owner of the mailbox to confirm a stranger's account (pre-hijacking). So signing up makes a
//! user that is *pending claim* and has a link mailed; [`crate::verify_email`] does the rest.
//! Answer and work are the same whether the address is new, waiting or taken; who is active
//! already is told so by mail.

use crate::{
    LoginAttempts, Refusal, Settled, ThrottleKey, User, UserStatus, Users,
    domain_event::{EmailVerificationRequested, OfAnyone, OfUser, RegisteredAgain},
    login::locked,
};
use chrono::{DateTime, Utc};
use core::net::IpAddr;
use tryzore_kernel::{Denial, Email, Journal, Phone};
use tryzore_rbac::DomainEvent;

/// Who signs up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Where the link goes.
    pub email: Email,
    /// 1 to 255 characters.
    pub name: String,
    /// A phone number.
    pub phone: Option<Phone>,
}

/// Signs someone up. Doing it again has a new link mailed.
///
/// # Errors
/// Inner: 422 for a name that does not hold; `auth.mail.locked`.
pub async fn register<T: Users + LoginAttempts + Journal>(
    tx: &mut T,
    applicant: Applicant,
    ip: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Settled<()> {
    let Applicant { email, name, phone } = applicant;
    let name = name.trim().to_owned();
    if !(1..=255).contains(&name.chars().count()) {
        return Ok(Err(Refusal::Invalid { pointer: "/name", detail: "1 to 255 characters".into() }));
    }
    if let Err(refusal) = count_mail(tx, &email, ip, now).await? {
        return Ok(Err(refusal));
    }
    // Inserting first does the same work for a new address and for one that is taken.
    tx.user_insert(&User::new(email.clone(), name, phone, now)).await?;
    let user = tx.user_find_by_email(&email).await?;
    let requested = |user| EmailVerificationRequested(OfAnyone { user }).published(now);
    tx.event_publish(match user.map(|user| (user.id, user.status)) {
        Some((user, UserStatus::Active)) => RegisteredAgain(OfUser { user }).published(now),
        Some((user, UserStatus::PendingClaim | UserStatus::Invited)) => requested(Some(user)),
        Some((_, UserStatus::Deactivated { .. })) | None => requested(None),
    });
    Ok(Ok(()))
}

/// Counts a mail that someone has sent to `email`, whose owner has not asked for it as far as is known: so
/// nobody fills the mailbox of another. Each address counts, known or not.
///
/// # Errors
/// Inner: `auth.mail.locked`.
pub async fn count_mail<T: LoginAttempts>(
    tx: &mut T,
    email: &Email,
    ip: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Settled<()> {
    let key = ThrottleKey::mail(email, ip);
    match tx.throttle_lock(&key).await?.attempt(now) {
        Ok(counted) => tx.throttle_save(&key, &counted).await?,
        Err(lock) => {
            let denial = Denial::state("auth.mail.locked")
                .remedy("Look for the mails that were sent, or wait before you have another one sent.", None);
            return Ok(Err(locked(denial, lock, now)));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests;
