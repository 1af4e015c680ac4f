//! The audit trail as a chain of seals (CMP-03).
//!
//! Appending must not make the transactions of a tenant wait for each other, so a line carries no
//! hash of the line before it. Lines are sealed afterwards, in batches: a [`Seal`] covers every
//! line with a number from `first` to `last`, keeps number and digest of each, and hashes them
//! together with the hash of the seal before it. Two seals of a tenant join without a gap, so each
//! number up to the last seal is covered by exactly one.
//!
//! [`Chain`] recomputes all of it and names what does not hold: the line, when the seal itself does;
//! otherwise the seal.
//!
//! **What this proves, and what not.** Whoever can write to the database as its owner may change,
//! delete or insert lines, and even seals: it is found. Whoever recomputes every seal from there on,
//! or cuts off the newest ones, leaves a chain that holds by itself. Against that a [`Head`] is noted
//! elsewhere (each sealing logs it) and asked for later: [`Chain::expect`].
//!
//! **Invariant:** the bytes that are hashed are unambiguous. Every field is a length and its bytes,
//! so no two different lines have the same bytes.

pub mod chain;
pub mod line;
pub mod seal;

pub use chain::{BadNote, Break, Chain, Head, Noted, verify};
pub use line::AuditLine;
pub use seal::{Digest, Entry, Seal};
