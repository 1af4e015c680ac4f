//! Signing up: the person gives name and address now, and chooses a password when the mailbox is proven.
//!
//! No password is accepted here. If an attacker could set one before the mailbox is proven, the owner of
//! the mailbox might later confirm the attacker's account (pre-hijacking). So signing up creates a user
//! that is *pending claim* and requests a mail with a link; [`crate::verify_email`] does the rest. Answer
//! and work are the same whether the address is new, pending or taken; an active user learns by mail that
//! they have an account.

use crate::{
    LoginAttempts, Refusal, Settled, ThrottleKey, User, UserStatus, Users,
    domain_event::{EmailVerificationRequested, OfAnyone, OfUser, RegisteredAgain},
    login::locked,
};
use chrono::{DateTime, Utc};
use core::net::IpAddr;
use tryzore_kernel::{Denial, Email, Journal, Phone};
use tryzore_rbac::DomainEvent;

/// A person who signs up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The address that the link is mailed to.
    pub email: Email,
    /// The name of the person, 1 to 255 characters.
    pub name: String,
    /// A phone number.
    pub phone: Option<Phone>,
}

/// Signs a person up. Signing up again requests a new link.
///
/// # Errors
/// Inner: 422 for a name that is not valid; `auth.mail.locked`.
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
    // Inserting first takes the same work for a new address and for a taken one.
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

/// Counts a mail that someone requests for `email`, perhaps without its owner's knowledge, so that nobody
/// can fill the mailbox of another person. Every address counts, known or not.
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
            let denial = Denial::state("auth.mail.locked").remedy(
                "Look for the mails that were sent already, or wait before you request another one.",
                None,
            );
            return Ok(Err(locked(denial, lock, now)));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests;
