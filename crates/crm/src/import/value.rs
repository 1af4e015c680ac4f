//! Parses single cells.

use super::field::Field;
use crate::{
    Locale,
    text::{is_invisible, is_joiner},
};

/// Texts that people and systems write for a missing value.
const NOTHING: [&str; 8] = ["-", "--", "n/a", "#n/a", "\\n", "0000-00-00", "00/00/0000", "00.00.0000"];
/// Texts that mean a missing value except in names: Null, Nil and Na are names of people.
const NOTHING_BUT_NAMES: [&str; 9] = ["n.a.", "na", "n.d.", "nd", "none", "null", "(null)", "nil", "nan"];

// All of these are in the form in which texts are compared, without case and accents.
const YES: [&str; 18] = [
    "yes",
    "y",
    "true",
    "t",
    "1",
    "x",
    "si",
    "s",
    "ja",
    "j",
    "oui",
    "o",
    "wahr",
    "vero",
    "subscribed",
    "opted in",
    "ใช่",
    "ยินยอม",
];
const NO: [&str; 14] = [
    "no",
    "n",
    "false",
    "f",
    "0",
    "nein",
    "non",
    "falsch",
    "falso",
    "unsubscribed",
    "opted out",
    "ไม่",
    "ไม่ใช่",
    "ไม่ยินยอม",
];
const LANGUAGES: [(&str, &[&str]); 7] = [
    ("it", &["italian", "italiano", "italienisch", "อิตาลี"]),
    ("en", &["english", "inglese", "englisch", "ingles", "anglais", "อังกฤษ", "ภาษาอังกฤษ"]),
    ("de", &["german", "tedesco", "deutsch", "aleman", "allemand"]),
    ("es", &["spanish", "spagnolo", "spanisch", "espanol", "castellano", "espagnol"]),
    ("fr", &["french", "francese", "franzosisch", "frances", "francais"]),
    ("th", &["thai", "thailandese", "thailandisch", "ไทย", "ภาษาไทย"]),
    ("pt", &["portuguese", "portoghese", "portugues"]),
];

/// A cleaned cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cleaned {
    /// The text; empty if it means a missing value.
    pub(crate) text: String,
    /// Whether it was wrapped in a formula, `="00451"`, so that a spreadsheet keeps the digits as text.
    pub(crate) was_formula: bool,
    /// Whether invisible characters were removed.
    pub(crate) had_invisible: bool,
}

/// Removes blanks at the ends and invisible characters from the cell of `field`, and an apostrophe before a
/// formula sign, with which spreadsheets keep a cell as text.
pub(crate) fn clean(field: Field, cell: &str) -> Cleaned {
    let is_hidden = |c: char| is_invisible(c) || (!field.is_name() && is_joiner(c));
    // Byte order marks and similar characters at the ends were left there by other programs.
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let had_invisible = cell.contains(is_hidden);
    let visible = if had_invisible { cell.replace(is_hidden, "") } else { cell.to_owned() };
    let text = visible.trim();
    let text = match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    };
    let unwrapped = unwrapped(text);
    let was_formula = unwrapped.is_some();
    let text = unwrapped.unwrap_or_else(|| text.to_owned());
    let is_one_of = |words: &[&str]| words.iter().any(|nothing| nothing.eq_ignore_ascii_case(&text));
    let is_nothing = is_one_of(&NOTHING) || (!field.is_name() && is_one_of(&NOTHING_BUT_NAMES));
    Cleaned { text: if is_nothing { String::new() } else { text }, was_formula, had_invisible }
}

/// Whether a name is a text that means a missing value in other columns.
pub(crate) fn looks_blank(name: &str) -> bool {
    NOTHING_BUT_NAMES.iter().any(|nothing| nothing.eq_ignore_ascii_case(name))
}

/// The text inside `="00451"` and `=00451`; `None` for any other formula.
fn unwrapped(text: &str) -> Option<String> {
    let rest = text.strip_prefix('=')?.trim();
    if let Some(quoted) = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let is_one_text = !quoted.replace("\"\"", "").contains('"');
        return is_one_text.then(|| quoted.replace("\"\"", "\"").trim().to_owned());
    }
    let digits = rest.strip_prefix('+').unwrap_or(rest);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| rest.to_owned())
}

