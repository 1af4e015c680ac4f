//! Files of clients from other systems: from bytes to clients.
//!
//! A file goes this way. Nothing is written before step 4.
//! 1. [`Survey::take`] reads the file once and settles what holds for all of it: encoding,
//!    delimiter, which column is what, and whether `03/04` is March or April.
//! 2. [`ImportReader`] reads it again by that survey and yields [`Row`]s: a client that is ready,
//!    or every reason why it is not.
//! 3. [`plan_batch`] holds up to [`BATCH_ROWS`] rows against the clients that there are and says
//!    what is to be added, changed, left and refused. It is pure: the dry run is the real thing
//!    without the writing.
//! 4. [`run_batch`](fn@run_batch) carries a plan out in one transaction, together with the job's progress.
//!
//! **Invariants:** whatever the bytes are, nothing here panics, and memory is bounded by the limits
//! in [`limits`]. A file that is run twice changes nothing the second time. A row that is refused
//! is refused as a whole, with all its reasons, and comes back in the error file.

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
