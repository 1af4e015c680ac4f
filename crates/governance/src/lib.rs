//! What must be provable afterwards.
//!
//! - [`audit`]: the audit trail as a chain of seals, so that no line can be changed, removed or
//!   slipped in without it being found (CMP-03).
//!
//! **Invariant:** everything here is a function of the rows that it is given; the store appends and
//! reads, and decides nothing.

pub mod audit;

pub use audit::{AuditLine, Break, Chain, Head, Noted, Seal, verify};
