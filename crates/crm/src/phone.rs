//! Parses phone numbers as people write them into the stored form (E.164).
//!
//! The numbering plans are those of libphonenumber. This module first repairs what spreadsheets and other
//! systems do to numbers. A number without a country code is read as a number of the country of the
//! location, and only if that fails as a number whose `+` was lost: an Italian `393 123 4567` has the
//! mobile prefix 393, not the country code 39.

use crate::{
    spreadsheet::{self, SpreadsheetNumber},
    text::{is_invisible, is_joiner},
};
use phonenumber::{Mode, PhoneNumber, country, metadata::DATABASE};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use tryzore_kernel::Phone;

/// The text is not the code of a country with phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 3166 country code of two letters such as `IT`")]
pub struct UnknownCountry;

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneFault {
    /// A spreadsheet has turned the text into a number and has rounded its last digits.
    #[error(
        "a spreadsheet has rounded this number and its last digits are lost; format the column as text and export again"
    )]
    SpreadsheetDamage,
    /// A spreadsheet has turned the text into a number, so it is unknown whether it began with a zero or `+`.
    #[error(
        "a spreadsheet has made a number of this and its first characters are lost; write it with its country code"
    )]
    SpreadsheetAmbiguity,
    /// The text has characters that no phone number has.
    #[error("expected a phone number: digits, blanks, `+`, `-`, `.`, `/` and parentheses")]
    NotANumber,
    /// No numbering plan has such a number.
    #[error("there is no such phone number in {0}; write it with its country code, such as +39 06 1234 5678")]
    NoSuchNumber(Country),
    /// The text has a country code, and that country has no such number.
    #[error("the country of this number has no such phone number")]
    NoSuchNumberAbroad,
}

/// A phone number that was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneReading {
    /// The number.
    pub phone: Phone,
    /// Whether an extension was left out: E.164 has no extensions, and text messages cannot reach them.
    pub extension_dropped: bool,
    /// Whether a spreadsheet had turned the text into a number, such as `3475550151.0`.
    pub was_number: bool,
}

/// A country, for numbers that are written without a country code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(country::Id);

impl Country {
    /// Italy.
    pub const ITALY: Self = Self(country::IT);
    /// Thailand.
    pub const THAILAND: Self = Self(country::TH);
    /// The United States of America.
    pub const UNITED_STATES: Self = Self(country::US);

    /// The ISO 3166 code, two letters.
    #[must_use]
    pub fn code(self) -> String {
        self.0.as_ref().to_owned()
    }

    /// The country code of its numbers, such as 39; `None` for countries without phone numbers.
    #[must_use]
    pub fn calling_code(self) -> Option<u16> {
        DATABASE.by_id(self.0.as_ref()).map(phonenumber::Metadata::country_code)
    }

