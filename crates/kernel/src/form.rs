//! The fields of a form, checked one by one, so that all errors are reported at once.

use crate::{FieldError, Problem};
use std::fmt;

/// The fields of a form that are not valid. There is always at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// One field that is not valid. `pointer` is a JSON pointer into the body or a parameter's name.
    pub fn one(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        FieldError { pointer: pointer.into(), detail: detail.into() }.into()
    }

    /// Succeeds if `errors` is empty.
    ///
    /// # Errors
    /// `errors`, if there are any.
    pub fn check(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// The pointers of the fields, in the order in which the errors were found.
    #[must_use]
    pub fn pointers(&self) -> Vec<&str> {
        self.0.iter().map(|error| error.pointer.as_str()).collect()
    }

    /// The errors, in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.0.iter().map(|error| format!("{}: {}", error.pointer, error.detail));
        f.write_str(&errors.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for FieldErrors {}

impl From<FieldErrors> for Problem {
    fn from(FieldErrors(errors): FieldErrors) -> Self {
        Self { errors, ..Self::new(422, "request.invalid", "The request is not valid", "see `errors`") }
    }
}

/// Reads a form field by field and collects the errors.
///
/// ```
/// use tryzore_kernel::form::{FormCheck, line, within};
///
/// let mut check = FormCheck::default();
/// let name = check.take("/name", line(" Yoga ", 1, 255));
/// let spots = check.take("/spots", within(0, 1, 500));
/// let errors = check.finish(name.zip(spots)).unwrap_err();
/// assert_eq!(errors.pointers(), ["/spots"]);
/// ```
#[derive(Debug, Default)]
pub struct FormCheck {
    prefix: String,
    errors: Vec<FieldError>,
}

impl FormCheck {
    /// Checks a part of a form: the pointer of every error starts with `prefix`.
    pub fn under(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), errors: Vec::new() }
    }

    /// Adds an error for the field at `pointer`.
    pub fn add(&mut self, pointer: impl fmt::Display, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: format!("{}{pointer}", self.prefix), detail: detail.into() });
    }

    /// The value that was read; on an error, records the error and returns `None`.
    pub fn take<T>(&mut self, pointer: impl fmt::Display, read: Result<T, impl Into<String>>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(detail) => {
                self.add(pointer, detail);
                None
            }
        }
    }

    /// The part of the form that was read; on errors, records them with the pointers they carry and returns
    /// `None`.
    pub fn take_part<T>(&mut self, read: Result<T, FieldErrors>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(FieldErrors(errors)) => {
                self.errors.extend(errors);
                None
            }
        }
    }

    /// Returns what was read, if all parts were read and no error was recorded.
    ///
    /// # Errors
    /// Every field that is not valid. If a part is missing without a recorded error, the form is refused as
    /// a whole.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, FieldErrors> {
        match read {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ if self.errors.is_empty() => Err(FieldErrors::one(self.prefix, "a required part is missing")),
            _ => Err(FieldErrors(self.errors)),
        }
    }
}

/// One line of `min` to `max` characters, trimmed.
///
/// # Errors
/// What was expected.
pub fn line(text: &str, min: usize, max: usize) -> Result<String, String> {
    let text = text.trim();
    if !(min..=max).contains(&text.chars().count()) {
        Err(format!("expected {min} to {max} characters"))
    } else if text.chars().any(char::is_control) {
        Err("expected no control characters".into())
    } else {
        Ok(text.to_owned())
    }
}

/// A text of `min` to `max` characters on one or more lines, trimmed.
///
/// # Errors
/// What was expected.
pub fn text(text: &str, min: usize, max: usize) -> Result<String, String> {
    let text = text.trim();
    if !(min..=max).contains(&text.chars().count()) {
        Err(format!("expected {min} to {max} characters"))
    } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Err("expected no control characters".into())
    } else {
        Ok(text.to_owned())
    }
}

/// A text of at most `max` characters on one or more lines, trimmed; `None` when it is blank.
///
/// # Errors
/// What was expected.
pub fn optional_text(optional: Option<&str>, max: usize) -> Result<Option<String>, String> {
    let read = optional.map(|optional| text(optional, 0, max)).transpose()?;
    Ok(read.filter(|text| !text.is_empty()))
}

/// A number from `min` to `max`.
///
/// # Errors
/// What was expected.
pub fn within<T: PartialOrd + fmt::Display + Copy>(value: T, min: T, max: T) -> Result<T, String> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(format!("expected {min} to {max}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invalid_field_is_reported_below_its_prefix() {
        let mut check = FormCheck::under("/address");
        let city = check.take("/city", line("", 1, 3));
        let zip = check.take("/zip", within(4, 1, 3));
        check.take_part(Err::<(), _>(FieldErrors::one("/hours/0", "expected a time")));
        let errors = check.finish(city.zip(zip)).unwrap_err();
        assert_eq!(errors.pointers(), ["/address/city", "/address/zip", "/hours/0"]);
        let problem = Problem::from(errors);
        assert_eq!((problem.status, problem.errors.len()), (422, 3));
    }

    #[test]
    fn a_form_without_errors_is_what_was_read_and_a_missing_part_is_an_error() {
        assert_eq!(FormCheck::default().finish(Some(1)), Ok(1));
        assert!(FormCheck::default().finish(None::<u8>).is_err());
    }

    #[test]
    fn lengths_and_ranges_include_both_ends() {
        for right in ["a", "abc", " abc "] {
            assert_eq!(line(right, 1, 3).as_deref(), Ok(right.trim()));
        }
        for wrong in ["", "abcd", "a\u{7}b", "a\nb"] {
            assert!(line(wrong, 1, 3).is_err(), "{wrong:?}");
        }
        assert_eq!(text("a\nb", 1, 3).as_deref(), Ok("a\nb"));
        assert!(text("abcd", 1, 3).is_err() && text("", 1, 3).is_err() && text("a\u{7}", 1, 3).is_err());
        assert_eq!(optional_text(Some("a\nb"), 3), Ok(Some("a\nb".into())));
        assert_eq!((optional_text(Some(" "), 3), optional_text(None, 3)), (Ok(None), Ok(None)));
        assert!(optional_text(Some("abcd"), 3).is_err() && optional_text(Some("\0"), 3).is_err());
        assert_eq!((within(1, 1, 3), within(3, 1, 3)), (Ok(1), Ok(3)));
        assert!(within(0, 1, 3).is_err() && within(4, 1, 3).is_err());
    }
}
