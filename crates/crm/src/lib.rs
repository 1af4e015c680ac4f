//! Clients: their data, adding and changing them, and importing them from other systems.
//!
//! A client is a user (one human, global, with one login everywhere) as customer of one tenant. This crate
//! stores the tenant's own view of that human: the name and contact data that they gave to this tenant.
//! Changing these data never changes the login.
//!
//! - [`client`]: the aggregate; [`name`], [`contact`], [`locale`], [`phone`]: its parts.
//! - [`draft`] and [`change`]: requests to add and to change a client, before and after they were checked.
//! - [`add_client`](mod@add_client), [`edit_client`](mod@edit_client),
//!   [`archive_client`](mod@archive_client), [`restore_client`](mod@restore_client),
//!   [`get_client`](mod@get_client): the use cases.
//! - [`consent`]: the ledger of what clients agree to.
//! - [`own_profile`]: clients read and change their own data.
//! - [`import`]: importing files of other systems.
//! - [`ports`]: the interface of the use cases to the database; [`domain_event`]: their events.
//!
//! **Invariants:** within a tenant, at most one client has a given e-mail address. A client can always be
//! reached: they have an e-mail address, a phone number, or both. Events contain ids and never personal
//! data, so that the event log need not be searched when a person asks for the erasure of their data.

pub mod add_client;
pub mod archive_client;
pub mod change;
pub mod client;
pub mod consent;
pub mod contact;
pub mod domain_event;
pub mod draft;
pub mod edit_client;
pub mod error;
mod fold;
pub mod get_client;
pub mod import;
pub mod locale;
pub mod name;
pub mod own_profile;
pub mod phone;
pub mod ports;
pub mod restore_client;
mod spreadsheet;
mod text;
mod zone;

pub use add_client::{AddedClient, add_client};
pub use archive_client::archive_client;
pub use change::{ClientChange, ClientPatch, Patch};
pub use client::{Client, ClientStatus};
pub use consent::{ConsentEntry, ConsentLedger, ConsentSource};
pub use contact::{Contact, NoContact};
pub use draft::{ClientDraft, ClientForm};
pub use edit_client::edit_client;
pub use get_client::get_client;
pub use locale::Locale;
pub use name::{NamePart, PersonName};
pub use own_profile::{OwnPatch, edit_own, get_own};
pub use phone::Country;
pub use ports::{ClientBatches, Clients, NewUser, Users};
pub use restore_client::restore_client;
pub use tryzore_kernel::UseCaseError;
