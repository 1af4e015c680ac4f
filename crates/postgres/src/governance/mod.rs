//! The audit trail: sealing what was appended, recomputing what was sealed, and showing it (CMP-03).
//!
//! - [`mod@seal`]: new lines are sealed, up to where no line can turn up late.
//! - [`mod@check`]: the chain of a tenant, or of all, is recomputed.
//! - [`mod@trail`]: lines are shown to those who may read them.
//! - `rows`: how lines and seals lie in their tables.

pub mod check;
mod rows;
pub mod seal;
pub mod trail;

pub use check::{Checked, check_audit};
pub use seal::{Sealed, seal_audit};
