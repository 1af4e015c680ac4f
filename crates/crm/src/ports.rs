//! What the use cases of clients need from a transaction.
//!
//! All of them see the transaction's tenant and nothing else.

use crate::{Client, Contact, PersonName};
use tryzore_kernel::{ClientId, Email, Phone, StoreResult, UserId};

/// Clients, one at a time.
#[trait_variant::make(Send)]
pub trait Clients {
    /// The client, active or archived.
    async fn client_find(&mut self, id: ClientId) -> StoreResult<Option<Client>>;
    /// The client, locked for the rest of the transaction.
    async fn client_lock(&mut self, id: ClientId) -> StoreResult<Option<Client>>;
    /// Who has this address, active or archived; within a tenant at most one.
    async fn client_find_by_email(&mut self, email: &Email) -> StoreResult<Option<Client>>;
    /// The client that this user is here, active or archived.
    async fn client_find_by_user(&mut self, user: UserId) -> StoreResult<Option<Client>>;
    /// Who has this number, active or archived; families share one. The oldest 20.
    async fn clients_by_phone(&mut self, phone: &Phone) -> StoreResult<Vec<Client>>;
    /// Adds a client; false, and nothing added, when the tenant has a client with this address or
    /// of this user.
    async fn client_insert(&mut self, client: &Client) -> StoreResult<bool>;
    /// Keeps `client` in place of the version before it; false when that is no longer the present one.
    async fn client_update(&mut self, client: &Client) -> StoreResult<bool>;
}

/// Clients, a few hundred at a time, for imports.
#[trait_variant::make(Send)]
pub trait ClientBatches {
    /// Everyone in the tenant who has one of these addresses or numbers, active or archived, each
    /// once, oldest first, locked for the rest of the transaction.
    async fn clients_by_contact(&mut self, emails: &[Email], phones: &[Phone]) -> StoreResult<Vec<Client>>;
    /// Adds those that can be added and tells which: not those whose address or user is a client
    /// of the tenant already.
    async fn clients_insert(&mut self, clients: &[Client]) -> StoreResult<Vec<ClientId>>;
    /// Keeps changed clients that [`ClientBatches::clients_by_contact`] has locked.
    async fn clients_update(&mut self, clients: &[Client]) -> StoreResult<()>;
}

/// A human who is to be a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// As the tenant knows the human; kept only when the user is new.
    pub name: PersonName,
    /// As the tenant knows the human; kept only when the user is new.
    pub contact: Contact,
}

/// Users, who are global: one human may be client of many tenants (TEN-05).
///
/// Who asks never learns whether a user was there before, nor anything that another tenant knows.
/// An address finds its user. A number alone finds no one, because numbers are shared and handed
/// on: it makes a new user. A new user is `pending_claim`; who signs in with the address claims it
/// (AUT-10).
#[trait_variant::make(Send)]
pub trait Users {
    /// The user, found or made.
    async fn user_ensure(&mut self, user: &NewUser) -> StoreResult<UserId>;
    /// The users in the same order, found or made.
    async fn users_ensure(&mut self, users: &[NewUser]) -> StoreResult<Vec<UserId>>;
}
