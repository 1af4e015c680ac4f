//! The audit trail as a chain of seals (CMP-03).
//!
//! Appending a line must not make the transactions of a tenant wait for each other, so a line does not
//! contain the hash of the line before it. Lines are sealed afterwards, in batches: a [`Seal`] covers every
//! line with a number from `first` to `last`, stores the number and digest of each, and hashes them
//! together with the hash of the previous seal. The ranges of the seals of a tenant are adjacent, so each
//! number up to the last seal is covered by exactly one seal.
//!
//! [`Chain`] recomputes the seals and names the first part that is not valid: a line, when its seal is
//! valid; otherwise the seal.
//!
//! **What a chain proves, and what it does not.** When someone with write access to the database changes,
//! deletes or inserts lines, or changes seals, the check detects it. But someone who recomputes every seal
//! from there on, or removes the newest seals, leaves a chain that is valid by itself. To detect that as
//! well, a [`Head`] is noted outside the database (each sealing logs its head) and compared later:
//! [`Chain::expect`].
//!
//! **Invariant:** the hashed bytes are unambiguous. Every field is a length and its bytes, so no two
//! different lines have the same bytes.

pub mod chain;
pub mod line;
pub mod seal;

pub use chain::{BadNote, Break, Chain, Head, Noted, verify};
pub use line::AuditLine;
pub use seal::{Digest, Entry, Seal};
