//! The stores of the domains: a store implements the ports of one domain on a transaction.
//!
//! A store borrows the parts of a transaction for as long as it is used, so that several domains can write in
//! one transaction: `tx.events()`, then `tx.crm()`. It is declared with [`store!`](crate::store!) in the crate
//! that implements the ports: Rust allows a trait to be implemented only in the crate of the trait or of the type.

use crate::{
    Scoped,
    journal::Buffer,
    scopes::{Inbound, InboxTx, Scope},
    tx::Tx,
};
use chrono::{DateTime, Utc};
use tryzore_rbac::Actor;

/// The parts of a transaction that a store works with.
pub struct Parts<'t, S> {
    /// Sends the statements.
    pub tx: &'t mut Tx,
    /// What the transaction can see; in a tenant's transaction the id of the tenant.
    pub tenant: S,
    /// Who acts.
    pub actor: Actor,
    /// The time of the transaction.
    pub now: DateTime<Utc>,
    /// The events, decisions and audit entries to append with the commit.
    pub journal: &'t mut Buffer,
}

/// A transaction, or a store on one.
pub trait Transaction {
    /// What the transaction can see.
    type Scope: Scope;

    /// The parts of the transaction, for a store.
    fn parts(&mut self) -> Parts<'_, Self::Scope>;
}

impl<S: Scope> Transaction for Scoped<S> {
    type Scope = S;

    fn parts(&mut self) -> Parts<'_, S> {
        let Self { tx, tenant, actor, now, journal } = self;
        Parts { tx, tenant: *tenant, actor: *actor, now: *now, journal }
    }
}

impl<S: Scope> Transaction for Parts<'_, S> {
    type Scope = S;

    fn parts(&mut self) -> Parts<'_, S> {
        let Self { tx, tenant, actor, now, journal } = self;
        Parts { tx, tenant: *tenant, actor: *actor, now: *now, journal }
    }
}

impl Transaction for InboxTx<'_> {
    type Scope = Inbound;

    fn parts(&mut self) -> Parts<'_, Inbound> {
        self.scoped.parts()
    }
}

/// Declares the store of a domain, and the trait whose method makes it from a transaction.
///
/// ```ignore
/// store! {
///     /// The schedule, the bookings and the waitlists.
///     pub struct EventStore;
///     /// Gives a transaction the ports of the events crate.
///     pub trait Events { fn events }
/// }
///
/// impl Bookings for EventStore<'_> { .. }
/// ```
#[macro_export]
macro_rules! store {
    (
        $(#[$doc:meta])* pub struct $store:ident;
        $(#[$access_doc:meta])* pub trait $access:ident { fn $method:ident }
    ) => {
        $(#[$doc])*
        pub struct $store<'t, S = $crate::macro_names::tryzore_kernel::TenantId> {
            #[allow(dead_code, reason = "not every store needs every part")]
            pub(crate) tx: &'t mut $crate::tx::Tx,
            #[allow(dead_code, reason = "not every store needs every part")]
            pub(crate) tenant: S,
            #[allow(dead_code, reason = "not every store needs every part")]
            pub(crate) actor: $crate::macro_names::tryzore_rbac::Actor,
            #[allow(dead_code, reason = "not every store needs every part")]
            pub(crate) now: $crate::macro_names::chrono::DateTime<$crate::macro_names::chrono::Utc>,
            pub(crate) journal: &'t mut $crate::journal::Buffer,
        }

        $(#[$access_doc])*
        pub trait $access: $crate::store::Transaction {
            /// The store on this transaction.
            fn $method(&mut self) -> $store<'_, Self::Scope> {
                let $crate::store::Parts { tx, tenant, actor, now, journal } = self.parts();
                $store { tx, tenant, actor, now, journal }
            }
        }

        impl<T: $crate::store::Transaction> $access for T {}

        impl<S: $crate::scopes::Scope> $crate::store::Transaction for $store<'_, S> {
            type Scope = S;

            fn parts(&mut self) -> $crate::store::Parts<'_, S> {
                $crate::store::Parts {
                    tx: self.tx,
                    tenant: self.tenant,
                    actor: self.actor,
                    now: self.now,
                    journal: self.journal,
                }
            }
        }

        impl<S> $crate::macro_names::tryzore_kernel::Journal for $store<'_, S> {
            fn event_publish(&mut self, event: $crate::macro_names::tryzore_kernel::Published) {
                self.journal.event_publish(event);
            }

            fn decision_record(&mut self, decision: $crate::macro_names::tryzore_kernel::Decision) {
                self.journal.decision_record(decision);
            }

            fn audit_append(&mut self, entry: $crate::macro_names::tryzore_kernel::AuditEntry) {
                self.journal.audit_append(entry);
            }
        }
    };
}
