//! Reads rows one at a time: each is a client, or the reasons why it is refused.
//!
//! To continue after an interruption, read the file from the start and skip the batches that were processed:
//! the result of a row may depend on the rows before it, and on nothing else.

use super::{
    date::{DateFinding, DateOrder},
    field::Field,
    file_error::ImportError,
    limits,
    options::ImportOptions,
    reading::Reading,
    reason::{Caution, Reason},
    records::{Quoting, Record, Records},
    row::{Outcome, Row, RowFault, Warning},
    seen::Seen,
    sniff,
    survey::Survey,
};
use crate::Country;
use chrono::NaiveDate;
use encoding_rs::Encoding;
use std::io::Read;

/// Rows that are planned and written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The number of rows in the earlier batches.
    pub start: u32,
    /// The rows of the batch; at least one.
    pub rows: Vec<Row>,
}

/// Reads a file with its [`Survey`], one row at a time.
pub struct ImportReader<R: Read> {
    records: Records<R>,
    layout: Layout,
    seen: Seen,
    read: u32,
}

/// The properties of the file that reading a row needs.
pub(crate) struct Layout {
    pub(crate) survey: Survey,
    pub(crate) country: Country,
    pub(crate) order: Option<DateOrder>,
    pub(crate) today: NaiveDate,
}

impl<R: Read> ImportReader<R> {
    /// A reader of `source` from its start. `today` is the current date at the location.
    ///
    /// # Errors
    /// [`ImportError::DateOrderNeeded`] if dates are ambiguous and `options` do not contain the order.
    pub fn new(
        source: R,
        survey: &Survey,
        options: &ImportOptions,
        today: NaiveDate,
    ) -> Result<Self, ImportError> {
        let order = match (options.date_order, &survey.dates) {
            (Some(order), _) => Some(order),
            (None, DateFinding::Known { order }) => Some(*order),
            (None, DateFinding::NotNeeded) => None,
            (None, DateFinding::Unclear { example }) => {
                return Err(ImportError::DateOrderNeeded { example: example.clone() });
            }
        };
        let encoding = Encoding::for_label(survey.encoding.as_bytes())
            .ok_or_else(|| ImportError::UnknownEncoding(survey.encoding.clone()))?;
        let mut records = Records::open(source, encoding, sniff::checked(survey.delimiter)?);
        records.header()?;
        let layout = Layout { survey: survey.clone(), country: options.country, order, today };
        Ok(Self { records, layout, seen: Seen::new(options), read: 0 })
    }

    /// The next rows, at most `size`; `None` at the end.
    ///
    /// # Errors
    /// [`ImportError`] if reading fails.
    pub fn next_batch(&mut self, size: usize) -> Result<Option<Batch>, ImportError> {
        let start = self.read;
        let rows = self.by_ref().take(size.max(1)).collect::<Result<Vec<_>, _>>()?;
        Ok(if rows.is_empty() { None } else { Some(Batch { start, rows }) })
    }
}

impl<R: Read> Iterator for ImportReader<R> {
    type Item = Result<Row, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        self.read = self.read.saturating_add(1);
        if self.read > limits::ROWS {
            return Some(Err(ImportError::TooManyRows));
        }
        let number = record.number;
        let mut row = self.layout.read(&record);
        if let Outcome::Ready(draft) = &row.outcome
            && let Err(earlier) = self.seen.meet(draft, number)
        {
            let what = if earlier.by_email { "e-mail address" } else { "phone number" };
            let field = if earlier.by_email { Field::Email } else { Field::Phone };
            row.outcome = Outcome::Refused(vec![RowFault {
                code: Reason::DuplicateInFile,
                column: self.layout.header(field),
                detail: format!("the same {what} is in row {}", earlier.row),
            }]);
            row.warnings.clear();
        }
        Some(Ok(row))
    }
}

impl Layout {
    pub(crate) fn header(&self, field: Field) -> Option<String> {
        self.survey.columns.of(field).and_then(|at| self.survey.headers.get(at)).cloned()
    }

    fn read(&self, record: &Record) -> Row {
        let (columns, cells) = (self.survey.headers.len(), &record.cells);
        let mut reading = Reading::new(self, cells);
        if let Quoting::Open { column } = record.quoting {
            let detail = format!("the quote that is opened in line {} is never closed", record.line);
            let column = self.survey.headers.get(column).cloned();
            reading.faults.push(RowFault { code: Reason::QuoteOpen, column, detail });
        } else if cells.iter().skip(columns).any(|cell| !cell.trim().is_empty()) {
            let detail = format!(
                "it has {} cells and the header has {columns}: a cell with the delimiter in it needs quotes",
                cells.len()
            );
            reading.faults.push(RowFault { code: Reason::RowMisaligned, column: None, detail });
        } else {
            reading.check_lengths();
            reading.check_text();
        }
        if record.quoting == Quoting::Inside {
            let detail = "a quote inside of a quoted cell was kept; it should be doubled".to_owned();
            reading.warnings.push(Warning { code: Caution::QuoteInside, detail });
        }
        // Cells that are in the wrong columns are not reported a second time.
        let draft = if reading.faults.is_empty() { reading.draft() } else { None };
        let Reading { faults, warnings, .. } = reading;
        let (outcome, warnings) = match draft {
            Some(draft) if faults.is_empty() => (Outcome::Ready(Box::new(draft)), warnings),
            _ => (Outcome::Refused(faults), Vec::new()),
        };
        let cells = (0..columns.max(cells.len()).min(limits::COLUMNS))
            .map(|at| cut(cells.get(at).unwrap_or_default()))
            .collect();
        Row { number: record.number, line: record.line, lines: record.lines, cells, outcome, warnings }
    }
}

/// Shortens a cell to the maximum length for the error file.
fn cut(cell: &str) -> String {
    let end = (0..=limits::CELL_BYTES.min(cell.len())).rev().find(|at| cell.is_char_boundary(*at));
    end.and_then(|end| cell.get(..end)).unwrap_or_default().to_owned()
}
