//! The ports of users, sessions, tokens and keys, on the tables of the schema `identity`.
//!
//! These tables are global: a login is looked up before its tenant is known. So their ports are implemented
//! once, for every scope: a sign-in uses them in an [`tryzore_postgres::AuthTx`], a signed-in user in a
//! [`tryzore_postgres::TenantTx`], where audit entries and decisions are stored in the log of the tenant.
//!
//! The holdings of a user in a tenant are data of that tenant, and are read inside it (`memberships`).
//!
//! A row that no use case could have written is reported as [`tryzore_kernel::StoreError::Broken`] and
//! never guessed at: no default decides who may sign in.

mod api_keys;
mod credentials;
mod factor_policies;
mod factors;
pub mod locations;
mod login_challenges;
mod memberships;
mod one_time_tokens;
mod recovery_codes;
mod refresh_tokens;
mod sessions;
mod signing_keys;
mod support_grants;
mod throttles;
mod users;

use tryzore_kernel::StoreError;
use tryzore_postgres::column::corrupt;

tryzore_postgres::store! {
    /// Users, sessions, tokens and keys, on a transaction.
    pub struct AuthStore;
    /// Gives a transaction the ports of the auth crate.
    pub trait Auth { fn auth }
}

fn hash(bytes: &[u8], column: &str) -> Result<tryzore_auth::TokenHash, StoreError> {
    <[u8; 32]>::try_from(bytes).map(Into::into).map_err(|_| corrupt(column))
}

#[cfg(test)]
mod tests {
    use tryzore_auth::throttle::FORGET;
    use tryzore_postgres::runtime::purge::THROTTLES;

    #[test]
    fn failed_sign_ins_are_stored_as_long_as_they_count() {
        assert_eq!(THROTTLES, FORGET);
    }
}
