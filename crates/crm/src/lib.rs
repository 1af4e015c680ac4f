//! Clients: who they are, how staff add and change them, and how a gym brings them along from
//! the system that it leaves.
//!
//! A client is a user (one human, global, one login everywhere) as customer of one tenant. What
//! is kept here is the tenant's own view of that human: a name and contact data as they were
//! given to this tenant. Changing them never changes the login.
//!
//! - [`client`]: the aggregate; [`name`], [`contact`], [`locale`], [`phone`]: what it is made of.
//! - [`draft`] and [`change`]: what a caller may ask for, before and after it was checked.
//! - [`add_client`](mod@add_client), [`edit_client`](mod@edit_client),
//!   [`archive_client`](mod@archive_client), [`restore_client`](mod@restore_client),
//!   [`get_client`](mod@get_client): the use cases.
//! - [`own_profile`]: what clients see and change of themselves.
//! - [`import`]: files of other systems, from bytes to clients.
//! - [`ports`]: what the use cases need from a transaction; [`domain_event`]: what they publish.
//!
//! **Invariants:** within a tenant an e-mail address is at most one client. A client can always
//! be reached: it has an e-mail address, a phone number, or both. Events carry ids, never
//! personal data, so that the event log need not be searched when a person asks to be forgotten.

pub mod add_client;
pub mod archive_client;
pub mod change;
pub mod client;
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
