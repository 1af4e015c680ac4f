//! The signed-in user, and whether they have verified their email address.
//!
//! An email address identifies a person: an owner account is found by its address. So what belongs to the
//! owner of an address is given to a [`Verified`] user only.

use tryzore_kernel::{Denial, Email, UserId};

/// A user who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// The email address.
    pub email: Email,
    /// The name of the user.
    pub name: String,
    /// Whether the user has verified the address.
    pub is_email_proven: bool,
}

/// A user who has verified their email address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The user.
    pub user: UserId,
    /// The verified address.
    pub email: Email,
    /// The name of the user.
    pub name: String,
}

impl Person {
    /// This user, if their address is verified.
    ///
    /// # Errors
    /// `unproven`, the denial code of the command that requires a verified address.
    pub fn verified(&self, unproven: &'static str) -> Result<Verified, Denial> {
        if !self.is_email_proven {
            return Err(Denial::right(unproven)
                .because("user", self.user)
                .remedy("Follow the link in the mail that verifies your address.", None));
        }
        Ok(Verified { user: self.user, email: self.email.clone(), name: self.name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    #[test]
    fn only_a_user_with_a_verified_address_is_verified() {
        let ada = Verified {
            user: UserId::generate(NOW),
            email: "ada@example.com".parse().unwrap(),
            name: "Ada".into(),
        };
        let person = Person {
            user: ada.user,
            email: ada.email.clone(),
            name: ada.name.clone(),
            is_email_proven: true,
        };
        assert_eq!(person.verified("x.unproven"), Ok(ada));
        let unproven = Person { is_email_proven: false, ..person };
        assert_eq!(unproven.verified("x.unproven").unwrap_err().code, "x.unproven");
    }
}
