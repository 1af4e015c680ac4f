//! The form in which texts are compared: without case, accents and punctuation.
//!
//! Only Latin, Greek and Cyrillic accents are removed. Unicode also classifies the vowel signs and tone
//! marks of Thai and related scripts as marks, but to readers they are letters, so they stay.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of `text` in lower case, without accents and punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase).nfkd() {
        match c {
            '\u{300}'..='\u{36f}' | '\'' | '’' | '‘' | '`' | '´' | 'ʼ' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            c if c.is_alphanumeric() || is_combining_mark(c) => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded.split_whitespace().map(str::to_owned).collect()
}

/// The words of `text` without the spaces between them, to compare column headers.
pub(crate) fn key(text: &str) -> String {
    words(text).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        assert_eq!(key("  E-Mail-Adresse "), "emailadresse");
        assert_eq!(key("Téléphone"), key("TELEPHONE"));
        assert_eq!(words("D’Angelo-Müller"), ["dangelo", "muller"]);
        assert_eq!(words("Strauß Øst"), ["strauss", "ost"]);
    }

    #[test]
    fn thai_vowels_and_tones_count() {
        assert_ne!(key("ปา"), key("ป่า"));
        assert_eq!(key("วันที่ สมัคร"), key("วันที่สมัคร"));
    }
}
