//! The identity provider that needs nobody else: passwords, hashed with Argon2id.
//!
//! It keeps nothing. What must be stored it hands to the use case, which stores it in its own
//! transaction; what is stored it is given back to compare with.
//!
//! - [`policy`]: which passwords are taken.
//! - [`hasher`]: Argon2id with OWASP's parameters, and a pepper that can be changed.
//! - `memory`: what hashing fills, kept and used again.
//! - [`provider`]: the port, with hashing off the async threads and bounded.

pub mod hasher;
mod memory;
pub mod policy;
pub mod provider;

pub use hasher::{Hasher, Pepper};
pub use provider::{PasswordProvider, Settings};
