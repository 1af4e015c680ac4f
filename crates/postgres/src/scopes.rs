//! The transaction types, one per scope.
//!
//! All are a [`Scoped`] transaction over the same core; the scope says what the transaction can see, and so
//! which ports it implements:
//!
//! - [`TenantTx`]: one tenant. Opened with a permit; implements the ports of the domains.
//! - [`AuthTx`]: no tenant. Sessions, users, grants and onboarding: what exists before the caller and the
//!   tenant are known.
//! - [`PlatformTx`]: all tenants. The worker looks for work; an operator, with a platform permit, looks
//!   at the queues of the platform.
//! - [`InboxTx`]: nothing. It stores what providers send and enqueues its processing, and implements no
//!   other port.
//!
//! A port of global tables is implemented once, for every scope. An [`AuthTx`] reads a tenant's data
//! through `Scoped::within`, and only in this crate.

use crate::{invalidation::gather, journal::Buffer, tx::Tx};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Decision, Invalidation, Journal, Problem, Published, StoreError, TenantId};
use tryzore_rbac::{Actor, SystemActor};

/// A transaction in one tenant. It implements the ports of all domains.
pub type TenantTx = Scoped<TenantId>;

/// A transaction in no tenant: sessions, users, grants, onboarding.
pub type AuthTx = Scoped<NoTenant>;

/// A transaction over all tenants: of the worker, or of an operator. Each sees what their database role
/// may see.
pub type PlatformTx = Scoped<AllTenants>;

/// What a transaction can see.
pub trait Scope: Copy + Send + 'static {
    /// The statements that begin the transaction.
    #[doc(hidden)]
    fn begin(self) -> String;
    /// The tenant of the transaction's rows.
    #[doc(hidden)]
    fn tenant(self) -> Option<TenantId>;
}

impl Scope for TenantId {
    // A literal made from a typed id, not `set_config($1)`: a sharded Postgres forwards only the
    // statement.
    fn begin(self) -> String {
        format!("BEGIN; SET LOCAL app.tenant_id = '{}'", self.uuid())
    }

    fn tenant(self) -> Option<TenantId> {
        Some(self)
    }
}

/// The time limit of a statement of a request: after that nobody waits for the answer any more.
const OF_REQUESTS: &str = "15s";
/// The time limit of a statement of the worker.
const OF_THE_WORKER: &str = "5min";

/// The statements that begin a transaction of `actor` in `scope`, with a time limit for each statement,
/// in the same round trip.
pub(crate) fn begin<S: Scope>(scope: S, actor: Actor) -> String {
    format!("{}; SET LOCAL statement_timeout = '{}'", scope.begin(), statement_limit(actor))
}

const fn statement_limit(actor: Actor) -> &'static str {
    match actor {
        Actor::User { .. } | Actor::Acting { .. } | Actor::ApiKey { .. } => OF_REQUESTS,
        Actor::System { system } => match system {
            // Someone waits for these.
            SystemActor::SignIn | SystemActor::Onboarding | SystemActor::Webhook => OF_REQUESTS,
            SystemActor::Waitlist
            | SystemActor::Attendance
            | SystemActor::Series
            | SystemActor::Reminder
            | SystemActor::Importer
            | SystemActor::CleanUp
            | SystemActor::Worker
            | SystemActor::Seed
            | SystemActor::Overrides
            | SystemActor::Setup => OF_THE_WORKER,
        },
    }
}

/// The scope of an [`AuthTx`].
#[derive(Debug, Clone, Copy)]
pub struct NoTenant;

impl Scope for NoTenant {
    fn begin(self) -> String {
        "BEGIN".to_owned()
    }

    fn tenant(self) -> Option<TenantId> {
        None
    }
}

/// The scope of a [`PlatformTx`]: who opened the transaction.
#[derive(Debug, Clone, Copy)]
pub enum AllTenants {
    /// A part of the product that looks for work: row security shows it only to the worker's role.
    Worker,
    /// An operator. The transaction gives up the privileges of the service's login for those of the group
    /// `tryzore_operator`, which can read of a tenant only the tenant itself, its owner and the names of its
    /// locations, and can change who the operators are.
    Operator,
}

