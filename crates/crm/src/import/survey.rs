//! The properties of a whole file, which are decided before any row is read as a client.
//!
//! A survey is stored with the job, so that the run reads the file exactly as the dry run did.

use super::{
    date::{DateEvidence, DateFinding},
    encoding::{self, decode, unreadable},
    field::Field,
    file_error::ImportError,
    limits,
    mapping::{Columns, Mapping},
    options::ImportOptions,
    records::Records,
    sniff, value,
};
use csv::StringRecord;
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use std::io::{Read, Seek, SeekFrom};

/// The properties of a whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The WHATWG label of the encoding.
    pub encoding: String,
    /// Whether the encoding is a guess: rows that do not look like it are refused.
    #[serde(default)]
    pub is_encoding_guessed: bool,
    /// The character between cells.
    pub delimiter: char,
    /// The headers, as written.
    pub headers: Vec<String>,
    /// The columns of the fields.
    pub columns: Columns,
    /// The headers of the columns that are left out.
    pub unmapped: Vec<String>,
    /// The number of rows below the header with text.
    pub rows: u32,
    /// The order of day and month that the dates of the file show.
    pub dates: DateFinding,
    /// The first rows, to show to the importer.
    pub sample: Vec<Vec<String>>,
}

impl Survey {
    /// The maximum number of rows of a [`Survey::sample`].
    pub const SAMPLE_ROWS: usize = 5;

    /// Reads all of `source` twice, from its start.
    ///
    /// # Errors
    /// [`ImportError`]; an unclear order of dates is not an error here, but [`ImportReader::new`] refuses it.
    ///
    /// [`ImportReader::new`]: super::ImportReader::new
    pub fn take(
        source: &mut (impl Read + Seek),
        mapping: &Mapping,
        options: &ImportOptions,
    ) -> Result<Self, ImportError> {
        rewind(source)?;
        let detected = encoding::detect(&mut *source, options.encoding.as_deref())?;
        let encoding = detected.encoding;
        rewind(source)?;
        let delimiter = match options.delimiter {
            Some(delimiter) => sniff::checked(delimiter)?,
            None => sniff::delimiter(&sample(&mut *source, encoding)?),
        };
        rewind(source)?;
        let mut records = Records::open(&mut *source, encoding, delimiter);
        let header = records.header()?;
        let headers: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
        if headers.len() > limits::COLUMNS {
            return Err(ImportError::TooManyColumns);
        }
        let columns = mapping.resolve(&headers)?;
        let unmapped =
            headers.iter().enumerate().filter(|(at, _)| !columns.uses(*at)).map(|(_, h)| h.clone()).collect();
        let mut method = DateEvidence::default();
        let (mut rows, mut sample) = (0, Vec::new());
        for record in records {
            let record = record?.cells;
            rows += 1;
            if rows > limits::ROWS {
                return Err(ImportError::TooManyRows);
            }
            for field in [Field::BirthDate, Field::JoinedOn] {
                if let Some(cell) = columns.of(field).and_then(|at| record.get(at)) {
                    method.look(&value::clean(field, cell).text);
                }
            }
            if sample.len() < Self::SAMPLE_ROWS {
                sample.push(padded(&record, headers.len()));
            }
        }
        Ok(Self {
            encoding: encoding.name().to_owned(),
            is_encoding_guessed: detected.is_guess,
            delimiter: char::from(delimiter),
            headers,
            columns,
            unmapped,
            rows,
            dates: method.finding(),
            sample,
        })
    }
}

/// Pads a record to the number of columns and shortens long cells, so that a sample stays small.
fn padded(record: &StringRecord, columns: usize) -> Vec<String> {
    let cut = |cell: &str| cell.chars().take(200).collect();
    (0..columns).map(|at| record.get(at).map(cut).unwrap_or_default()).collect()
}

fn rewind(source: &mut impl Seek) -> Result<(), ImportError> {
    source.seek(SeekFrom::Start(0)).map(drop).map_err(|error| unreadable(&error))
}

/// The start of the text, up to the end of a line if possible.
fn sample(source: impl Read, encoding: &'static Encoding) -> Result<String, ImportError> {
    let mut bytes = Vec::new();
    let limit = sniff::SAMPLE as u64;
    decode(source, encoding).take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if bytes.len() >= sniff::SAMPLE
        && let Some(end) = text.rfind('\n')
    {
        text.truncate(end);
    }
    Ok(text)
}
