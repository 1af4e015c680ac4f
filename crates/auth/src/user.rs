//! One human, global, one login everywhere (TEN-05).
//!
//! A user exists before its human does: a purchase or an import makes one that is *pending claim*, an
//! invitation one that is *invited*. Whoever proves the mailbox becomes that user (AUT-10); what
//! hangs on it, memberships and clients, stays where it is, because only the status changes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{Denial, Email, OwnerAccountId, Phone, UserId};

/// One human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifies the user.
    pub id: UserId,
    /// Where mail goes, unique.
    pub email: Email,
    /// When someone proved to read that mail.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// What the person is called, at most 255 characters.
    pub name: String,
    /// A phone number.
    pub phone: Option<Phone>,
    /// Where the user stands.
    pub status: UserStatus,
    /// The user at WorkOS, unique (`user_01...`).
    pub workos_user_id: Option<String>,
    /// As of when the identity provider last told who the user is there: what was so before is no news.
    pub provider_updated_at: Option<DateTime<Utc>>,
    /// The account that owns organizations, for an owner.
    pub owner_account: Option<OwnerAccountId>,
    /// When a password was last chosen: a sign-in that began before does not count any more.
    pub password_changed_at: Option<DateTime<Utc>>,
    /// When the row came to be.
    pub created_at: DateTime<Utc>,
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// Made by a purchase, an import or a sign-up; nobody has proven the mailbox yet.
    PendingClaim,
    /// Made by an invitation; nobody has proven the mailbox yet.
    Invited,
    /// Someone's.
    Active,
    /// Closed; cannot sign in.
    Deactivated {
        /// Since when.
        at: DateTime<Utc>,
    },
}

impl UserStatus {
    /// The word in the database and the API.
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

/// Someone has proven to read the mail of an address: only a redeemed mail link or a provider
/// that verified the address makes one.
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
    /// Someone who signed up and has not proven the mailbox yet.
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

    /// The same user, now someone's: the address is verified and the status active. Says whether
    /// it was claimed just now; an active user stays as it is but for the verified address.
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

    /// The same user, invited: from *pending claim* only; whoever is active needs no invitation to
    /// exist.
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

    /// The same user, closed.
    #[must_use]
    pub fn deactivate(mut self, now: DateTime<Utc>) -> Self {
        if !matches!(self.status, UserStatus::Deactivated { .. }) {
            self.status = UserStatus::Deactivated { at: now };
        }
        self
    }

    /// The same user, open again: active when its mailbox was ever proven, else invited.
    #[must_use]
    pub fn reactivate(mut self) -> Self {
        if matches!(self.status, UserStatus::Deactivated { .. }) {
            let proven = self.email_verified_at.is_some();
            self.status = if proven { UserStatus::Active } else { UserStatus::Invited };
        }
        self
    }

    /// Whether the user is not closed.
    ///
    /// # Errors
    /// `auth.user.deactivated`.
    pub fn check_open(&self) -> Result<(), Denial> {
        match self.status {
            UserStatus::Deactivated { at } => Err(Denial::right("auth.user.deactivated")
                .because("user.status", self.status)
                .because("user.deactivated_at", at)
                .remedy("Ask the place that you belong to to open your account again.", None)),
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
                "the id stays: so does all"
            );
            assert_eq!(after.email_verified_at, Some(NOW));
        }
        let (_, claimed) = user(UserStatus::Active).claim(&proof("ada@example.com"), NOW).unwrap();
        assert!(!claimed, "nobody claims an active user again");
    }

    #[test]
    fn nobody_claims_with_another_mailbox_or_what_is_closed() {
        let other = user(UserStatus::PendingClaim).claim(&proof("eve@example.com"), NOW).unwrap_err();
        assert_eq!(other.code, "auth.user.other_email");
        let closed = user(UserStatus::Active).deactivate(NOW).claim(&proof("ada@example.com"), NOW);
        assert_eq!(closed.unwrap_err().code, "auth.user.deactivated");
        assert!(user(UserStatus::Active).deactivate(NOW).invite().is_err());
    }

    #[test]
    fn an_invitation_turns_a_purchase_into_a_colleague_and_leaves_the_active_alone() {
        assert_eq!(user(UserStatus::PendingClaim).invite().unwrap().status, UserStatus::Invited);
        assert_eq!(user(UserStatus::Active).invite().unwrap().status, UserStatus::Active);
    }

    #[test]
    fn opening_again_does_not_prove_a_mailbox() {
        let never_proven = user(UserStatus::Invited).deactivate(NOW).reactivate();
        assert_eq!(never_proven.status, UserStatus::Invited);
        let (proven, _) = user(UserStatus::Invited).claim(&proof("ada@example.com"), NOW).unwrap();
        assert_eq!(proven.deactivate(NOW).reactivate().status, UserStatus::Active);
        assert_eq!(user(UserStatus::PendingClaim).reactivate().status, UserStatus::PendingClaim);
    }
}
