//! The ports of the crm crate, and what is read past it.
//!
//! - `clients`, `users`, `imports`: the ports; `rows`: how clients lie in their table.
//! - [`upload`]: the bytes of a file, in chunks, as they come in; `uploaded_file`: read again.
//! - [`import_run`]: an import, done batch by batch by a worker; `import_sweep`: what is kept no longer.
//! - [`locale`]: what a location means for dates and phone numbers.
//! - [`views`]: what screens show, beside the query that reads it.
//!
//! A client is a member of the tenant also where signing in looks (`tenancy.memberships`): the row
//! is written with the client's.

mod clients;
pub mod import_run;
mod import_sweep;
mod imports;
pub mod organization_locale;
mod rows;
pub mod upload;
mod uploaded_file;
mod users;
pub mod views;

/// Imports, as a worker does them.
pub mod import {
    pub use super::{
        import_run::{JOB, process, work},
        import_sweep::sweep_uploads,
    };
}
