//! Detects the delimiter of a file.
//!
//! The first rows are read with every candidate. The best candidate is the one with the most known headers,
//! then the one with rows of equal length, then the one with the most columns.

use super::{field::Field, file_error::ImportError};
use csv::{ReaderBuilder, StringRecord};
use std::io::Read;

const CANDIDATES: [u8; 4] = *b",;\t|";
const ROWS: usize = 20;
/// The size of the examined text in bytes.
pub(crate) const SAMPLE: usize = 64 * 1024;

/// A reader of cells: rows may have any length, and no row is treated as a header.
pub(crate) fn cells<R: Read>(source: R, delimiter: u8) -> csv::Reader<R> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source)
}

/// Whether this is the line `sep=;`, with which some spreadsheets declare the delimiter.
pub(crate) fn is_separator_line(record: &StringRecord) -> bool {
    let first = record.get(0).unwrap_or_default();
    let is_alone = record.iter().skip(1).all(str::is_empty);
    let rest = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| first.get(4..));
    is_alone && rest.is_some_and(|rest| rest.len() <= 1)
}

/// The delimiter as a byte.
///
/// # Errors
/// [`ImportError::BadDelimiter`].
pub(crate) fn checked(delimiter: char) -> Result<u8, ImportError> {
    let byte = u8::try_from(delimiter).map_err(|_| ImportError::BadDelimiter)?;
    let fits = byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\r' | b'\n' | 0);
    if fits { Ok(byte) } else { Err(ImportError::BadDelimiter) }
}

/// The delimiter of the text that starts with `sample`.
pub(crate) fn delimiter(sample: &str) -> u8 {
    if let Some(said) = said(sample) {
        return said;
    }
    let best = CANDIDATES.into_iter().rev().max_by_key(|candidate| score(sample, *candidate));
    best.unwrap_or(b',')
}

fn said(sample: &str) -> Option<u8> {
    let line = sample.lines().next()?.trim().trim_matches('"');
    let rest =
        line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..))?;
    let mut rest = rest.chars();
    let delimiter = rest.next().unwrap_or('\t');
    if rest.next().is_none() { checked(delimiter).ok() } else { None }
}

fn score(sample: &str, candidate: u8) -> (usize, usize, usize) {
    let mut rows = cells(sample.as_bytes(), candidate).into_records().map_while(Result::ok);
    let Some(header) = rows.next() else { return (0, 0, 0) };
    let known = header.iter().filter(|cell| Field::of_header(cell).is_some()).count();
    let alike = rows.take(ROWS).filter(|row| row.len() == header.len()).count();
    let columns = header.len();
    (known, if columns > 1 { alike } else { 0 }, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found() {
        for (sample, wanted) in [
            ("Nome;E-mail\nRossi, Anna;a@example.com\n", b';'),
            ("First Name,Last Name,Email\nAnna,Rossi,a@example.com", b','),
            ("Name\tEmail\nAnna\ta@example.com", b'\t'),
            ("Name|Email\nAnna|a@example.com", b'|'),
            ("foo;bar;baz\n1,5;2,5;3,5\n", b';'),
            ("\"Name, first\";\"Email\"\n\"a, b\";c\n", b';'),
            ("sep=|\nName;x|Email\n", b'|'),
            ("Email", b','),
        ] {
            assert_eq!(char::from(delimiter(sample)), char::from(wanted), "{sample}");
        }
    }

    #[test]
    fn not_every_character_can_be_a_delimiter() {
        assert_eq!(checked(';'), Ok(b';'));
        for wrong in ['"', '\n', 'x', '7', 'é', '；', '\0'] {
            assert_eq!(checked(wrong), Err(ImportError::BadDelimiter), "{wrong:?}");
        }
    }
}
