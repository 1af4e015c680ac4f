//! Repairs texts of digits that a spreadsheet has stored as numbers.

/// A text of digits that a spreadsheet has stored as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SpreadsheetNumber {
    /// All digits are there: `3475550151.0`, `3.93475550153E+11`. A leading zero or `+` is lost, because
    /// numbers have none.
    Whole(String),
    /// The last digits are lost: `3.93476E+11`.
    Rounded,
}

/// The precision of spreadsheets: the number of digits of a number that they store.
const DIGITS_MAX: usize = 15;

/// Parses `text` as a number of a spreadsheet; `None` if it does not look like one.
pub(crate) fn number(text: &str) -> Option<SpreadsheetNumber> {
    let (plus, text) = text.strip_prefix('+').map_or(("", text), |rest| ("+", rest));
    let whole = |digits: &str| {
        let fits = digits.trim_start_matches('0').len() <= DIGITS_MAX;
        Some(if fits {
            SpreadsheetNumber::Whole(format!("{plus}{digits}"))
        } else {
            SpreadsheetNumber::Rounded
        })
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (integer, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    if !are_digits(integer) || !(fraction.is_empty() || are_digits(fraction)) {
        return None;
    }
    let Some(exponent) = exponent else {
        let is_float = !fraction.is_empty() && fraction.bytes().all(|b| b == b'0');
        return if is_float { whole(integer) } else { None };
    };
    let is_negative = exponent.starts_with('-');
    let exponent = exponent.trim_start_matches(['+', '-']);
    if !are_digits(exponent) {
        return None;
    }
    let tree = exponent.parse::<usize>().ok().filter(|_| !is_negative);
    let parts = tree.and_then(|tree| fraction.split_at_checked(tree));
    match parts {
        Some((moved, rest)) if rest.bytes().all(|b| b == b'0') => whole(&format!("{integer}{moved}")),
        _ => Some(SpreadsheetNumber::Rounded),
    }
}

/// Whether `text` has the form in which spreadsheets write large numbers, unlike a code such as `12E5`.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let one_digit = mantissa.split(['.', ',']).next().is_some_and(|integer| integer.len() == 1);
    one_digit && exponent.starts_with('+') && number(text).is_some()
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_only_with_every_digit() {
        let whole = |digits: &str| Some(SpreadsheetNumber::Whole(digits.to_owned()));
        for (text, wanted) in [
            ("3475550151.0", whole("3475550151")),
            ("4930123456,00", whole("4930123456")),
            ("+393475550151.0", whole("+393475550151")),
            ("3.93475550153E+11", whole("393475550153")),
            ("3,93475550153e11", whole("393475550153")),
            ("3.9347555015E+11", Some(SpreadsheetNumber::Rounded)),
            ("3.934755501530E+11", whole("393475550153")),
            ("3.934755501535E+11", Some(SpreadsheetNumber::Rounded)),
            ("123456789012345.0", whole("123456789012345")),
            ("1234567890123456.0", Some(SpreadsheetNumber::Rounded)),
            ("3.9E-5", Some(SpreadsheetNumber::Rounded)),
            ("3475550151", None),
            ("347.555", None),
            ("333.123.4567", None),
            ("", None),
            ("E+11", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
        assert!(is_scientific("1.23457E+11") && !is_scientific("12E5") && !is_scientific("12E+5"));
    }
}