    /// Parses `text` as it would be dialled in this country.
    ///
    /// # Errors
    /// [`PhoneFault`].
    pub fn read_phone(self, text: &str) -> Result<PhoneReading, PhoneFault> {
        // A leading apostrophe makes spreadsheets treat a cell as text.
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c)).trim_start_matches('\'');
        if let Some(whole) = whole_number(text)? {
            return self.read_number(&whole);
        }
        let (number, extension_dropped) = without_extension(text);
        let digits = dialled(number)?;
        let found = if digits.starts_with('+') {
            international(&digits).ok_or(PhoneFault::NoSuchNumberAbroad)?
        } else {
            self.national(&digits).ok_or(PhoneFault::NoSuchNumber(self))?
        };
        Ok(PhoneReading { phone: self.e164(&found)?, extension_dropped, was_number: false })
    }

    /// Parses the digits that a spreadsheet stored as a number: leading zeros and the `+` are lost.
    fn read_number(self, digits: &str) -> Result<PhoneReading, PhoneFault> {
        let reading = self.read_phone(digits)?;
        let abroad = if digits.starts_with('+') { None } else { valid(None, &format!("+{digits}")) };
        let own_code = self.calling_code().is_some_and(|code| digits.starts_with(&code.to_string()));
        if let Some(abroad) = abroad.filter(|_| own_code)
            && self.e164(&abroad)? != reading.phone
        {
            return Err(PhoneFault::SpreadsheetAmbiguity);
        }
        Ok(PhoneReading { was_number: true, ..reading })
    }

    fn e164(self, number: &PhoneNumber) -> Result<Phone, PhoneFault> {
        let phone = number.format().mode(Mode::E164).to_string().parse();
        phone.map_err(|_| PhoneFault::NoSuchNumber(self))
    }

    fn national(self, digits: &str) -> Option<PhoneNumber> {
        let here = self.calling_code().and_then(|code| valid(None, &format!("+{code}{digits}")));
        here.or_else(|| valid(Some(self.0), digits)).or_else(|| {
            let abroad = self.calling_code().is_some_and(|code| digits.starts_with(&code.to_string()));
            if abroad { valid(None, &format!("+{digits}")) } else { None }
        })
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;
    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        text.to_ascii_uppercase().parse().map(Self).map_err(|_| UnknownCountry)
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

fn valid(country: Option<country::Id>, digits: &str) -> Option<PhoneNumber> {
    phonenumber::parse(country, digits).ok().filter(PhoneNumber::is_valid)
}

/// Parses `+` and digits. A national prefix after the country code (`+44 020…`) is removed, but not in
/// Italy, where the zero is part of the number.
fn international(digits: &str) -> Option<PhoneNumber> {
    valid(None, digits).or_else(|| {
        let parsed = phonenumber::parse(None, digits).ok()?;
        let code = parsed.country().code();
        let national = digits.strip_prefix('+')?.strip_prefix(&code.to_string())?;
        let trunk = national.strip_prefix('0').filter(|_| code != 39)?;
        valid(None, &format!("+{code}{trunk}"))
    })
}

/// The text before an extension, and whether there was one.
fn without_extension(text: &str) -> (&str, bool) {
    let end = text.char_indices().skip(1).find(|(_, c)| c.is_alphabetic() || matches!(c, '#' | ';' | ','));
    let Some((at, _)) = end else { return (text, false) };
    let (number, rest) = text.split_at(at);
    let mark: String = rest.chars().take_while(|c| !c.is_ascii_digit()).collect();
    let mark = mark.trim_matches([' ', '.', ':', ',', ';', '=']).to_lowercase();
    let extension = rest.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end();
    let known =
        matches!(mark.as_str(), "x" | "ext" | "extn" | "extension" | "int" | "interno" | "#" | "dw" | "ต่อ");
    let short = (1..=6).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
    if known && short { (number, true) } else { (text, false) }
}

/// `+` where there is a country code, and ASCII digits.
fn dialled(text: &str) -> Result<String, PhoneFault> {
    let text = text.strip_prefix("tel:").unwrap_or(text).trim();
    let is_international = text.starts_with(['+', '＋']) || text.starts_with("00");
    // `+44 (0)20`: the zero in parentheses is for callers inside the country only.
    let text =
        if is_international && !is_italian(text) { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let mut digits = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | '＋' if digits.is_empty() => digits.push('+'),
            '๐'..='๙' => digits.extend(char::from_digit(u32::from(c) - 0x0e50, 10)),
            '０'..='９' => digits.extend(char::from_digit(u32::from(c) - 0xff10, 10)),
            '-' | '.' | '/' | '(' | ')' | '[' | ']' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            c if c.is_whitespace() || is_invisible(c) || is_joiner(c) => {}
            _ => return Err(PhoneFault::NotANumber),
        }
    }
    if let Some(rest) = digits.strip_prefix("+00").or_else(|| digits.strip_prefix("00")) {
        digits = format!("+{rest}");
    }
    // No phone number has more digits; this also limits the input of the parser.
    if (1..=20).contains(&digits.len()) { Ok(digits) } else { Err(PhoneFault::NotANumber) }
}

fn is_italian(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(4).collect();
    digits.trim_start_matches("00").starts_with("39")
}

