//! The ports of the use cases of clients to the database.
//!
//! All methods see the tenant of the transaction only.

use crate::{Client, Contact, PersonName};
use tryzore_kernel::{ClientId, Email, OrganizationId, Phone, StoreResult, UserId};

/// Clients, one at a time.
#[trait_variant::make(Send)]
pub trait Clients {
    /// The client with this id, active or archived.
    async fn client_find(&mut self, id: ClientId) -> StoreResult<Option<Client>>;
    /// The client with this id, locked until the transaction ends.
    async fn client_lock(&mut self, id: ClientId) -> StoreResult<Option<Client>>;
    /// The client with this address, active or archived; a tenant has at most one.
    async fn client_find_by_email(&mut self, email: &Email) -> StoreResult<Option<Client>>;
    /// The client profile of this user, active or archived.
    async fn client_find_by_user(&mut self, user: UserId) -> StoreResult<Option<Client>>;
    /// The oldest 20 clients with this number, active or archived. Families share numbers.
    async fn clients_by_phone(&mut self, phone: &Phone) -> StoreResult<Vec<Client>>;
    /// Whether this client holds or held a spot at one of these locations, and did not cancel it.
    async fn client_visits(&mut self, id: ClientId, at: Vec<OrganizationId>) -> StoreResult<bool>;
    /// Adds a client; returns false and adds nothing if the tenant already has a client with this address
    /// or of this user.
    async fn client_insert(&mut self, client: &Client) -> StoreResult<bool>;
    /// Stores `client` as the next version; returns false if its previous version is not the stored one.
    async fn client_update(&mut self, client: &Client) -> StoreResult<bool>;
}

/// Clients, a few hundred at a time, for imports.
#[trait_variant::make(Send)]
pub trait ClientBatches {
    /// All clients of the tenant with one of these addresses or numbers, active or archived, each once,
    /// oldest first, locked until the transaction ends.
    async fn clients_by_contact(&mut self, emails: &[Email], phones: &[Phone]) -> StoreResult<Vec<Client>>;
    /// Adds clients and returns which were added; those whose address or user already belongs to a client
    /// of the tenant are not.
    async fn clients_insert(&mut self, clients: &[Client]) -> StoreResult<Vec<ClientId>>;
    /// Stores changed clients that [`ClientBatches::clients_by_contact`] has locked.
    async fn clients_update(&mut self, clients: &[Client]) -> StoreResult<()>;
}

/// A person who needs a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name that the tenant knows; stored only if the user is new.
    pub name: PersonName,
    /// The contact data that the tenant knows; stored only if the user is new.
    pub contact: Contact,
}

/// Users, who are global: one human may be client of many tenants (TEN-05).
///
/// A caller never learns whether the user existed before, nor anything that another tenant knows. An
/// address finds its user. A number alone always creates a new user, because numbers are shared and
/// reassigned. A new user is `pending_claim`; the person who proves the address claims it (AUT-10).
#[trait_variant::make(Send)]
pub trait Users {
    /// Finds or creates the user.
    async fn user_ensure(&mut self, user: &NewUser) -> StoreResult<UserId>;
    /// Finds or creates the users; returns them in the same order.
    async fn users_ensure(&mut self, users: &[NewUser]) -> StoreResult<Vec<UserId>>;
}
