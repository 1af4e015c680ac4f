//! One row of a file, read.

use super::reason::{Caution, Reason};
use crate::ClientDraft;
use serde::{Deserialize, Serialize};

/// One reason why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// Why.
    pub code: Reason,
    /// The header of the column that it is about, when it is about one.
    pub column: Option<String>,
    /// The same in a sentence.
    pub detail: String,
}

/// What is said of a row that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What.
    pub code: Caution,
    /// The same in a sentence.
    pub detail: String,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A client that can be added or compared.
    Ready(Box<ClientDraft>),
    /// Every reason why it is refused; at least one.
    Refused(Vec<RowFault>),
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet numbers it: the header is row 1. Rows without any character do not count.
    pub number: u32,
    /// The line of the file where it starts, from 1.
    pub line: u32,
    /// How many lines of the file it has.
    pub lines: u32,
    /// The cells as they were, one for each column of the header.
    pub cells: Vec<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What is said of it besides.
    pub warnings: Vec<Warning>,
}

/// A row that was refused, with what the error file needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// As [`Row::number`].
    pub number: u32,
    /// As [`Row::cells`].
    pub cells: Vec<String>,
    /// Why; at least one reason.
    pub faults: Vec<RowFault>,
}
