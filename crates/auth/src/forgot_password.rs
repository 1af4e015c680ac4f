//! Asking for a link to choose a new password (AUT-03).
//!
//! The answer is the same whoever asks for whom, and so is the work: one look-up and one event,
//! which names nobody when there is nobody to write to. The mailer mints the link when it sends
//! ([`crate::issue_link`]); none is in the event.

use crate::{
    LoginAttempts, Settled, Users,
    domain_event::{OfAnyone, PasswordResetRequested},
    register::count_mail,
};
use chrono::{DateTime, Utc};
use core::net::IpAddr;
use tryzore_kernel::{Email, Journal};
use tryzore_rbac::DomainEvent;

/// Has a link mailed to `email`, if someone open is behind it.
///
/// # Errors
/// Inner: `auth.mail.locked`, after too many requests for one address from one place; known or
/// not.
pub async fn forgot_password<T: Users + LoginAttempts + Journal>(
    tx: &mut T,
    email: &Email,
    ip: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Settled<()> {
    if let Err(refusal) = count_mail(tx, email, ip, now).await? {
        return Ok(Err(refusal));
    }
    let open = tx.user_find_by_email(email).await?.filter(|user| user.check_open().is_ok());
    let requested = PasswordResetRequested(OfAnyone { user: open.map(|user| user.id) });
    tx.event_publish(requested.published(now));
    Ok(Ok(()))
}
