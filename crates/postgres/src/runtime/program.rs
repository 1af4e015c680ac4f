//! The tasks, subscriptions and schedules of a worker, as tables.
//!
//! Each addition is one entry in a table: a [`Task`] for a new kind of job, a [`Subscription`] for a
//! reaction to events, a [`Schedule`] for periodic work. `S` is what they work with: the database, the
//! mailer, the clock; cheap to clone.
//!
//! Their futures need not be `Send`: a runner polls them on one thread.

use super::{Cadence, Failure, Job, Message, Run};
use crate::{AuthTx, TenantTx};
use chrono::TimeDelta;
use futures::{FutureExt, future::LocalBoxFuture};
use serde_json::Value;
use tryzore_rbac::{DomainEvent, Permission, Slug, SystemActor};

/// The result of a task, a subscription or a schedule.
pub type Outcome<T = ()> = Result<T, Failure>;

/// The tasks, subscriptions and schedules of a worker.
pub struct Program<S: 'static> {
    /// The kinds of jobs.
    pub tasks: &'static [Task<S>],
    /// The reactions to events.
    pub subscriptions: Vec<Subscription<S>>,
    /// The periodic work.
    pub schedules: &'static [Schedule<S>],
}

/// A kind of job.
pub struct Task<S> {
    /// The kind of the job, as in [`super::NewJob::new`].
    pub kind: &'static str,
    /// Runs the job. It may be called again after it has succeeded, if its worker died before it could
    /// record the success.
    pub run: fn(S, Job) -> LocalBoxFuture<'static, Outcome>,
}

/// A reaction to events: once for each event, in order for the events of one aggregate. Most follow one kind
/// and are made with [`Subscription::in_tenant`] or [`Subscription::anywhere`].
pub struct Subscription<S> {
    /// The name, unique and permanent: processed events are recorded under it.
    pub name: &'static str,
    /// Kinds of events: `events.booked`, or `events.*` for all that start with `events.`.
    pub kinds: &'static [&'static str],
    /// The actor of its transactions.
    pub actor: SystemActor,
    /// The function that processes an event.
    pub follow: Follow<S>,
}

/// How a subscription processes an event, in one transaction that also records that the event was
/// processed.
pub enum Follow<S> {
    /// In the tenant of the event; events of no tenant are skipped.
    InTenant(Step<S, TenantTx>),
    /// In a transaction without a tenant, for events of any tenant and of none.
    Anywhere(Step<S, AuthTx>),
}

/// Processes an event in the transaction `T`.
pub type Step<S, T> =
    Box<dyn for<'t> Fn(&'t S, &'t Message, &'t mut T) -> LocalBoxFuture<'t, Outcome> + Send + Sync>;

/// Periodic work.
pub struct Schedule<S> {
    /// The name, unique and permanent.
    pub name: &'static str,
    /// When the schedule is due.
    pub cadence: Cadence,
    /// Whether it runs once for the platform, or for each location at its local time.
    pub each: Each,
    /// Runs the work; the result is stored with the run.
    pub run: fn(S, Run) -> LocalBoxFuture<'static, Outcome<Value>>,
}

/// For whom a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// Once for the platform; a daily time is in UTC.
    Platform,
    /// For each active location; a daily time is in the time zone of the location.
    Organization,
}

impl<S> Subscription<S> {
    /// A reaction to events of the kind `E`, in the tenant of the event; those of no tenant are skipped.
    /// `step` receives the event as its type. Its job is given up when the payload is of another shape.
    #[must_use]
    pub fn in_tenant<E: DomainEvent>(
        name: &'static str,
        actor: SystemActor,
        step: impl AsyncFn(&S, E, &Message, &mut TenantTx) -> Outcome + Copy + Send + Sync + 'static,
    ) -> Self {
        let follow = Follow::InTenant(Box::new(move |services, message, tx| {
            async move { step(services, message.payload()?, message, tx).await }.boxed_local()
        }));
        Self { name, kinds: const { &[E::KIND] }, actor, follow }
    }

    /// A reaction to events of the kind `E`, of any tenant and of none, in a transaction without a tenant;
    /// otherwise as [`Subscription::in_tenant`].
    #[must_use]
    pub fn anywhere<E: DomainEvent>(
        name: &'static str,
        actor: SystemActor,
        step: impl AsyncFn(&S, E, &Message, &mut AuthTx) -> Outcome + Copy + Send + Sync + 'static,
    ) -> Self {
        let follow = Follow::Anywhere(Box::new(move |services, message, tx| {
            async move { step(services, message.payload()?, message, tx).await }.boxed_local()
        }));
        Self { name, kinds: const { &[E::KIND] }, actor, follow }
    }

    /// Whether it follows events of `kind`.
    #[must_use]
    pub fn follows(&self, kind: &str) -> bool {
        self.kinds.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => kind == *wanted,
        })
    }
}

/// The longest time that an attempt may take.
pub(crate) const LIMIT: TimeDelta = TimeDelta::minutes(10);

/// The permission for a worker's own transactions. A system actor has every permission in its tenant, so
/// the choice of the slug does not matter; each use case checks its own permission all the same.
pub enum Work {}

impl Permission for Work {
    const FULL: Slug = Slug::OWN_PROFILE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_follows_a_kind_or_all_kinds_with_a_prefix() {
        let follow = Follow::Anywhere(Box::new(|_: &(), _, _| async { Ok(()) }.boxed_local()));
        let subscription = Subscription {
            name: "s",
            kinds: &["events.booked", "auth.*"],
            actor: SystemActor::Worker,
            follow,
        };
        for (kind, follows) in [
            ("events.booked", true),
            ("events.booked_twice", false),
            ("auth.signed_in", true),
            ("authority.x", false),
        ] {
            assert_eq!(subscription.follows(kind), follows, "{kind}");
        }
    }
}
