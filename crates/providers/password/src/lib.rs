//! The identity provider without an external service: passwords, hashed with Argon2id.
//!
//! This provider stores nothing. It returns hashes to the use case, which stores them in its own
//! transaction, and receives the stored hash for a comparison.
//!
//! - [`breached`]: passwords that are known from breaches.
//! - [`policy`]: which passwords are accepted.
//! - [`hasher`]: Argon2id with OWASP's parameters, and a pepper that can be changed.
//! - `memory`: reuses the memory of hashes.
//! - [`provider`]: implements the port; hashes run outside of the async threads, and their number is limited.

pub mod breached;
pub mod hasher;
mod memory;
pub mod policy;
pub mod provider;

pub use hasher::{Hasher, Pepper};
pub use provider::{PasswordProvider, Settings};
