//! Access tokens: signed with Ed25519, and verifiable with our published key set.
//!
//! - [`factor_seal`]: encrypts the secrets of second factors the same way as private keys.
//! - [`seal`]: encrypts private keys at rest, with AES-256-GCM and a key of the configuration.
//! - [`key_pair`]: one Ed25519 key pair and its name.
//! - [`rotation`]: when keys are created, begin to sign and are deleted.
//! - [`ring`]: the current keys, and the published key set (RFC 7517, 8037).
//! - [`token`]: signs and verifies tokens, for our algorithm, type, keys, issuer and audience only.
//! - [`secrets`]: random bits from the operating system.
//! - [`successors`]: derives the successors of refresh tokens.

pub mod factor_seal;
pub mod key_pair;
pub mod ring;
pub mod rotation;
pub mod seal;
pub mod secrets;
pub mod successors;
pub mod token;

pub use ring::{KeyRing, RingError};
pub use rotation::{Rotation, rotate_when_due};
pub use seal::{SealError, SealingKey, SealingKeys};
pub use secrets::SystemSecrets;
pub use successors::SuccessorKeys;
pub use token::{JwtSigner, TokenSettings};

#[cfg(test)]
mod testing;
