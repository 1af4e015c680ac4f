//! The audit trail: sealing new lines, recomputing the seals, and showing the lines (CMP-03).
//!
//! - [`mod@seal`]: seals new lines, up to the number below which no line can appear any more.
//! - [`mod@check`]: recomputes the chain of a tenant.
//! - [`mod@access_log`]: shows what was read in acting sessions.
//! - [`mod@trail`]: shows lines to those who may read them.
//! - `rows`: the tables of lines and seals.

pub mod access_log;
pub mod check;
mod rows;
pub mod seal;
pub mod trail;

pub use check::{Checked, check_audit};
pub use seal::{Sealed, seal_audit};

tryzore_postgres::store! {
    /// The audit trail and its seals, on a transaction.
    pub struct GovernanceStore;
    /// Gives a transaction the audit trail.
    pub trait Governance { fn governance }
}
