//! The letters to people who join a tenant or open one. Their texts are in `letters/`.
//!
//! None of them contains the name of the reader, because the sender chooses it: whoever invites someone or
//! opens a tenant could use it to send a text of their own to a stranger.

use serde::{Deserialize, Serialize};
use tryzore_kernel::{Letter, LetterKind, letter::Template, template};

/// The letters of this crate.
pub const LETTERS: &[LetterKind] =
    &[LetterKind::of::<StaffInvitation>(), LetterKind::of::<OnboardingResume>()];

const LINK: &str = "https://app.example.com/go?token=abc&x=1";

/// An invitation to join the staff (ONB-09).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffInvitation {
    /// The name of the location to work at.
    pub organization: String,
    /// The link in the letter.
    pub link: String,
    /// The number of days for which the link is valid.
    pub days: i64,
    /// Whether the reader has no password yet and chooses a password after following the link.
    pub chooses_password: bool,
}

impl Letter for StaffInvitation {
    const TEMPLATE: Template = template!("staff_invitation");

    fn examples() -> Vec<Self> {
        let of = |chooses_password| Self {
            organization: "Main".into(),
            link: LINK.into(),
            days: 7,
            chooses_password,
        };
        vec![of(true), of(false)]
    }
}

/// Resume opening an account (ONB-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardingResume {
    /// The link in the letter.
    pub link: String,
    /// The number of hours for which the link is valid.
    pub hours: i64,
    /// Whether the reader has a password already: the password that is chosen after following the link
    /// replaces it.
    #[serde(default)]
    pub replaces_password: bool,
}

impl Letter for OnboardingResume {
    const TEMPLATE: Template = template!("onboarding_resume");

    fn examples() -> Vec<Self> {
        [false, true].map(|replaces_password| Self { link: LINK.into(), hours: 24, replaces_password }).into()
    }
}
