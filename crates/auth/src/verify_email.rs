//! Proving the mailbox after a sign-up or an invitation, and choosing the first password.
//!
//! `admit` (or `admit_proof`), then [`Redeemable::choose`], then `settle`.

use crate::{OneTimeTokens, Purpose, Redeemable, Settled, Users, choose_password};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

pub use crate::choose_password::settle;

const PURPOSES: &[Purpose] = &[Purpose::EmailVerification, Purpose::Invitation];

// A link to reset a password proves the mailbox just as well.
const PROOFS: &[Purpose] = &[Purpose::EmailVerification, Purpose::Invitation, Purpose::PasswordReset];

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

/// The same for a link of any purpose. Onboarding uses it, because its mail goes both to users with a
/// password and to users without.
///
/// # Errors
/// As [`admit`].
pub async fn admit_proof<T: OneTimeTokens + Users>(
    tx: &mut T,
    token: &SecretString,
    now: DateTime<Utc>,
) -> Settled<Redeemable> {
    choose_password::admit(tx, token, PROOFS, now).await
}
