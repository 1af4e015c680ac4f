//! Reasons why a file cannot be imported at all.

use super::limits;
use tryzore_kernel::Problem;

/// The reason why a file cannot be imported at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file has no header and no row.
    #[error("the file is empty")]
    Empty,
    /// The file has more bytes than [`limits::FILE_BYTES`].
    #[error("the file is larger than {} MB; split it", limits::FILE_BYTES / (1024 * 1024))]
    TooBig,
    /// The file has more rows than [`limits::ROWS`].
    #[error("the file has more than {} rows; split it", limits::ROWS)]
    TooManyRows,
    /// The file has more columns than [`limits::COLUMNS`].
    #[error("the file has more than {} columns; leave out those that are not needed", limits::COLUMNS)]
    TooManyColumns,
    /// The file is not text.
    #[error("this is {0} and not text; export or save it as CSV")]
    NotText(&'static str),
    /// The option names an unknown encoding.
    #[error("there is no text encoding `{0}`")]
    UnknownEncoding(String),
    /// The option names a character that cannot separate cells.
    #[error("expected a delimiter: one ASCII character, and no quote, letter, digit or line end")]
    BadDelimiter,
    /// The mapping names a header that is not in the file.
    #[error("the file has no column `{header}`")]
    NoSuchHeader {
        /// The field, as in the mapping.
        field: &'static str,
        /// The header in the mapping.
        header: String,
    },
    /// The mapping uses one column for two fields.
    #[error("the column `{header}` is mapped twice")]
    HeaderTwice {
        /// The second field.
        field: &'static str,
        /// The header of the column.
        header: String,
    },
    /// No column contains names.
    #[error("no column contains names; choose the column in the mapping")]
    NoNameColumn,
    /// No column contains e-mail addresses or phone numbers.
    #[error("no column contains e-mail addresses or phone numbers; choose the column in the mapping")]
    NoContactColumn,
    /// The dates of the file are ambiguous.
    #[error(
        "a date such as {example} can be read in two ways; choose whether the day or the month comes first"
    )]
    DateOrderNeeded {
        /// One of the ambiguous dates.
        example: String,
    },
    /// The header opens a quote that is never closed.
    #[error("a quote is opened in line {line} and never closed")]
    OpenQuote {
        /// The number of the line.
        line: u32,
    },
    /// The bytes could not be read.
    #[error("the file could not be read: {0}")]
    Unreadable(String),
}

impl ImportError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "import.file_empty",
            Self::TooBig => "import.file_too_big",
            Self::TooManyRows => "import.too_many_rows",
            Self::TooManyColumns => "import.too_many_columns",
            Self::NotText(_) => "import.not_text",
            Self::UnknownEncoding(_) => "import.unknown_encoding",
            Self::BadDelimiter => "import.bad_delimiter",
            Self::NoSuchHeader { .. } => "import.no_such_header",
            Self::HeaderTwice { .. } => "import.header_twice",
            Self::NoNameColumn => "import.no_name_column",
            Self::NoContactColumn => "import.no_contact_column",
            Self::DateOrderNeeded { .. } => "import.date_order_needed",
            Self::OpenQuote { .. } => "import.open_quote",
            Self::Unreadable(_) => "import.unreadable",
        }
    }

    fn pointer(&self) -> String {
        match self {
            Self::UnknownEncoding(_) => "/options/encoding".into(),
            Self::BadDelimiter => "/options/delimiter".into(),
            Self::DateOrderNeeded { .. } => "/options/date_order".into(),
            Self::NoSuchHeader { field, .. } | Self::HeaderTwice { field, .. } => format!("/mapping/{field}"),
            Self::NoNameColumn => "/mapping/name".into(),
            Self::NoContactColumn => "/mapping/email".into(),
            _ => "/file".into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        let status = if error == ImportError::TooBig { 413 } else { 422 };
        let pointer = error.pointer();
        let detail = error.to_string();
        Self::new(status, error.code(), "The file cannot be imported", detail.clone())
            .and_invalid(pointer, detail)
    }
}
