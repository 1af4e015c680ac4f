//! The letters to those who manage roles at the location of an override. Their texts are in `letters/`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Letter, LetterKind, letter::Template, template};

/// The letters of this crate.
pub const LETTERS: &[LetterKind] = &[
    LetterKind::of::<OverrideExecuted>(),
    LetterKind::of::<OverrideReverted>(),
    LetterKind::of::<RevertFailed>(),
];

/// An override, with the facts for a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideFacts {
    /// The name of the reader.
    pub name: String,
    /// The name of the location.
    pub organization: String,
    /// The kind of what is overridden.
    pub kind: String,
    /// Who set the rule aside.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// From when on the change is taken back without a confirmation.
    pub confirm_by: DateTime<Utc>,
    /// The time zone of the location: times are shown in this zone.
    pub zone: Tz,
}

/// Somebody set a rule aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideExecuted(pub OverrideFacts);

impl Letter for OverrideExecuted {
    const TEMPLATE: Template = template!("override_executed");
    const IS_URGENT: bool = true;

    fn examples() -> Vec<Self> {
        OverrideFacts::examples().map(Self).into()
    }
}

/// The change was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideReverted(pub OverrideFacts);

impl Letter for OverrideReverted {
    const TEMPLATE: Template = template!("override_reverted");

    fn examples() -> Vec<Self> {
        OverrideFacts::examples().map(Self).into()
    }
}

/// The change that nobody confirmed could not be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevertFailed(pub OverrideFacts);

impl Letter for RevertFailed {
    const TEMPLATE: Template = template!("override_revert_failed");
    const IS_URGENT: bool = true;

    fn examples() -> Vec<Self> {
        OverrideFacts::examples().map(Self).into()
    }
}

impl OverrideFacts {
    fn examples() -> [Self; 3] {
        ["booking", "fee", "permission"].map(|kind| Self {
            name: "Ada".into(),
            organization: "Main".into(),
            kind: kind.into(),
            by: "Grace Rossi".into(),
            reason: "The door did not open for the client".into(),
            at: DateTime::from_timestamp(1_772_472_600, 0).unwrap_or_default(),
            confirm_by: DateTime::from_timestamp(1_772_559_000, 0).unwrap_or_default(),
            zone: Tz::Europe__Rome,
        })
    }
}
