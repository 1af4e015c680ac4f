//! The words of columns that no type of the domain has, for the contract.

#![allow(dead_code, reason = "only their schemas are used")]

use serde::Serialize;
use utoipa::ToSchema;

/// Whether a client is archived.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// The client is in the lists.
    Active,
    /// The client was put away.
    Archived,
}

/// How far an import is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// The file is here.
    Uploaded,
    /// Its rows are being checked.
    Checking,
    /// It waits to be confirmed.
    Checked,
    /// Clients are being added and changed.
    Running,
    /// It is done.
    Finished,
    /// It ended without being done.
    Failed,
}

/// The kind of the event of a visit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// A class.
    Class,
    /// A tour of the location.
    Tour,
    /// An appointment.
    Appointment,
}

/// What became of a visit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitStatus {
    /// The client is expected.
    Booked,
    /// The client came.
    Attended,
    /// It was canceled in time.
    Canceled,
    /// It was canceled late.
    CanceledLate,
    /// The client did not come.
    NoShow,
}
