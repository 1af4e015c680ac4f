//! The ports of users, sessions, tokens and keys, on the tables of the schema `identity`.
//!
//! These tables are global: a login is looked up before its tenant is known. So their ports are
//! implemented once, for every scope: a sign-in uses them in an [`crate::AuthTx`], someone who is
//! signed in in a [`crate::TenantTx`], where audit and decisions land in the tenant's own log.
//!
//! What a user holds in a tenant is that tenant's data, and is read inside it (`memberships`).
//!
//! A row that no use case could have written is [`tryzore_kernel::StoreError::Broken`], never a
//! guess: who may sign in is not decided by a default.

mod api_keys;
mod credentials;
pub mod locations;
mod memberships;
mod one_time_tokens;
mod refresh_tokens;
mod sessions;
mod signing_keys;
mod throttles;
mod users;

use tryzore_kernel::StoreError;

fn corrupt(column: &str) -> StoreError {
    StoreError::Broken(format!("{column} holds what no one could have written"))
}

fn hash(bytes: &[u8], column: &str) -> Result<tryzore_auth::TokenHash, StoreError> {
    <[u8; 32]>::try_from(bytes).map(Into::into).map_err(|_| corrupt(column))
}
