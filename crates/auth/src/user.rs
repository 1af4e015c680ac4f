//! Users: one human is one global user with one login (TEN-05).
//!
//! A user may exist before their first sign-in: a purchase or an import creates one that is *pending
//! claim*, an invitation one that is *invited*. The person who proves the mailbox becomes that user
//! (AUT-10). Memberships and clients of the user stay, because only the status changes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{Denial, Email, OwnerAccountId, Phone, UserId};

/// One human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifies the user.
    pub id: UserId,
    /// The address that mail goes to, unique.
    pub email: Email,
    /// When the person proved that they read that mail.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The name of the person, at most 255 characters.
    pub name: String,
    /// A phone number.
    pub phone: Option<Phone>,
    /// The status of the user.
    pub status: UserStatus,
    /// The id of the user at WorkOS, unique (`user_01...`).
    pub workos_user_id: Option<String>,
    /// The time of the newest known data from the identity provider: older messages are ignored.
    pub provider_updated_at: Option<DateTime<Utc>>,
    /// The account that owns organizations, for an owner.
    pub owner_account: Option<OwnerAccountId>,
    /// When a password was last chosen: a sign-in that began earlier is no longer accepted.
    pub password_changed_at: Option<DateTime<Utc>>,
    /// When the user was created.
    pub created_at: DateTime<Utc>,
}

/// The status of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// Created by a purchase, an import or a sign-up; nobody has proven the mailbox yet.
    PendingClaim,
    /// Created by an invitation; nobody has proven the mailbox yet.
    Invited,
    /// A person has proven the mailbox and can sign in.
    Active,
    /// Deactivated; cannot sign in.
    Deactivated {
        /// When the user was deactivated.
        at: DateTime<Utc>,
    },
}

impl UserStatus {
    /// The text in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingClaim => "pending_claim",
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated { .. } => "deactivated",
        }
    }
}

impl Serialize for UserStatus {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// The proof that a person reads the mail of an address. Only a redeemed mail link or a provider that
/// verified the address creates one.
#[derive(Debug)]
pub struct EmailProof {
    email: Email,
}

impl EmailProof {
    pub(crate) const fn new(email: Email) -> Self {
        Self { email }
    }
}

impl User {
    /// A user for a person who signed up and has not proven the mailbox yet.
    #[must_use]
    pub fn new(email: Email, name: String, phone: Option<Phone>, now: DateTime<Utc>) -> Self {
        Self {
            id: UserId::generate(now),
            email,
            email_verified_at: None,
            name,
            phone,
            status: UserStatus::PendingClaim,
            workos_user_id: None,
            provider_updated_at: None,
            owner_account: None,
            password_changed_at: None,
            created_at: now,
        }
    }

    /// The same user, claimed: the address is verified and the status active. Also returns whether the user
    /// was claimed just now; of an active user, only the verification of the address changes.
    ///
    /// # Errors
    /// `auth.user.deactivated`, `auth.user.other_email`.
    pub fn claim(mut self, proof: &EmailProof, now: DateTime<Utc>) -> Result<(Self, bool), Denial> {
        self.check_open()?;
        if proof.email != self.email {
            // The mail went to an address that has been changed since.
            return Err(Denial::state("auth.user.other_email")
                .remedy("Ask for a new mail; it goes to the new address.", Some("request_password_reset")));
        }
        let claimed = matches!(self.status, UserStatus::PendingClaim | UserStatus::Invited);
        self.status = UserStatus::Active;
        self.email_verified_at.get_or_insert(now);
        Ok((self, claimed))
    }

    /// The same user, invited. Only a user that is *pending claim* changes; an active user stays active.
    ///
    /// # Errors
    /// `auth.user.deactivated`.
    pub fn invite(mut self) -> Result<Self, Denial> {
        self.check_open()?;
        if self.status == UserStatus::PendingClaim {
            self.status = UserStatus::Invited;
        }
        Ok(self)
    }

    /// The same user, deactivated.
    #[must_use]
    pub fn deactivate(mut self, now: DateTime<Utc>) -> Self {
        if !matches!(self.status, UserStatus::Deactivated { .. }) {
            self.status = UserStatus::Deactivated { at: now };
        }
        self
    }

    /// The same user, reactivated: active if the mailbox was ever proven, else invited.
    #[must_use]
    pub fn reactivate(mut self) -> Self {
        if matches!(self.status, UserStatus::Deactivated { .. }) {
            let proven = self.email_verified_at.is_some();
            self.status = if proven { UserStatus::Active } else { UserStatus::Invited };
        }
        self
    }

    /// Checks that the user is not deactivated.
    ///
    /// # Errors
    /// `auth.user.deactivated`.
    pub fn check_open(&self) -> Result<(), Denial> {
        match self.status {
            UserStatus::Deactivated { at } => Err(Denial::right("auth.user.deactivated")
                .because("user.status", self.status)
                .because("user.deactivated_at", at)
                .remedy("Ask your gym or employer to reactivate your account.", None)),
            UserStatus::PendingClaim | UserStatus::Invited | UserStatus::Active => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn user(status: UserStatus) -> User {
        User { status, ..User::new("ada@example.com".parse().unwrap(), "Ada".into(), None, NOW) }
    }

    fn proof(email: &str) -> EmailProof {
        EmailProof::new(email.parse().unwrap())
    }

    #[test]
    fn whoever_proves_the_purchase_email_becomes_the_user_aut_10() {
        for status in [UserStatus::PendingClaim, UserStatus::Invited] {
            let before = user(status);
            let (after, claimed) = before.clone().claim(&proof("Ada@Example.com"), NOW).unwrap();
            assert!(claimed);
            assert_eq!(
                (after.id, after.status),
                (before.id, UserStatus::Active),
                "the id stays, and so does everything that refers to it"
            );
            assert_eq!(after.email_verified_at, Some(NOW));
        }
        let (_, claimed) = user(UserStatus::Active).claim(&proof("ada@example.com"), NOW).unwrap();
        assert!(!claimed, "an active user is not claimed again");
    }

    #[test]
    fn another_mailbox_and_a_deactivated_user_cannot_be_claimed() {
        let other = user(UserStatus::PendingClaim).claim(&proof("eve@example.com"), NOW).unwrap_err();
        assert_eq!(other.code, "auth.user.other_email");
        let closed = user(UserStatus::Active).deactivate(NOW).claim(&proof("ada@example.com"), NOW);
        assert_eq!(closed.unwrap_err().code, "auth.user.deactivated");
        assert!(user(UserStatus::Active).deactivate(NOW).invite().is_err());
    }

    #[test]
    fn an_invitation_changes_a_pending_user_and_leaves_an_active_one_unchanged() {
        assert_eq!(user(UserStatus::PendingClaim).invite().unwrap().status, UserStatus::Invited);
        assert_eq!(user(UserStatus::Active).invite().unwrap().status, UserStatus::Active);
    }

    #[test]
    fn reactivating_does_not_prove_a_mailbox() {
        let never_proven = user(UserStatus::Invited).deactivate(NOW).reactivate();
        assert_eq!(never_proven.status, UserStatus::Invited);
        let (proven, _) = user(UserStatus::Invited).claim(&proof("ada@example.com"), NOW).unwrap();
        assert_eq!(proven.deactivate(NOW).reactivate().status, UserStatus::Active);
        assert_eq!(user(UserStatus::PendingClaim).reactivate().status, UserStatus::PendingClaim);
    }
}
