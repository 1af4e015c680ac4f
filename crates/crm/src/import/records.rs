//! Splits a file into records of cells.
//!
//! A quoted cell may have several lines. An unclosed quote would swallow the rows below it, so a cell ends
//! before a line that is itself a row, and never extends to the end of the file. The line with the opening
//! quote is then a record of its own, marked as [`Quoting::Open`], and the lines below are read as usual.
//!
//! **Invariant:** every line with text is in exactly one record.

use super::{
    encoding::{Decoded, decode, unreadable},
    file_error::ImportError,
    sniff,
};
use csv::StringRecord;
use encoding_rs::Encoding;
use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read},
};

/// The number of bytes after which a quoted cell of several lines counts as unclosed.
const OPEN_BYTES: usize = 64 * 1024;

/// The state of the quotes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// The quotes are correct.
    Sound,
    /// A quote inside a quoted cell is not doubled; it was kept.
    Inside,
    /// The quote at the start of this cell is never closed.
    Open { column: usize },
}

/// One record of a file.
#[derive(Debug)]
pub(crate) struct Record {
    /// The number of the row in a spreadsheet: the header is 1.
    pub(crate) number: u32,
    /// The line of the file where the record starts, from 1.
    pub(crate) line: u32,
    /// The number of its lines.
    pub(crate) lines: u32,
    pub(crate) cells: StringRecord,
    pub(crate) quoting: Quoting,
}

struct Line {
    text: String,
    end: &'static str,
}

/// The numbered records of a file, without those that have no text.
pub(crate) struct Records<R: Read> {
    source: BufReader<Decoded<R>>,
    /// Lines that were read ahead and not used yet.
    ahead: VecDeque<Line>,
    delimiter: u8,
    /// The number of cells of the header.
    width: Option<usize>,
    /// The number of lines that were used.
    line: u32,
    number: u32,
    is_over: bool,
}

impl<R: Read> Records<R> {
    pub(crate) fn open(source: R, encoding: &'static Encoding, delimiter: u8) -> Self {
        Self {
            source: BufReader::new(decode(source, encoding)),
            ahead: VecDeque::new(),
            delimiter,
            width: None,
            line: 0,
            number: 0,
            is_over: false,
        }
    }

    /// The header: the first record with text.
    ///
    /// # Errors
    /// [`ImportError::Empty`] if the file has no text; [`ImportError::OpenQuote`].
    pub(crate) fn header(&mut self) -> Result<StringRecord, ImportError> {
        let header = self.next().ok_or(ImportError::Empty)??;
        if let Quoting::Open { .. } = header.quoting {
            return Err(ImportError::OpenQuote { line: header.line });
        }
        Ok(header.cells)
    }

    fn record(&mut self) -> io::Result<Option<Record>> {
        let Some(first) = self.take_line()? else { return Ok(None) };
        let line = self.line;
        let mut cells = Cells::new(self.delimiter);
        cells.read(&first.text);
        if !cells.is_open {
            return Ok(Some(self.finish(cells, line, 1)));
        }
        let on_first_line = cells.unclosed();
        let (mut held, mut end) = (Vec::new(), first.end);
        while let Some(next) = self.take_line()? {
            let swallows = self.is_row(&next.text);
            if !swallows {
                cells.cell.push_str(end);
                cells.read(&next.text);
            }
            end = next.end;
            held.push(next);
            if swallows || cells.inside || cells.cell.len() > OPEN_BYTES {
                break;
            }
            if !cells.is_open {
                let lines = 1 + u32::try_from(held.len()).unwrap_or(u32::MAX);
                return Ok(Some(self.finish(cells, line, lines)));
            }
        }
        self.line = line;
        held.into_iter().rev().for_each(|line| self.ahead.push_front(line));
        let (cells, column) = on_first_line;
        Ok(Some(Record { number: 0, line, lines: 1, cells, quoting: Quoting::Open { column } }))
    }

    fn finish(&self, mut cells: Cells, line: u32, lines: u32) -> Record {
        cells.end_cell();
        let quoting = if cells.inside { Quoting::Inside } else { Quoting::Sound };
        Record { number: 0, line, lines, cells: cells.record, quoting }
    }

    /// Whether a line is a row by itself: it has as many cells as the header, and one of them has contact data.
    fn is_row(&self, line: &str) -> bool {
        let Some(width) = self.width.filter(|width| *width > 1) else { return false };
        let mut cells = Cells::new(self.delimiter);
        cells.read(line);
        cells.end_cell();
        // A quote in the middle of a cell closes the quoted cell that is open.
        if cells.is_bare || cells.record.len() != width {
            return false;
        }
        let is_address = |cell: &str| cell.contains('@') && !cell.trim().contains(char::is_whitespace);
        let is_number = |cell: &str| {
            let fits = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-./()".contains(c);
            cell.chars().filter(char::is_ascii_digit).count() >= 9 && cell.chars().all(fits)
        };
        cells.record.iter().any(|cell| is_address(cell) || is_number(cell))
    }

    fn take_line(&mut self) -> io::Result<Option<Line>> {
        let line = match self.ahead.pop_front() {
            Some(line) => Some(line),
            None => self.read_line()?,
        };
        self.line = self.line.saturating_add(u32::from(line.is_some()));
        Ok(line)
    }

