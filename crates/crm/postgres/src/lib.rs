//! The ports of the crm crate, and the queries of its screens.
//!
//! - `clients`, `users`, `imports`: the ports; `rows`: how clients are stored in their table.
//! - [`upload`]: stores the bytes of an incoming file in chunks; `uploaded_file`: reads them back.
//! - [`import_run`]: an import, run batch by batch by a worker; `import_sweep`: deletes expired uploads.
//! - [`locale`]: the time zone and the country of a location, for dates and phone numbers.
//! - [`shapes`]: the words of columns, for the contract.
//! - [`views`]: the data of screens, each next to the query that reads it.
//!
//! A client is also a member of the tenant in `tenancy.memberships`, where signing in looks: that row is
//! written together with the client's.

mod clients;
mod consents;
pub mod import_run;
mod import_sweep;
mod imports;
pub mod organization_locale;
mod rows;
pub mod shapes;
pub mod upload;
mod uploaded_file;
mod users;
pub mod views;

/// Imports, as a worker runs them.
pub mod import {
    pub use super::{
        import_run::{JOB, process, work},
        import_sweep::sweep_uploads,
    };
}

tryzore_postgres::store! {
    /// Clients and imports, on a transaction.
    pub struct CrmStore;
    /// Gives a transaction the ports of the crm crate.
    pub trait Crm { fn crm }
}
