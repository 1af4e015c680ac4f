//! Fields of a form, checked one by one, so that all faults are told at once.

use std::fmt;
use tryzore_kernel::{FieldError, Problem};

/// The fields of a form that do not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub Vec<FieldError>);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = self.0.iter().map(|fault| format!("{}: {}", fault.pointer, fault.detail));
        f.write_str(&faults.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for Invalid {}

impl From<Invalid> for Problem {
    fn from(Invalid(errors): Invalid) -> Self {
        Self { errors, ..Self::new(422, "request.invalid", "The request does not hold", "see `errors`") }
    }
}

/// Collects faults while a form is read.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    prefix: String,
    errors: Vec<FieldError>,
}

impl Faults {
    /// Faults of a part of a form: every pointer starts with `prefix`.
    pub(crate) fn under(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), errors: Vec::new() }
    }

    /// Notes that the field `pointer` does not hold.
    pub(crate) fn note(&mut self, pointer: impl fmt::Display, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: format!("{}{pointer}", self.prefix), detail: detail.into() });
    }

    /// The value, or nothing and a note.
    pub(crate) fn take<T>(
        &mut self,
        pointer: impl fmt::Display,
        read: Result<T, impl Into<String>>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(detail) => {
                self.note(pointer, detail);
                None
            }
        }
    }

    /// The part that was read, or nothing and its faults.
    pub(crate) fn take_part<T>(&mut self, read: Result<T, Invalid>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(Invalid(errors)) => {
                self.errors.extend(errors);
                None
            }
        }
    }

    /// What was read, if every part of it was and nothing was noted.
    pub(crate) fn finish<T>(self, read: Option<T>) -> Result<T, Invalid> {
        match read {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Invalid(self.errors)),
        }
    }
}

/// A text of 1 to `max` characters without blanks at its ends.
pub(crate) fn text(text: &str, max: usize) -> Result<String, String> {
    let text = text.trim();
    if (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!("expected 1 to {max} characters"))
    }
}

/// A text of at most `max` characters on one or more lines; none when it is blank.
pub(crate) fn optional_text(text: Option<&str>, max: usize) -> Result<Option<String>, String> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) if text.chars().count() <= max && !text.contains('\0') => Ok(Some(text.to_owned())),
        Some(_) => Err(format!("expected at most {max} characters")),
    }
}

/// A number from `min` to `max`.
pub(crate) fn within<T: PartialOrd + fmt::Display + Copy>(value: T, min: T, max: T) -> Result<T, String> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(format!("expected {min} to {max}")) }
}
