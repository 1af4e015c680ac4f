//! The letters about a user's account. Their texts are in `letters/`.
//!
//! A letter to an address that nobody has proven contains no name: whoever signs up chooses the name, and
//! could use it to send a text of their own to a stranger.

use serde::{Deserialize, Serialize};
use tryzore_kernel::{Letter, LetterKind, letter::Template, template};

/// The letters of this crate.
pub const LETTERS: &[LetterKind] = &[
    LetterKind::of::<EmailVerification>(),
    LetterKind::of::<RegisteredAgain>(),
    LetterKind::of::<PasswordReset>(),
    LetterKind::of::<PasswordChanged>(),
    LetterKind::of::<SupportAccessRequested>(),
    LetterKind::of::<FactorAdded>(),
    LetterKind::of::<FactorRemoved>(),
    LetterKind::of::<RecoveryCodeUsed>(),
];

const LINK: &str = "https://app.example.com/go?token=abc&x=1";

/// Verify the address, then choose a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailVerification {
    /// The link in the letter.
    pub link: String,
    /// The number of hours for which the link is valid.
    pub hours: i64,
}

impl Letter for EmailVerification {
    const TEMPLATE: Template = template!("email_verification");

    fn examples() -> Vec<Self> {
        vec![Self { link: LINK.into(), hours: 24 }]
    }
}

/// Someone signed up with the address of an existing account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredAgain {
    /// The name of the reader.
    pub name: String,
    /// The link for signing in.
    pub link: String,
}

impl Letter for RegisteredAgain {
    const TEMPLATE: Template = template!("registered_again");

    fn examples() -> Vec<Self> {
        vec![Self { name: "Ada".into(), link: LINK.into() }]
    }
}

/// Choose a new password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// The name of the reader; `None` until the reader has verified the address, because until then anyone
    /// may have chosen the name.
    pub name: Option<String>,
    /// The link in the letter.
    pub link: String,
    /// The number of hours for which the link is valid.
    pub hours: i64,
}

impl Letter for PasswordReset {
    const TEMPLATE: Template = template!("password_reset");

    fn examples() -> Vec<Self> {
        let of = |name| Self { name, link: LINK.into(), hours: 1 };
        vec![of(Some("Ada".into())), of(None)]
    }
}

/// A password was changed; the reader should act if they did not change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The name of the reader.
    pub name: String,
    /// The link for choosing another password.
    pub link: String,
}

impl Letter for PasswordChanged {
    const TEMPLATE: Template = template!("password_changed");

    fn examples() -> Vec<Self> {
        vec![Self { name: "Ada".into(), link: LINK.into() }]
    }
}

/// An operator of the platform asks to see data of the tenant; the reader can have it approved or denied (AUT-17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportAccessRequested {
    /// The name of the tenant.
    pub tenant: String,
    /// The name of the operator.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// The reference of the ticket, if there is one.
    pub ticket: Option<String>,
    /// For how many minutes.
    pub minutes: i32,
    /// The link to the request.
    pub link: String,
}

impl Letter for SupportAccessRequested {
    const TEMPLATE: Template = template!("support_access_requested");

    fn examples() -> Vec<Self> {
        let of = |ticket| Self {
            tenant: "Iron Works".into(),
            operator: "Opal".into(),
            reason: "A class is missing".into(),
            ticket,
            minutes: 30,
            link: LINK.into(),
        };
        vec![of(Some("SUP-1".into())), of(None)]
    }
}

/// A second factor was added; the reader should act if they did not add it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorAdded {
    /// The name of the reader.
    pub name: String,
    /// The link for choosing another password.
    pub link: String,
}

impl Letter for FactorAdded {
    const TEMPLATE: Template = template!("factor_added");

    fn examples() -> Vec<Self> {
        vec![Self { name: "Ada".into(), link: LINK.into() }]
    }
}

/// A second factor was removed; the reader should act if they did not remove it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorRemoved {
    /// The name of the reader.
    pub name: String,
    /// The link for choosing another password.
    pub link: String,
}

impl Letter for FactorRemoved {
    const TEMPLATE: Template = template!("factor_removed");

    fn examples() -> Vec<Self> {
        vec![Self { name: "Ada".into(), link: LINK.into() }]
    }
}

/// A recovery code was used; the reader should act if they did not use it, or if few are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodeUsed {
    /// The name of the reader.
    pub name: String,
    /// How many codes are left.
    pub left: i64,
    /// The link for choosing another password.
    pub link: String,
}

impl Letter for RecoveryCodeUsed {
    const TEMPLATE: Template = template!("recovery_code_used");

    fn examples() -> Vec<Self> {
        [9, 1, 0].map(|left| Self { name: "Ada".into(), left, link: LINK.into() }).to_vec()
    }
}
