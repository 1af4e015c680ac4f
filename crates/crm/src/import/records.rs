//! The records of a file, as cells, before anything is made of them.

use super::{
    encoding::{self, decode, unreadable},
    file_error::ImportError,
    sniff,
};
use csv::StringRecord;
use encoding_rs::Encoding;
use std::io::Read;

/// The records of a file with their numbers, without those that have no text. The header is 1.
pub(crate) struct Records<R: Read> {
    reader: csv::Reader<encoding::Decoded<R>>,
    number: u32,
    is_over: bool,
}

impl<R: Read> Records<R> {
    pub(crate) fn open(source: R, encoding: &'static Encoding, delimiter: u8) -> Self {
        Self { reader: sniff::cells(decode(source, encoding), delimiter), number: 0, is_over: false }
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<(u32, StringRecord), ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let mut record = StringRecord::new();
            match self.reader.read_record(&mut record) {
                Ok(true) if self.number == 0 && sniff::is_separator_line(&record) => {}
                Ok(true) => {
                    let has_text = record.iter().any(|cell| !cell.trim().is_empty());
                    // The header is the first record with text, whatever stands above it.
                    if has_text || self.number > 0 {
                        self.number = self.number.saturating_add(1);
                    }
                    if has_text {
                        return Some(Ok((self.number, record)));
                    }
                }
                Ok(false) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    let error = match error.into_kind() {
                        csv::ErrorKind::Io(error) => unreadable(&error),
                        other => ImportError::Unreadable(format!("{other:?}")),
                    };
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
