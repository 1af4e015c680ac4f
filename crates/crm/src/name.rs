//! The names of people.
//!
//! A name has one or two parts. Many people have one name only; it is stored as the given name, without a
//! family name. Parts are normalized to Unicode NFC, so that each way to type `é` gives the same text, and
//! have no blanks at the ends and single blanks inside.

use crate::{fold, text::is_invisible};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;

/// Why a text cannot be a part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is blank.
    #[error("expected a name")]
    Missing,
    /// The text is longer than [`NamePart::MAX`].
    #[error("expected at most {} characters", NamePart::MAX)]
    TooLong,
    /// The text has no letter, or has characters that no name has: `@`, control characters or U+FFFD.
    #[error("expected a name: letters, and no `@` or control characters")]
    NotAName,
}

/// A given name or a family name: 1 to 100 characters, at least one of them a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct NamePart(String);

impl NamePart {
    /// The maximum length of a part in characters (Unicode scalar values).
    pub const MAX: usize = 100;

    /// The part as text, in normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NamePart {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let visible: String = text.nfc().filter(|c| !is_invisible(*c)).collect();
        let part = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        if part.is_empty() {
            return Err(NameError::Missing);
        }
        if part.chars().count() > Self::MAX {
            return Err(NameError::TooLong);
        }
        let foreign = |c: char| c.is_control() || matches!(c, '@' | '\u{fffd}');
        if part.chars().any(foreign) || !part.chars().any(char::is_alphabetic) {
            return Err(NameError::NotAName);
        }
        Ok(Self(part))
    }
}

impl fmt::Display for NamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NamePart {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The name of a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonName {
    /// The given name; the only name of a person with one name.
    pub given: NamePart,
    /// The family name, if there is one.
    pub family: Option<NamePart>,
}

impl PersonName {
    /// Creates a name from its parts.
    #[must_use]
    pub const fn new(given: NamePart, family: Option<NamePart>) -> Self {
        Self { given, family }
    }

    /// Creates a name from texts; a blank family name counts as missing.
    ///
    /// # Errors
    /// [`NameError`] for the given name or else for the family name.
    pub fn try_new(given: &str, family: Option<&str>) -> Result<Self, NameError> {
        let given = given.parse()?;
        let family = match family.map(str::parse) {
            None | Some(Err(NameError::Missing)) => None,
            Some(Ok(family)) => Some(family),
            Some(Err(error)) => return Err(error),
        };
        Ok(Self { given, family })
    }

    /// Whether two spellings are probably the same name: case, accents, punctuation and the order of the
    /// words are ignored (`ROSSI Niccolo` is like `Niccolò Rossi`).
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.likeness() == other.likeness()
    }

    /// Equal for names that [are alike](Self::is_like).
    pub(crate) fn likeness(&self) -> String {
        let mut words = fold::words(&self.to_string());
        words.sort_unstable();
        words.join(" ")
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.family {
            Some(family) => write!(f, "{} {family}", self.given),
            None => write!(f, "{}", self.given),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str, family: &str) -> PersonName {
        PersonName::try_new(given, Some(family)).unwrap()
    }

    #[test]
    fn a_name_has_one_form() {
        let decomposed = name(" Jose\u{301}  Mari\u{301}a ", "\u{200b}Nun\u{303}ez");
        assert_eq!(decomposed, name("José María", "Nuñez"));
        assert_eq!(decomposed.to_string(), "José María Nuñez");
    }

    #[test]
    fn one_name_is_enough() {
        assert_eq!(name("Suharto", "  ").to_string(), "Suharto");
        assert_eq!(PersonName::try_new("", Some("Suharto")), Err(NameError::Missing));
    }

    #[test]
    fn a_part_has_from_one_to_a_hundred_characters() {
        assert!("é".parse::<NamePart>().is_ok());
        assert!("é".repeat(100).parse::<NamePart>().is_ok());
        assert_eq!("é".repeat(101).parse::<NamePart>(), Err(NameError::TooLong));
        assert_eq!(" \u{200b} ".parse::<NamePart>(), Err(NameError::Missing));
    }

    #[test]
    fn a_text_that_no_name_contains_is_refused() {
        for wrong in ["ada@example.com", "12345", "-", "Ad\u{7}a", "Niccol\u{fffd}"] {
            assert_eq!(wrong.parse::<NamePart>(), Err(NameError::NotAName), "{wrong}");
        }
        for right in ["O'Brien", "van der Berg", "สมชาย", "Jean-Luc", "李", "Bob 3rd"] {
            assert!(right.parse::<NamePart>().is_ok(), "{right}");
        }
    }

    #[test]
    fn spellings_of_one_name_are_alike() {
        assert!(name("Niccolò", "De Luca").is_like(&name("DE LUCA", "NICCOLO")));
        assert!(name("Conor", "O'Brien").is_like(&name("conor", "O’Brien")));
        assert!(!name("Anna", "Rossi").is_like(&name("Anna", "Russo")));
    }
}
