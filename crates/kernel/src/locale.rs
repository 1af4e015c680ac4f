//! The languages of letters.

use serde::{Deserialize, Serialize};

/// A language of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English; also the fallback for languages without templates.
    #[default]
    En,
    /// Italian.
    It,
}

impl Locale {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::It];

    /// The language for a BCP 47 tag such as `it` or `it-CH`; English for languages without templates.
    #[must_use]
    pub fn choose(tag: Option<&str>) -> Self {
        let language = tag.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|it| it.tag().eq_ignore_ascii_case(language)).unwrap_or_default()
    }

    /// The BCP 47 tag of the language.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::It => "it",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_the_fallback_for_other_languages() {
        for (tag, locale) in [
            (Some("it"), Locale::It),
            (Some("it-CH"), Locale::It),
            (Some("IT_it"), Locale::It),
            (Some("ita"), Locale::En),
            (Some("fr"), Locale::En),
            (Some(""), Locale::En),
            (None, Locale::En),
        ] {
            assert_eq!(Locale::choose(tag), locale, "{tag:?}");
        }
    }
}