impl Scope for AllTenants {
    fn begin(self) -> String {
        match self {
            Self::Worker => "BEGIN; SET LOCAL app.scan = 'on'".to_owned(),
            Self::Operator => "BEGIN; SET LOCAL ROLE tryzore_operator".to_owned(),
        }
    }

    fn tenant(self) -> Option<TenantId> {
        None
    }
}

/// The scope inside an [`InboxTx`].
#[derive(Debug, Clone, Copy)]
pub struct Inbound;

impl Scope for Inbound {
    fn begin(self) -> String {
        "BEGIN".to_owned()
    }

    fn tenant(self) -> Option<TenantId> {
        None
    }
}

/// A transaction that stores what a provider sent. The service behind it is open to strangers, so it can
/// do nothing else that a [`Scoped`] transaction can, both here and by the privileges of its login.
pub struct InboxTx<'t> {
    pub(crate) scoped: &'t mut Scoped<Inbound>,
}

/// A transaction that sees what its scope allows.
pub struct Scoped<S> {
    pub(crate) tx: Tx,
    pub(crate) tenant: S,
    pub(crate) actor: Actor,
    pub(crate) now: DateTime<Utc>,
    pub(crate) journal: Buffer,
}

impl<S: Scope> Scoped<S> {
    pub(crate) fn new(tx: Tx, tenant: S, actor: Actor, now: DateTime<Utc>) -> Self {
        Self { tx, tenant, actor, now, journal: Buffer::default() }
    }

    /// Sets the actor from here on: the user who has just signed in, in a transaction that began before
    /// the user was known.
    pub fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    pub(crate) fn has_published(&self) -> bool {
        self.journal.has_published()
    }

    /// What the commit of this transaction invalidates.
    pub(crate) fn invalidations(&self) -> Vec<Invalidation> {
        let tenant = self.tenant.tenant();
        let declared = self.journal.events.iter().filter_map(|event| event.invalidates?.resolve(tenant));
        let known = declared.filter(|invalidation| match invalidation {
            Invalidation::User(user) => !self.journal.new_users.contains(user),
            _ => true,
        });
        gather(known, tenant)
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.journal.append(&mut self.tx, self.tenant.tenant(), self.actor, self.now);
        self.tx.commit().await
    }

    /// Rolls everything back and records the refusals that caused `problem`.
    pub(crate) async fn refuse(mut self, mut problem: Problem) -> Problem {
        let recorded = match self.journal.keep_denials() {
            true => {
                self.tx.begin_again(&begin(self.tenant, self.actor));
                let decision = self.journal.append(&mut self.tx, self.tenant.tenant(), self.actor, self.now);
                if let Some(denial) = problem.denial.as_mut() {
                    denial.decision = decision;
                }
                self.tx.commit().await
            }
            false => self.tx.roll_back().await,
        };
        if let Err(error) = recorded {
            tracing::warn!(%error, "a refused transaction could not be ended");
        }
        problem
    }
}

impl<S: Scope> Journal for Scoped<S> {
    fn event_publish(&mut self, event: Published) {
        self.journal.event_publish(event);
    }

    fn decision_record(&mut self, decision: Decision) {
        self.journal.decision_record(decision);
    }

    fn audit_append(&mut self, entry: AuditEntry) {
        self.journal.audit_append(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use tryzore_kernel::{SessionId, UserId};

    #[test]
    fn every_transaction_begins_with_a_limit_on_its_statements() {
        let now = DateTime::UNIX_EPOCH;
        let user = Actor::User { user: UserId::generate(now), session: SessionId::generate(now) };
        let worker = Actor::System { system: SystemActor::CleanUp };
        let sign_in = Actor::System { system: SystemActor::SignIn };
        for (begin, limit) in [
            (begin(TenantId::generate(now), user), "15s"),
            (begin(TenantId::generate(now), worker), "5min"),
            (begin(NoTenant, sign_in), "15s"),
            (begin(AllTenants::Worker, worker), "5min"),
            (begin(AllTenants::Operator, user), "15s"),
            (begin(Inbound, Actor::System { system: SystemActor::Webhook }), "15s"),
        ] {
            assert!(begin.starts_with("BEGIN"), "{begin}");
            assert!(begin.ends_with(&format!("; SET LOCAL statement_timeout = '{limit}'")), "{begin}");
        }
    }
}
