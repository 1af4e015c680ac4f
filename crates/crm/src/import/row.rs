//! One row of a file after reading.

use super::reason::{Caution, Reason};
use crate::ClientDraft;
use serde::{Deserialize, Serialize};

/// One reason why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// The code of the reason.
    pub code: Reason,
    /// The header of the column with the error, if the error is in one column.
    pub column: Option<String>,
    /// The reason as a sentence.
    pub detail: String,
}

/// A warning about an accepted row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The code of the warning.
    pub code: Caution,
    /// The warning as a sentence.
    pub detail: String,
}

/// The result of reading a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A valid client, to be added or compared.
    Ready(Box<ClientDraft>),
    /// Every reason why the row is refused; at least one.
    Refused(Vec<RowFault>),
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number of the row in a spreadsheet: the header is row 1. Empty lines do not count.
    pub number: u32,
    /// The line of the file where the row starts, from 1.
    pub line: u32,
    /// The number of lines of the row.
    pub lines: u32,
    /// The original cells, one for each column of the header.
    pub cells: Vec<String>,
    /// The result of reading the row.
    pub outcome: Outcome,
    /// The warnings about the row.
    pub warnings: Vec<Warning>,
}

/// A refused row, with the data for the error file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The same number as [`Row::number`].
    pub number: u32,
    /// The same cells as [`Row::cells`].
    pub cells: Vec<String>,
    /// The reasons; at least one.
    pub faults: Vec<RowFault>,
}
