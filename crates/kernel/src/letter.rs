//! How a domain declares the letters that it sends to people.
//!
//! A letter is a struct with the facts of one mail; a template has the text. The domain declares both: the
//! struct implements [`Letter`], and the templates are the files `letters/<language>/<template>.txt` of its
//! crate, which [`template!`](crate::template) includes. The domain's list of [`LetterKind`]s gives them to
//! whoever renders letters, who therefore knows no domain.
//!
//! A letter may wait in a queue as its facts and the name of its template. So the name never changes, and a
//! new fact has a default.

use crate::Locale;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A template of letters: its name, and the text in each language that the product comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The name, which never changes: letters that wait in a queue have it.
    pub name: &'static str,
    /// The text in every language.
    pub texts: [(Locale, &'static str); Locale::ALL.len()],
}

/// The template with the texts `letters/<language>/<name>.txt` of the calling crate. It does not compile
/// while the text of a language is missing.
#[macro_export]
macro_rules! template {
    ($name:literal) => {
        $crate::letter::Template {
            name: $name,
            texts: [
                ($crate::Locale::En, $crate::template!(@text "en" $name)),
                ($crate::Locale::It, $crate::template!(@text "it" $name)),
            ],
        }
    };
    (@text $language:literal $name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/letters/", $language, "/", $name, ".txt"))
    };
}

/// A letter: the facts of one mail to a person. A template can use the fields by their names.
///
/// A field `link` is the address behind the template's label `action`. It comes from the product, never from
/// a person.
pub trait Letter: Serialize + DeserializeOwned {
    /// The template of the letter.
    const TEMPLATE: Template;
    /// Whether the letter is sent before others that can wait.
    const IS_URGENT: bool = false;

    /// The time from which the letter is not sent any more; `None` when it is never too late.
    fn stale_at(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// Letters that together use every part of the template, to preview it and to test it.
    fn examples() -> Vec<Self>;
}

/// A kind of letter, for code that has the facts of a letter as JSON.
#[derive(Debug, Clone, Copy)]
pub struct LetterKind {
    template: Template,
    stale_at: fn(&Value) -> serde_json::Result<Option<DateTime<Utc>>>,
    examples: fn() -> serde_json::Result<Vec<Value>>,
}

impl LetterKind {
    /// The kind of the letters `L`.
    #[must_use]
    pub const fn of<L: Letter>() -> Self {
        Self {
            template: L::TEMPLATE,
            stale_at: |facts| Ok(L::deserialize(facts)?.stale_at()),
            examples: || L::examples().iter().map(serde_json::to_value).collect(),
        }
    }

    /// The name of the template.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.template.name
    }

    /// The template's text in the language `locale`.
    #[must_use]
    pub fn text(&self, locale: Locale) -> Option<&'static str> {
        self.template.texts.iter().find(|(language, _)| *language == locale).map(|(_, text)| *text)
    }

    /// The time from which the letter with `facts` is not sent any more; `None` when it is never too late.
    ///
    /// # Errors
    /// When the facts are not those of a letter of this kind.
    pub fn stale_at(&self, facts: &Value) -> serde_json::Result<Option<DateTime<Utc>>> {
        (self.stale_at)(facts)
    }

    /// The facts of letters that together use every part of the template.
    ///
    /// # Errors
    /// When the facts of an example cannot be written as JSON: a defect of the letter.
    pub fn examples(&self) -> serde_json::Result<Vec<Value>> {
        (self.examples)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Serialize, Deserialize)]
    struct Offer {
        ends_at: DateTime<Utc>,
    }

    impl Letter for Offer {
        const TEMPLATE: Template =
            Template { name: "offer", texts: [(Locale::En, "An offer"), (Locale::It, "Un'offerta")] };

        fn stale_at(&self) -> Option<DateTime<Utc>> {
            Some(self.ends_at)
        }

        fn examples() -> Vec<Self> {
            vec![Self { ends_at: "2026-03-02T17:30:00Z".parse().unwrap() }]
        }
    }

    #[test]
    fn a_kind_reads_the_facts_as_those_of_its_letter() {
        let kind = LetterKind::of::<Offer>();
        assert_eq!((kind.name(), kind.text(Locale::It)), ("offer", Some("Un'offerta")));
        let facts = kind.examples().unwrap().remove(0);
        assert_eq!(facts, json!({"ends_at": "2026-03-02T17:30:00Z"}));
        assert_eq!(kind.stale_at(&facts).unwrap(), Some("2026-03-02T17:30:00Z".parse().unwrap()));
        assert!(kind.stale_at(&json!({"ends_at": "soon"})).is_err());
    }
}
