//! The audit trail: sealing what was appended, and recomputing what was sealed (CMP-03).
//!
//! - [`mod@seal`]: new lines are sealed, up to where no line can turn up late.
//! - [`mod@check`]: the chain of a tenant, or of all, is recomputed.
//! - `rows`: how lines and seals lie in their tables.

pub mod check;
mod rows;
pub mod seal;

pub use check::{Checked, check_audit};
pub use seal::{Sealed, seal_audit};
