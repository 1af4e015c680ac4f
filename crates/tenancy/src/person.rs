//! Who is signed in, and whether she has proven to read the mail of her address.
//!
//! An address names a person: an owner account is found by one. So what belongs to whoever reads
//! the mail of an address is given to someone [`Verified`] only.

use tryzore_kernel::{Denial, Email, UserId};

/// Someone who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// The address.
    pub email: Email,
    /// What the user is called.
    pub name: String,
    /// Whether the mail of the address was read.
    pub is_email_proven: bool,
}

/// Someone who has proven to read the mail of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The user.
    pub user: UserId,
    /// The address.
    pub email: Email,
    /// What the user is called.
    pub name: String,
}

impl Person {
    /// The same as someone whose address is proven.
    ///
    /// # Errors
    /// `unproven`, the code of the command that asks for the proof.
    pub fn verified(&self, unproven: &'static str) -> Result<Verified, Denial> {
        if !self.is_email_proven {
            return Err(Denial::right(unproven)
                .because("user", self.user)
                .remedy("Follow the link in the mail that proves your address.", None));
        }
        Ok(Verified { user: self.user, email: self.email.clone(), name: self.name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    #[test]
    fn an_address_belongs_to_whoever_reads_its_mail() {
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
