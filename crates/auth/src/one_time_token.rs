//! The token of a mailed link: it works once, for a limited time, and proves the mailbox that it was sent
//! to.
//!
//! **The link is never in the event log.** An event such as `auth.password_reset_requested` names only the
//! user. The mailer itself creates the token when it sends ([`crate::issue_link`]), and forgets its text as
//! soon as the mail is handed over. A mail that is sent again carries a new token, and the previous one
//! stops working.

use crate::{
    TokenHash,
    error::{Refusal, unauthenticated},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, Email, UserId};

/// A mailed token, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// The hash of its text, unique.
    pub hash: TokenHash,
    /// The user of the token.
    pub user: UserId,
    /// The address that the token was mailed to, and so the one that it proves.
    pub email: Email,
    /// The purpose of the token.
    pub purpose: Purpose,
    /// When the token was created.
    pub issued_at: DateTime<Utc>,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
    /// When the token was used, or replaced by a newer one.
    pub spent_at: Option<DateTime<Utc>>,
}

/// The purpose of a mailed token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A forgotten password; valid for an hour.
    PasswordReset,
    /// A sign-up; valid for a day.
    EmailVerification,
    /// An invitation to work at a location (ONB-09); valid for a week.
    Invitation,
}

impl Purpose {
    /// How long a token is valid.
    #[must_use]
    pub const fn life(self) -> TimeDelta {
        match self {
            Self::PasswordReset => TimeDelta::hours(1),
            Self::EmailVerification => TimeDelta::hours(24),
            Self::Invitation => TimeDelta::days(7),
        }
    }

    /// The text in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
            Self::Invitation => "invitation",
        }
    }
}

impl OneTimeToken {
    /// A new token that is mailed to `email` at `now`.
    #[must_use]
    pub fn new(hash: TokenHash, user: UserId, email: Email, purpose: Purpose, now: DateTime<Utc>) -> Self {
        let expires_at = now + purpose.life();
        Self { hash, user, email, purpose, issued_at: now, expires_at, spent_at: None }
    }

    /// Checks that the token can be used for one of `purposes`.
    ///
    /// # Errors
    /// `auth.link.invalid`, the same for every reason: a person with a link that does not work needs a new
    /// one, and nobody else needs to know why.
    pub fn check_usable(&self, purposes: &[Purpose], now: DateTime<Utc>) -> Result<(), Refusal> {
        let usable = self.spent_at.is_none() && now < self.expires_at && purposes.contains(&self.purpose);
        if usable { Ok(()) } else { Err(invalid()) }
    }

    /// The same token, used.
    ///
    /// # Errors
    /// As [`Self::check_usable`].
    pub fn spend(mut self, purposes: &[Purpose], now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.check_usable(purposes, now)?;
        self.spent_at = Some(now);
        Ok(self)
    }
}

pub(crate) fn invalid() -> Refusal {
    unauthenticated(Denial::right("auth.link.invalid").remedy(
        "The link was used, replaced by a newer one, or is too old. Ask for a new one.",
        Some("request_password_reset"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, hash};

    const RESET: &[Purpose] = &[Purpose::PasswordReset];

    fn token(purpose: Purpose) -> OneTimeToken {
        OneTimeToken::new(hash(1), UserId::generate(NOW), "ada@example.com".parse().unwrap(), purpose, NOW)
    }

    #[test]
    fn works_once() {
        let spent = token(Purpose::PasswordReset).spend(RESET, NOW).unwrap();
        assert_eq!(spent.spend(RESET, NOW).unwrap_err().code(), "auth.link.invalid");
    }

    #[test]
    fn works_until_the_moment_that_it_expires() {
        for (purpose, minutes) in
            [(Purpose::PasswordReset, 60), (Purpose::EmailVerification, 1440), (Purpose::Invitation, 10080)]
        {
            let end = NOW + TimeDelta::minutes(minutes);
            assert!(token(purpose).check_usable(&[purpose], end - TimeDelta::microseconds(1)).is_ok());
            assert!(token(purpose).check_usable(&[purpose], end).is_err());
        }
    }

    #[test]
    fn works_for_its_purpose_only() {
        assert!(token(Purpose::EmailVerification).check_usable(RESET, NOW).is_err());
    }
}
