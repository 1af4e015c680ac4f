//! Detects the encoding of a file and decodes it.
//!
//! A byte order mark decides. Without one, the file is UTF-8 if most of its non-ASCII bytes are valid UTF-8,
//! even with damaged places, and Windows-1252 otherwise, because spreadsheets in Western Europe save that.
//! Any other encoding must be named by the importer (`windows-874` for Thai), because every byte is valid
//! in Windows-1252. Rows that look as if the guess were wrong are refused when they are read.

use super::{file_error::ImportError, limits};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use std::io::{self, Read};

/// A reader that decodes to UTF-8 without a byte order mark.
pub type Decoded<R> = DecodeReaderBytes<Limited<R>, Vec<u8>>;

/// A reader that fails after the maximum size of a file.
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

/// Decodes `source`. Invalid bytes become U+FFFD.
pub(crate) fn decode<R: Read>(source: R, encoding: &'static Encoding) -> Decoded<R> {
    let source = Limited { source, left: limits::FILE_BYTES };
    DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(source)
}

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) encoding: &'static Encoding,
    /// Whether Windows-1252 was only guessed.
    pub(crate) is_guess: bool,
}

/// Detects the encoding of `source`, reading all of it. `said` is the WHATWG label that the importer named.
///
/// # Errors
/// [`ImportError`] if the file is not text, is too large, or cannot be read.
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

/// Counts how many of the non-ASCII characters are valid UTF-8.
#[derive(Debug, Default)]
struct Census {
    valid: u64,
    invalid: u64,
    /// The first bytes of a character whose other bytes have not been read yet.
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

    /// Windows-1252 text is hardly ever valid UTF-8, not even for two letters.
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

/// The reason why reading failed.
pub(crate) fn unreadable(error: &io::Error) -> ImportError {
    if error.kind() == io::ErrorKind::FileTooLarge {
        ImportError::TooBig
    } else {
        ImportError::Unreadable(error.to_string())
    }
}

/// Recognizes kinds of files that people upload by mistake.
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
    fn a_file_that_is_not_text_is_refused_by_its_kind() {
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
