//! The database: its pool, its transactions, and the runtime on it. The ports of a domain are implemented in
//! the crate beside the domain (`crates/<domain>/postgres`), on the transactions of this one.
//!
//! - [`db`]: the pool, and the functions that begin a transaction, each with a transaction type of its own.
//! - [`tx`]: one transaction: writes are deferred and sent with the next read or the commit, in one round
//!   trip.
//! - [`scopes`]: the transaction types; a tenant's is opened only with a permit.
//! - `pools`: a share of the connections for each thread.
//! - `turns`: changes of an object that many change at once wait without a connection.
//! - [`journal`]: events, decisions and audit entries, buffered and appended with the commit; `append`: the
//!   statements for it.
//! - [`operators`]: who operates the platform.
//! - [`request_origin`]: from where a request was sent, for the audit trail.
//! - [`decisions`]: the decision log, for its readers.
//! - [`idempotency`]: the first answer to a request, stored in the same transaction.
//! - [`invalidation`]: which cached sessions and grants a commit invalidates.
//! - [`store`]: the stores of the domains, which implement their ports on a transaction; [`column`]: columns as
//!   domain types.
//! - [`mod@statement`]: SQL text as a prepared statement, for what the query builder cannot express.
//! - [`stream`]: events, for the clients that follow them.
//! - [`runtime`]: the outbox, jobs, schedules and notifications of the worker.
//! - [`migrations`]: the schema, up and down; [`setup`]: logins and the first operator.
//!
//! **Invariants:** tenant data is written only through [`scopes::TenantTx`], whose first statement
//! sets the tenant for row security; a transaction that is dropped halfway closes its connection
//! instead of returning it to the pool; services log in as roles that own nothing and cannot bypass row
//! security.

mod access_log;
mod append;
pub mod column;
pub mod config;
mod connector;
pub mod db;
pub mod decisions;
mod error;
pub mod idempotency;
pub mod invalidation;
pub mod journal;
pub mod migrations;
pub mod operators;
mod permission_use;
mod pools;
pub mod request_origin;
pub mod runtime;
pub mod scopes;
pub mod setup;
pub mod statement;
pub mod store;
pub mod stream;
mod tls;
mod turns;
pub mod tx;
mod visibility;

/// The crates that the macros name: whoever calls a macro need not depend on them.
#[doc(hidden)]
pub mod macro_names {
    pub use {chrono, diesel, tryzore_kernel, tryzore_rbac};
}

pub use access_log::Access;
pub use config::DatabaseConfig;
pub use connector::DatabaseConfigError;
pub use db::Db;
pub use idempotency::{Answer, OnceKey};
pub use permission_use::PermissionUse;
pub use request_origin::RequestOrigin;
pub use scopes::{AuthTx, InboxTx, PlatformTx, Scoped, TenantTx};
