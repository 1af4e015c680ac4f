//! From bytes to text.
//!
//! A byte order mark settles it. Without one the file is UTF-8 when most of what is not ASCII in it is
//! valid UTF-8, be it cut in places, and Windows-1252 otherwise: that is what spreadsheets in Western
//! Europe save. Anything else must be said (`windows-874` for Thai), because no byte of Windows-1252 is
//! wrong. Rows that look as if the guess were wrong are refused when they are read.

use super::{file_error::ImportError, limits};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use std::io::{self, Read};

/// Bytes as UTF-8, without a byte order mark.
pub type Decoded<R> = DecodeReaderBytes<Limited<R>, Vec<u8>>;

/// Fails when there are more bytes than a file may have.
#[derive(Debug)]
pub struct Limited<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too many bytes")),
        }
        Ok(read)
    }
}

/// The text of `source`. What is not valid becomes U+FFFD.
pub(crate) fn decode<R: Read>(source: R, encoding: &'static Encoding) -> Decoded<R> {
    let source = Limited { source, left: limits::FILE_BYTES };
    DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(source)
}

/// What a file is encoded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) encoding: &'static Encoding,
    /// Whether it is Windows-1252 because nothing else was found.
    pub(crate) is_guess: bool,
}

/// What `source` is encoded in; reads all of it. `said` is a WHATWG label.
///
/// # Errors
/// [`ImportError`] for what is no text, too big, or can't be read.
pub(crate) fn detect(source: impl Read, said: Option<&str>) -> Result<Detected, ImportError> {
    let said = match said {
        None => None,
        Some(label) => Some(
            Encoding::for_label(label.as_bytes())
                .ok_or_else(|| ImportError::UnknownEncoding(label.to_owned()))?,
        ),
    };
    let mut source = Limited { source, left: limits::FILE_BYTES };
    let mut buffer = [0_u8; 16 * 1024];
    let mut filled = fill(&mut source, &mut buffer)?;
    if filled == 0 {
        return Err(ImportError::Empty);
    }
    let start = buffer.get(..filled).unwrap_or_default();
    if let Some(kind) = other_kind(start) {
        return Err(ImportError::NotText(kind));
    }
    let marked = Encoding::for_bom(start).map(|(encoding, _)| encoding);
    let is_wide = marked.or(said).is_some_and(|e| e == UTF_16LE || e == UTF_16BE);
    let mut census = Census::default();
    while filled > 0 {
        let bytes = buffer.get(..filled).unwrap_or_default();
        if !is_wide && bytes.contains(&0) {
            return Err(ImportError::NotText("a binary file"));
        }
        census.count(bytes);
        filled = fill(&mut source, &mut buffer)?;
    }
    let found = marked.or(said);
    let guess = if census.is_utf8() { UTF_8 } else { WINDOWS_1252 };
    Ok(Detected { encoding: found.unwrap_or(guess), is_guess: found.is_none() && guess == WINDOWS_1252 })
}

/// How much of what is not ASCII is valid UTF-8.
#[derive(Debug, Default)]
struct Census {
    valid: u64,
    invalid: u64,
    /// The start of a character whose rest is yet to be read.
    cut: Vec<u8>,
}

impl Census {
    fn count(&mut self, bytes: &[u8]) {
        let joined;
        let bytes = if self.cut.is_empty() {
            bytes
        } else {
            joined = [std::mem::take(&mut self.cut).as_slice(), bytes].concat();
            &joined
        };
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            let wrong = chunk.invalid();
            let is_cut = std::str::from_utf8(wrong).is_err_and(|error| error.error_len().is_none());
            if chunks.peek().is_none() && is_cut {
                self.cut = wrong.to_vec();
            } else {
                self.invalid += u64::from(!wrong.is_empty());
            }
        }
    }

    /// Windows-1252 text is hardly ever valid UTF-8, not even two letters of it.
    fn is_utf8(&self) -> bool {
        let invalid = self.invalid + u64::from(!self.cut.is_empty());
        invalid == 0 || self.valid >= invalid
    }
}

fn fill(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, ImportError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match source.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    Ok(filled)
}