    /// Reads a line, which ends with a line feed, a carriage return, or both.
    fn read_line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        loop {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                let text = into_text(bytes);
                return Ok((!text.is_empty()).then_some(Line { text, end: "" }));
            }
            let Some(at) = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                bytes.extend_from_slice(buffer);
                let all = buffer.len();
                self.source.consume(all);
                continue;
            };
            let (text, rest) = buffer.split_at(at);
            bytes.extend_from_slice(text);
            let is_return = rest.first() == Some(&b'\r');
            self.source.consume(at + 1);
            let is_both = is_return && self.source.fill_buf()?.first() == Some(&b'\n');
            self.source.consume(usize::from(is_both));
            let end = match (is_return, is_both) {
                (true, true) => "\r\n",
                (true, false) => "\r",
                (false, _) => "\n",
            };
            return Ok(Some(Line { text: into_text(bytes), end }));
        }
    }
}

/// Converts bytes from the decoder, which are always UTF-8, to text.
fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The cells of a record while it is read, line by line.
struct Cells {
    delimiter: u8,
    record: StringRecord,
    cell: String,
    /// Whether a quote is open.
    is_open: bool,
    /// Whether an undoubled quote inside a quoted cell was kept.
    inside: bool,
    /// Whether a cell that is not quoted contains a quote.
    is_bare: bool,
}

impl Cells {
    fn new(delimiter: u8) -> Self {
        let (record, cell) = (StringRecord::new(), String::new());
        Self { delimiter, record, cell, is_open: false, inside: false, is_bare: false }
    }

    fn read(&mut self, line: &str) {
        // The delimiter and the quote are ASCII, so that every split is between characters.
        let mut rest = line;
        let mut is_start = !self.is_open;
        loop {
            if is_start && let Some(quoted) = rest.strip_prefix('"') {
                (self.is_open, rest) = (true, quoted);
            }
            is_start = false;
            if self.is_open {
                let Some((before, after)) = rest.split_once('"') else {
                    self.cell.push_str(rest);
                    return;
                };
                self.cell.push_str(before);
                rest = after;
                match after.bytes().next() {
                    None => {
                        self.is_open = false;
                        return;
                    }
                    Some(next) if next == self.delimiter => self.is_open = false,
                    Some(b'"') => {
                        self.cell.push('"');
                        rest = after.get(1..).unwrap_or_default();
                    }
                    Some(_) => {
                        self.cell.push('"');
                        self.inside = true;
                    }
                }
                continue;
            }
            let Some((before, after)) = rest.split_once(char::from(self.delimiter)) else {
                self.is_bare |= rest.contains('"');
                self.cell.push_str(rest);
                return;
            };
            self.is_bare |= before.contains('"');
            self.cell.push_str(before);
            self.end_cell();
            (rest, is_start) = (after, true);
        }
    }

    fn end_cell(&mut self) {
        self.record.push_field(&self.cell);
        self.cell.clear();
    }

    /// The cells so far, the open one with its quote, and the index of the open one.
    fn unclosed(&self) -> (StringRecord, usize) {
        let mut record = self.record.clone();
        let column = record.len();
        record.push_field(&format!("\"{}", self.cell));
        (record, column)
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            match self.record() {
                Ok(Some(record)) if self.number == 0 && sniff::is_separator_line(&record.cells) => {}
                Ok(Some(record)) => {
                    // A line without any character is not a row.
                    let is_row = record.cells.len() > 1 || record.cells.iter().any(|cell| !cell.is_empty());
                    let has_text = record.cells.iter().any(|cell| !cell.trim().is_empty());
                    // The header is the first record with text; lines above it are ignored.
                    if has_text || (is_row && self.number > 0) {
                        self.number = self.number.saturating_add(1);
                    }
                    if has_text {
                        self.width.get_or_insert(record.cells.len());
                        return Some(Ok(Record { number: self.number, ..record }));
                    }
                }
                Ok(None) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(unreadable(&error)));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, u32, Vec<String>, Quoting)> {
        let records = Records::open(text.as_bytes(), encoding_rs::UTF_8, b',');
        let owned = |cells: &StringRecord| cells.iter().map(str::to_owned).collect();
        records.map(|r| r.unwrap()).map(|r| (r.line, r.lines, owned(&r.cells), r.quoting)).collect()
    }

    #[test]
    fn quotes_keep_delimiters_line_ends_and_doubled_quotes() {
        let rows = read("a,b\r\n\"x,\"\"y\"\"\",\"1\n2\"\r\"\",z");
        let cells: Vec<_> = rows.iter().map(|(_, _, cells, _)| cells.join("|")).collect();
        assert_eq!(cells, ["a|b", "x,\"y\"|1\n2", "|z"]);
        assert_eq!((rows[1].0, rows[1].1, rows[2].0), (2, 2, 4));
        assert!(rows.iter().all(|(_, _, _, quoting)| *quoting == Quoting::Sound));
    }

    #[test]
    fn a_quote_inside_a_quoted_cell_is_kept_and_noted() {
        let rows = read("a,b\nx,\"likes 6\" rolls, and more\"\n5\" x,y\n");
        assert_eq!((rows[1].2[1].as_str(), rows[1].3), ("likes 6\" rolls, and more", Quoting::Inside));
        assert_eq!((rows[2].2[0].as_str(), rows[2].3), ("5\" x", Quoting::Sound));
    }

    #[test]
    fn an_open_quote_swallows_no_row_and_not_the_rest_of_the_file() {
        let rows = read("a,b\nx,\"open\ny,y@example.com\nz,\"last");
        let wanted = [
            (1, Quoting::Sound),
            (2, Quoting::Open { column: 1 }),
            (3, Quoting::Sound),
            (4, Quoting::Open { column: 1 }),
        ];
        assert_eq!(rows.iter().map(|row| (row.0, row.3)).collect::<Vec<_>>(), wanted);
        assert_eq!(rows[1].2, ["x", "\"open"]);
    }
}
