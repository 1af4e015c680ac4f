//! One cell, as the value that it stands for.

use crate::Locale;

/// What people and systems write for nothing.
const NOTHING: [&str; 14] = [
    "-",
    "--",
    "n/a",
    "n.a.",
    "na",
    "n.d.",
    "nd",
    "none",
    "null",
    "nil",
    "#n/a",
    "\\n",
    "0000-00-00",
    "00/00/0000",
];

// All of these as they are compared: without case and accents.
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

/// The cell without blanks at its ends; empty when it stands for nothing. An apostrophe that was
/// put before a formula sign, so that spreadsheets keep it a text, is taken away again.
pub(crate) fn clean(cell: &str) -> &str {
    let text = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
    let text = match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    };
    if NOTHING.iter().any(|nothing| nothing.eq_ignore_ascii_case(text)) { "" } else { text }
}

/// Yes or no; none for anything else.
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

/// A tag, or the name of a language.
pub(crate) fn language(text: &str) -> Option<Locale> {
    let key = crate::fold::key(text);
    let named = LANGUAGES.iter().find(|(_, names)| names.contains(&key.as_str()));
    named.map_or(text, |(tag, _)| tag).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_nothing_is_nothing() {
        for nothing in ["", "  ", "-", "N/A", "null", "00/00/0000", "\u{feff}"] {
            assert_eq!(clean(nothing), "", "{nothing:?}");
        }
        assert_eq!(clean(" '+39 333 "), "+39 333");
        assert_eq!(clean("'Ndrangheta"), "'Ndrangheta", "an apostrophe of a name stays");
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
    fn the_known_words_are_as_words_are_compared() {
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