/// Parses yes or no; `None` for any other text.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    let said = crate::fold::words(text).join(" ");
    if YES.contains(&said.as_str()) {
        Some(true)
    } else if NO.contains(&said.as_str()) {
        Some(false)
    } else {
        None
    }
}

/// Parses a language tag or the name of a language.
pub(crate) fn language(text: &str) -> Option<Locale> {
    let key = crate::fold::key(text);
    let named = LANGUAGES.iter().find(|(_, names)| names.contains(&key.as_str()));
    named.map_or(text, |(tag, _)| tag).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(field: Field, cell: &str) -> String {
        clean(field, cell).text
    }

    #[test]
    fn a_text_for_a_missing_value_is_empty() {
        for nothing in ["", "  ", "-", "N/A", "null", "00/00/0000", "\u{feff}", "=\"\""] {
            assert_eq!(text(Field::Email, nothing), "", "{nothing:?}");
        }
        for name in ["Null", "Na", "Nd", "Nil", "None", "N.D."] {
            for field in [Field::Name, Field::NameFamilyFirst, Field::GivenName, Field::FamilyName] {
                assert_eq!(text(field, name), name);
                assert!(looks_blank(name));
            }
        }
        assert_eq!(text(Field::FamilyName, "-"), "");
        assert_eq!(text(Field::Phone, " '+39 333 "), "+39 333");
        assert_eq!(text(Field::FamilyName, "'Ndrangheta"), "'Ndrangheta", "an apostrophe of a name stays");
    }

    #[test]
    fn invisible_characters_are_removed_from_every_field() {
        let cleaned = clean(Field::Phone, "\u{202a}+39\u{200b} 347\u{200d}\u{202c}");
        assert_eq!((cleaned.text.as_str(), cleaned.had_invisible), ("+39 347", true));
        assert_eq!(text(Field::FamilyName, "ر\u{200c}ا"), "ر\u{200c}ا", "a joiner is part of a name");
        assert!(!clean(Field::Phone, " +39\u{a0}347 ").had_invisible);
    }

    #[test]
    fn a_text_in_a_formula_is_unwrapped_and_other_formulas_stay() {
        for (cell, wanted) in
            [("=\"00451\"", "00451"), ("=00452", "00452"), ("'=\"+39\"", "+39"), ("=+39", "+39")]
        {
            let cleaned = clean(Field::ExternalRef, cell);
            assert_eq!((cleaned.text.as_str(), cleaned.was_formula), (wanted, true), "{cell}");
        }
        for formula in ["=1+1", "=\"a\"&\"b\"", "=A1", "="] {
            assert_eq!(text(Field::ExternalRef, formula), formula);
        }
    }

    #[test]
    fn an_answer_is_yes_no_or_unknown() {
        for yes in ["Sì", "si", "YES", "1", "Ja", "ใช่", "x"] {
            assert_eq!(yes_or_no(yes), Some(true), "{yes}");
        }
        for no in ["No", "nein", "0", "FALSE", "ไม่"] {
            assert_eq!(yes_or_no(no), Some(false), "{no}");
        }
        assert_eq!(yes_or_no("maybe"), None);
    }

    #[test]
    fn the_known_words_are_in_the_form_of_comparison() {
        let languages = LANGUAGES.iter().flat_map(|(_, names)| names.iter());
        for word in YES.iter().chain(&NO).chain(languages) {
            assert_eq!(&crate::fold::words(word).join(" "), word);
        }
    }

    #[test]
    fn a_language_is_a_tag_or_a_name() {
        for (text, tag) in [("Italiano", "it"), ("en_GB", "en-GB"), ("ไทย", "th"), ("Español", "es")] {
            assert_eq!(language(text).unwrap().as_str(), tag);
        }
        assert_eq!(language("Klingonisch"), None);
    }
}
