//! The language of mails to a client.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The text is not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a language tag such as `it` or `en-US`")]
pub struct BadLocale;

/// A language and perhaps a region, as a BCP 47 tag: `it`, `en-US`, `es-419`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Locale(String);

impl Locale {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Locale {
    type Err = BadLocale;

    /// Accepts any case, and `_` for `-`, because browsers, phones and exports write both.
    fn from_str(text: &str) -> Result<Self, BadLocale> {
        let text = text.trim();
        let (language, region) = match text.split_once(['-', '_']) {
            Some((language, region)) => (language, Some(region)),
            None => (text, None),
        };
        let letters = |t: &str| t.bytes().all(|b| b.is_ascii_alphabetic());
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if !(2..=3).contains(&language.len()) || !letters(language) {
            return Err(BadLocale);
        }
        let language = language.to_ascii_lowercase();
        match region {
            None => Ok(Self(language)),
            Some(r) if (r.len() == 2 && letters(r)) || (r.len() == 3 && digits(r)) => {
                Ok(Self(format!("{language}-{}", r.to_ascii_uppercase())))
            }
            Some(_) => Err(BadLocale),
        }
    }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_language_has_one_tag() {
        for (text, tag) in [("it", "it"), ("EN_us", "en-US"), ("es-419", "es-419"), (" fil ", "fil")] {
            assert_eq!(text.parse::<Locale>().unwrap().as_str(), tag);
        }
        for wrong in ["", "i", "ital", "it-", "it-ITA", "it-4", "it-IT-x", "t1"] {
            assert_eq!(wrong.parse::<Locale>(), Err(BadLocale), "{wrong}");
        }
    }
}