/// The digits of a number that a spreadsheet has stored as such; `None` for other texts.
fn whole_number(text: &str) -> Result<Option<String>, PhoneFault> {
    match spreadsheet::number(text) {
        Some(SpreadsheetNumber::Rounded) => Err(PhoneFault::SpreadsheetDamage),
        // A short text such as `06.00` is the start of a phone number that is written with dots.
        Some(SpreadsheetNumber::Whole(digits)) if digits.len() >= 7 => Ok(Some(digits)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(country: Country, text: &str) -> Result<String, PhoneFault> {
        country.read_phone(text).map(|reading| reading.phone.to_string())
    }

    #[test]
    fn one_number_has_one_form() {
        let (it, th, us) = (Country::ITALY, Country::THAILAND, Country::UNITED_STATES);
        for (country, text, e164) in [
            (it, "333 123 45 67", "+393331234567"),
            (it, "333/1234567", "+393331234567"),
            (it, "+39 333-1234567", "+393331234567"),
            (it, "0039 333.123.4567", "+393331234567"),
            (it, "393331234567", "+393331234567"),
            (it, "393 123 4567", "+393931234567"),
            (it, "'+39 333 1234567", "+393331234567"),
            (it, "06 1234 5678", "+390612345678"),
            (it, "(06) 12345678", "+390612345678"),
            (it, "+39 (0)6 12345678", "+390612345678"),
            (th, "+39 06 12345678", "+390612345678"),
            (th, "081-234-5678", "+66812345678"),
            (th, "๐๘๑ ๒๓๔ ๕๖๗๘", "+66812345678"),
            (it, "+66 (0)81 234 5678", "+66812345678"),
            (it, "+66 081 234 5678", "+66812345678"),
            (us, "(212) 555-0123", "+12125550123"),
            (us, "1-212-555-0123", "+12125550123"),
            (it, "001 212 555 0123", "+12125550123"),
            (it, "+44 (0)20 7946 0123", "+442079460123"),
            (it, "+41 79 123 45 67", "+41791234567"),
            (it, "tel:+34612345678", "+34612345678"),
        ] {
            assert_eq!(read(country, text).as_deref(), Ok(e164), "{text} in {country}");
        }
    }

    #[test]
    fn a_number_that_a_spreadsheet_has_rounded_is_refused() {
        for text in ["3.93331E+11", "3,93331E+11", "3.9e11", "393E+9"] {
            assert_eq!(read(Country::ITALY, text), Err(PhoneFault::SpreadsheetDamage), "{text}");
        }
    }

    #[test]
    fn a_number_of_a_spreadsheet_is_read_when_all_digits_are_there() {
        let us = Country::UNITED_STATES;
        for (country, text, e164) in [
            (us, "3475550151.0", "+13475550151"),
            (Country::ITALY, "3475550151,00", "+393475550151"),
            (Country::ITALY, "3.93475550153E+11", "+393475550153"),
            (Country::ITALY, "390655501520.0", "+390655501520"),
        ] {
            let reading = country.read_phone(text).unwrap();
            assert_eq!((reading.phone.as_str(), reading.was_number), (e164, true), "{text}");
        }
        assert!(!us.read_phone("347 555 0151").unwrap().was_number);
        assert_eq!(read(Country::ITALY, "3.934755E+11"), Err(PhoneFault::SpreadsheetDamage));
    }

    #[test]
    fn invisible_characters_are_ignored() {
        for text in [
            "\u{202a}+39 347 555 0142\u{202c}",
            "\u{2068}+39 347 555 0142\u{2069}",
            "+39\u{200b} 3475550142",
            "+39\u{a0}3475550142",
        ] {
            assert_eq!(read(Country::ITALY, text).as_deref(), Ok("+393475550142"), "{text:?}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_dialled_is_refused() {
        let it = Country::ITALY;
        for text in ["333 12", "612345678", "112", "33312345678901"] {
            assert_eq!(read(it, text), Err(PhoneFault::NoSuchNumber(it)), "{text}");
        }
        assert_eq!(read(it, "+999 123 456 789"), Err(PhoneFault::NoSuchNumberAbroad));
        for text in ["", "see notes", "333 1234567 mamma", "n/a", "123456789012345678901", "333+1234567"] {
            assert_eq!(read(it, text), Err(PhoneFault::NotANumber), "{text}");
        }
    }

    #[test]
    fn an_extension_is_left_out_and_reported() {
        for text in ["+39 06 12345678 int. 12", "06 12345678 x12", "06 12345678;ext=12", "0612345678 #12"] {
            let reading = Country::ITALY.read_phone(text).unwrap();
            assert_eq!(
                (reading.phone.as_str(), reading.extension_dropped),
                ("+390612345678", true),
                "{text}"
            );
        }
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!("it".parse(), Ok(Country::ITALY));
        assert_eq!("ITA".parse::<Country>(), Err(UnknownCountry));
    }
}