/// What went wrong while reading.
pub(crate) fn unreadable(error: &io::Error) -> ImportError {
    if error.kind() == io::ErrorKind::FileTooLarge {
        ImportError::TooBig
    } else {
        ImportError::Unreadable(error.to_string())
    }
}

/// What people upload by mistake.
fn other_kind(start: &[u8]) -> Option<&'static str> {
    [
        (&b"PK\x03\x04"[..], "an Excel workbook or a ZIP archive"),
        (&b"\xd0\xcf\x11\xe0"[..], "an old Excel workbook"),
        (&b"%PDF"[..], "a PDF"),
        (&b"\x1f\x8b"[..], "a compressed file"),
        (&b"\x89PNG"[..], "a picture"),
        (&b"\xff\xd8\xff"[..], "a picture"),
    ]
    .into_iter()
    .find_map(|(magic, kind)| start.starts_with(magic).then_some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], said: Option<&str>) -> (String, &'static str) {
        let encoding = detect(bytes, said).unwrap().encoding;
        let mut text = String::new();
        decode(bytes, encoding).read_to_string(&mut text).unwrap();
        (text, encoding.name())
    }

    #[test]
    fn every_way_to_save_one_text_gives_that_text() {
        let wide =
            |order: fn(u16) -> [u8; 2]| "\u{feff}Niccolò".encode_utf16().flat_map(order).collect::<Vec<_>>();
        for (bytes, name) in [
            ("Niccolò".as_bytes().to_vec(), "UTF-8"),
            ("\u{feff}Niccolò".as_bytes().to_vec(), "UTF-8"),
            (wide(u16::to_le_bytes), "UTF-16LE"),
            (wide(u16::to_be_bytes), "UTF-16BE"),
            (b"Niccol\xf2".to_vec(), "windows-1252"),
        ] {
            assert_eq!(text(&bytes, None), ("Niccolò".to_owned(), name));
        }
        assert_eq!(text(b"\xca\xc1\xaa\xd2\xc2", Some("tis-620")).0, "สมชาย");
    }

    #[test]
    fn utf8_that_is_cut_between_two_reads_is_still_utf8() {
        let long = "à".repeat(16 * 1024 + 1);
        assert_eq!(text(format!("x{long}").as_bytes(), None).1, "UTF-8");
        let cut = "à".as_bytes()[..1].to_vec();
        assert_eq!(text(&cut, None).1, "windows-1252");
    }

    #[test]
    fn utf8_with_a_cut_byte_is_utf8_as_long_as_most_of_it_is() {
        let file = |valid: usize, invalid: usize| {
            ["à".repeat(valid).into_bytes(), b"\xc3\n".repeat(invalid)].concat()
        };
        assert_eq!(text(&file(2, 2), None).1, "UTF-8");
        assert_eq!(text(&file(2, 3), None).1, "windows-1252");
        assert_eq!(text(&file(0, 1), None).1, "windows-1252");
        assert!(detect(&b"Niccol\xf2"[..], None).unwrap().is_guess);
        assert!(!detect(&b"Niccol\xf2"[..], Some("windows-1252")).unwrap().is_guess);
        // Also where the cut falls between two reads.
        let split = [vec![b'x'; 16 * 1024 - 1], "à".as_bytes().to_vec(), b"\xc3".to_vec()].concat();
        assert_eq!(text(&split, None).1, "UTF-8");
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(detect(&b""[..], None), Err(ImportError::Empty));
        assert!(
            matches!(detect(&b"PK\x03\x04..."[..], None), Err(ImportError::NotText(k)) if k.contains("Excel"))
        );
        assert!(matches!(detect(&b"Name\0"[..], None), Err(ImportError::NotText(_))));
        assert!(matches!(detect(&b"Name"[..], Some("klingon")), Err(ImportError::UnknownEncoding(_))));
    }

    #[test]
    fn a_file_has_at_most_twenty_megabytes() {
        let full = io::repeat(b'a').take(limits::FILE_BYTES);
        assert_eq!(detect(full, None).unwrap().encoding, UTF_8);
        let over = io::repeat(b'a').take(limits::FILE_BYTES + 1);
        assert_eq!(detect(over, None), Err(ImportError::TooBig));
    }
}
