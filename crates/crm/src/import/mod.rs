//! Imports files of clients from other systems.
//!
//! A file is imported in four steps. Nothing is written before step 4.
//! 1. [`Survey::take`] reads the file once and decides the properties of the whole file: encoding,
//!    delimiter, the fields of the columns, and whether `03/04` is March or April.
//! 2. [`ImportReader`] reads the file again with that survey and yields [`Row`]s: either a valid client, or
//!    every reason why the row is refused.
//! 3. [`plan_batch`] compares up to [`BATCH_ROWS`] rows with the existing clients and plans which clients are
//!    added, changed, left unchanged and refused. It is pure, so the dry run differs from the run only in
//!    that it writes nothing.
//! 4. [`run_batch`](fn@run_batch) executes a plan in one transaction, together with the progress of the job.
//!
//! **Invariants:** no input makes this module panic, and memory is bounded by the limits in [`limits`].
//! Importing a file a second time changes nothing. A row is refused as a whole, with all its reasons, and is
//! written to the error file.

pub mod check_import;
pub mod confirm_import;
pub mod date;
pub mod discard_import;
pub mod encoding;
pub mod error_file;
pub mod expire_import;
pub mod field;
pub mod file_error;
pub mod get_import;
mod header;
pub mod job;
pub mod limits;
pub mod mapping;
mod name_cell;
pub mod options;
pub mod plan;
pub mod ports;
pub mod reader;
mod reading;
mod reading_name;
pub mod reason;
mod records;
pub mod report;
pub mod row;
pub mod run_batch;
mod seen;
mod sniff;
pub mod start_import;
pub mod survey;
mod value;

pub use check_import::{begin_check, check_batch, finish_check};
pub use confirm_import::confirm_import;
pub use date::{DateFinding, DateOrder};
pub use discard_import::discard_import;
pub use error_file::error_csv;
pub use expire_import::expire_import;
pub use field::Field;
pub use file_error::ImportError;
pub use get_import::get_import;
pub use job::{ImportFile, ImportJob, ImportState, Progress};
pub use limits::BATCH_ROWS;
pub use mapping::Mapping;
pub use options::{ImportOptions, OnMatch};
pub use plan::{BatchPlan, Insert, PlanRules, Unchanged, Update, plan_batch};
pub use ports::Imports;
pub use reader::{Batch, ImportReader};
pub use reason::{Caution, Reason};
pub use report::ImportReport;
pub use row::{Outcome, RefusedRow, Row, RowFault, Warning};
pub use run_batch::{fail_import, finish_import, run_batch};
pub use start_import::start_import;
pub use survey::Survey;
