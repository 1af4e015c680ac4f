//! Choosing a new password by a mailed link (AUT-03).
//!
//! `admit`, then [`Redeemable::choose`], then `settle`. This also claims a pending user, because the link
//! proves the mailbox.

use crate::{OneTimeTokens, Purpose, Redeemable, Settled, Users, choose_password};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

pub use crate::choose_password::settle;

const PURPOSES: &[Purpose] = &[Purpose::PasswordReset];

/// Finds the link with the text `token`.
///
/// # Errors
/// Inner: `auth.link.invalid`, `auth.user.deactivated`, `auth.user.other_email`.
pub async fn admit<T: OneTimeTokens + Users>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Settled<Redeemable> {
    choose_password::admit(tx, token, PURPOSES, now).await
}
