//! Governance: records that must be provable afterwards.
//!
//! - [`audit`]: the audit trail as a chain of seals, so that changing, removing or inserting a line is
//!   detected (CMP-03).
//!
//! **Invariant:** everything here is a pure function of the given rows; the store only appends and reads,
//! and makes no decisions.

pub mod audit;

pub use audit::{AuditLine, Break, Chain, Head, Noted, Seal, verify};
