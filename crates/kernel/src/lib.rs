//! Types that every domain shares. This crate has no access to the outside.
//!
//! - [`id`]: typed identifiers, printed with a prefix (`bkg_…`).
//! - [`money`]: integer minor units with a currency.
//! - [`time`]: the clock as a port; local wall-clock time and its gaps.
//! - [`iso`]: dates and times as callers write them. [`network`]: the network that counts as one caller.
//! - [`contact`]: e-mail addresses and phone numbers in the one form that is stored.
//! - [`page`]: cursors for lists.
//! - [`denial`]: why something was refused, and what would change it.
//! - [`form`]: the fields of a form, checked so that all errors are reported at once.
//! - [`problem`]: the answer to a caller when something fails (RFC 9457).
//! - [`journal`]: what a transaction appends to the record: events, decisions, audit entries.
//! - [`decision_context`]: the context of a decision, and how the answer of a rule is recorded.
//! - [`command`]: the commands that are decided. [`audience`]: who sees what is about somebody else.
//! - [`letter`]: how a domain declares a letter to a person. [`locale`]: the languages of letters.
//! - [`invalidation`]: what a commit invalidates in caches.
//! - [`store`]: the one error of a repository.
//! - [`use_case_error`]: how a use case of any domain fails.
//! - [`token`]: how opaque tokens are stored.
//!
//! **Invariant:** this crate does no I/O. Only [`time::SystemClock`] and [`id`] read the system clock and
//! random bits; `clippy.toml` forbids both everywhere else.

pub mod audience;
pub mod command;
pub mod contact;
pub mod decision_context;
pub mod denial;
pub mod form;
pub mod id;
pub mod invalidation;
pub mod iso;
pub mod journal;
pub mod letter;
pub mod locale;
pub mod money;
pub mod network;
pub mod page;
pub mod problem;
pub mod store;
pub mod time;
pub mod token;
pub mod use_case_error;

pub use audience::Audience;
pub use command::Command;
pub use contact::{Email, Phone};
pub use decision_context::{AsDenial, DecisionContext};
pub use denial::{Denial, Fact, Remedy};
pub use form::{FieldErrors, FormCheck};
pub use id::*;
pub use invalidation::{BadInvalidation, Invalidates, Invalidation};
pub use journal::{AuditEntry, Decision, Journal, Outcome, Published};
pub use letter::{Letter, LetterKind};
pub use locale::Locale;
pub use money::{Currency, Money};
pub use page::{Cursor, CursorBinding, Limit, Page, SortKey};
pub use problem::{FieldError, Problem};
pub use store::{StoreError, StoreResult};
pub use time::{Clock, SystemClock};
pub use token::TokenHash;
pub use use_case_error::UseCaseError;
