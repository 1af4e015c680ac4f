//! Linking users to those of the provider by proven address, when an installation changes its provider (AUT-09).
//!
//! An address counts if both sides have verified it: otherwise whoever signed up at the provider with the address
//! of another person would get their account.

use tryzore_kernel::{Email, StoreResult, UserId};

/// A user of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderUser {
    /// The id at the provider.
    pub subject: String,
    /// The address; `None` if it is not valid.
    pub email: Option<Email>,
    /// Whether the provider has verified the address.
    pub email_verified: bool,
}

/// One of our users, as far as linking needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: UserId,
    /// The address.
    pub email: Email,
    /// Whether someone has proven the address.
    pub is_verified: bool,
    /// Whether the user is not deactivated.
    pub is_open: bool,
    /// The id of the linked user of the provider.
    pub subject: Option<String>,
}

/// What becomes of a user of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Gets linked to this user.
    Link(UserId),
    /// Is linked already.
    Linked,
    /// The provider has not verified the address.
    UnverifiedThere,
    /// Nobody has proven the address here.
    UnverifiedHere,
    /// Nobody has the address here.
    Unknown,
    /// The user with the address is linked to another user of the provider.
    OtherIdentity,
    /// The user with the address is deactivated.
    Deactivated,
}

/// What becomes of `theirs`, given those of ours with its address or its id.
#[must_use]
pub fn judge(theirs: &ProviderUser, ours: &[Account]) -> Verdict {
    if ours.iter().any(|account| account.subject.as_ref() == Some(&theirs.subject)) {
        return Verdict::Linked;
    }
    let Some(account) = ours.iter().find(|account| Some(&account.email) == theirs.email.as_ref()) else {
        return Verdict::Unknown;
    };
    match account {
        Account { subject: Some(_), .. } => Verdict::OtherIdentity,
        Account { is_open: false, .. } => Verdict::Deactivated,
        _ if !theirs.email_verified => Verdict::UnverifiedThere,
        Account { is_verified: false, .. } => Verdict::UnverifiedHere,
        Account { user, .. } => Verdict::Link(*user),
    }
}

/// Links of users to those of the provider.
#[trait_variant::make(Send)]
pub trait UserLinks {
    /// The users with one of these addresses, or linked to one of these users of the provider.
    async fn accounts_find(&mut self, emails: &[Email], subjects: &[String]) -> StoreResult<Vec<Account>>;
    /// Links users that are not linked; returns how many it linked.
    async fn users_link(&mut self, links: &[(UserId, String)]) -> StoreResult<usize>;
    /// How many active users are not linked.
    async fn users_unlinked_count(&mut self) -> StoreResult<i64>;
    /// How many linked users have a password here, and how many have none.
    async fn users_linked_count(&mut self) -> StoreResult<(i64, i64)>;
    /// Ends the links of at most `most` users; returns how many it ended.
    async fn users_unlink(&mut self, most: i64) -> StoreResult<usize>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    fn theirs() -> ProviderUser {
        let email = Some("ada@example.com".parse().unwrap());
        ProviderUser { subject: "user_1".into(), email, email_verified: true }
    }

    fn ours() -> Account {
        Account {
            user: UserId::generate(NOW),
            email: "ada@example.com".parse().unwrap(),
            is_verified: true,
            is_open: true,
            subject: None,
        }
    }

    #[test]
    fn aut_09_an_address_that_both_have_verified_links() {
        let account = ours();
        assert_eq!(judge(&theirs(), std::slice::from_ref(&account)), Verdict::Link(account.user));
        let there = ProviderUser { email_verified: false, ..theirs() };
        assert_eq!(judge(&there, &[ours()]), Verdict::UnverifiedThere);
        assert_eq!(judge(&theirs(), &[Account { is_verified: false, ..ours() }]), Verdict::UnverifiedHere);
    }

    #[test]
    fn nobody_is_linked_twice_and_nobody_who_is_deactivated() {
        let linked = |subject: &str| Account { subject: Some(subject.into()), ..ours() };
        assert_eq!(judge(&theirs(), &[linked("user_1")]), Verdict::Linked);
        let moved = Account { email: "eve@example.com".parse().unwrap(), ..linked("user_1") };
        assert_eq!(judge(&theirs(), &[moved, ours()]), Verdict::Linked, "by the id, whatever the address");
        assert_eq!(judge(&theirs(), &[linked("user_2")]), Verdict::OtherIdentity);
        assert_eq!(judge(&theirs(), &[Account { is_open: false, ..ours() }]), Verdict::Deactivated);
        assert_eq!(judge(&theirs(), &[]), Verdict::Unknown);
        let without = ProviderUser { email: None, ..theirs() };
        assert_eq!(judge(&without, &[ours()]), Verdict::Unknown);
    }
}
