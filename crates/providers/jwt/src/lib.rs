//! Access tokens: signed with Ed25519, verified by anyone who reads our key set.
//!
//! - [`seal`]: private keys at rest, AES-256-GCM under a key of the configuration.
//! - [`key_pair`]: one Ed25519 pair and its name.
//! - [`rotation`]: when keys are made, take over and go.
//! - [`ring`]: the keys that are known now, and the key set that is published (RFC 7517, 8037).
//! - [`token`]: signing and verifying, pinned to our algorithm, type, keys, issuer and audience.
//! - [`secrets`]: random bits of the operating system.

pub mod key_pair;
pub mod ring;
pub mod rotation;
pub mod seal;
pub mod secrets;
pub mod token;

pub use ring::{KeyRing, RingError};
pub use rotation::{Rotation, rotate_when_due};
pub use seal::{SealError, SealingKey, SealingKeys};
pub use secrets::SystemSecrets;
pub use token::{JwtSigner, TokenSettings};

#[cfg(test)]
mod testing;
