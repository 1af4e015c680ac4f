//! Requesting a link to choose a new password (AUT-03).
//!
//! The answer is the same for every address, and so is the work: one look-up and one event, which names no
//! user when there is none to write to. The mailer creates the link when it sends the mail
//! ([`crate::issue_link`]); the event contains no link.

use crate::{
    AuthEvent, AuthEventKind, AuthEvents, LoginAttempts, Settled, Users,
    domain_event::{OfAnyone, PasswordResetRequested},
    register::count_mail,
};
use chrono::{DateTime, Utc};
use core::net::IpAddr;
use tryzore_kernel::{Email, Journal};
use tryzore_rbac::DomainEvent;

/// Requests a mail with a link to `email`, if a user with that address is not deactivated.
///
/// # Errors
/// Inner: `auth.mail.locked`, after too many requests for one address from one caller, whether or not the
/// address is known.
pub async fn forgot_password<T: Users + LoginAttempts + AuthEvents + Journal>(
    tx: &mut T,
    email: &Email,
    ip: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Settled<()> {
    if let Err(refusal) = count_mail(tx, email, ip, now).await? {
        return Ok(Err(refusal));
    }
    let open = tx.user_find_by_email(email).await?.filter(|user| user.check_open().is_ok());
    let user = open.map(|user| user.id);
    tx.auth_event_append(AuthEvent::new(AuthEventKind::PasswordResetRequested, user, now)).await?;
    let requested = PasswordResetRequested(OfAnyone { user });
    tx.event_publish(requested.published(now));
    Ok(Ok(()))
}
