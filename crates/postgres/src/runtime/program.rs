//! All that a worker knows how to do, as tables of code.
//!
//! Adding something is adding a line: a [`Task`] for a new kind of job, a [`Subscription`] for
//! something that follows an event, a [`Schedule`] for something that is due by the clock. `S` is
//! what they work with: the database, the mailer, the clock; cheap to clone.
//!
//! Their futures need not be `Send`: a runner keeps them on one thread.

use super::{Cadence, Failure, Job, Message, Run};
use crate::{AuthTx, TenantTx};
use chrono::TimeDelta;
use futures::future::LocalBoxFuture;
use serde_json::Value;
use tryzore_rbac::{Permission, Slug, SystemActor};

/// What a step answers.
pub type Outcome<T = ()> = Result<T, Failure>;

/// All that a worker knows how to do.
pub struct Program<S: 'static> {
    /// Kinds of jobs.
    pub tasks: &'static [Task<S>],
    /// What follows which events.
    pub subscriptions: &'static [Subscription<S>],
    /// What is due when.
    pub schedules: &'static [Schedule<S>],
}

/// A kind of job.
pub struct Task<S> {
    /// Its name, as in [`super::NewJob::new`].
    pub kind: &'static str,
    /// Does it. It may be called again after it has succeeded, when its worker died before it could
    /// say so.
    pub run: fn(S, Job) -> LocalBoxFuture<'static, Outcome>,
}

/// Something that follows events of some kinds: once each, those of one aggregate in order.
pub struct Subscription<S> {
    /// Its name, unique and for ever: what it has followed is remembered by it.
    pub name: &'static str,
    /// Kinds of events: `events.booked`, or `events.*` for all that start so.
    pub kinds: &'static [&'static str],
    /// On whose account it acts.
    pub actor: SystemActor,
    /// What it does.
    pub follow: Follow<S>,
}

/// What a subscription does with an event. All of it is one transaction, with the note that it was
/// done.
pub enum Follow<S> {
    /// In the tenant of the event; events of no tenant are passed by.
    InTenant(for<'t> fn(&'t S, &'t Message, &'t mut TenantTx) -> LocalBoxFuture<'t, Outcome>),
    /// In no tenant, for events of any and of none.
    Anywhere(for<'t> fn(&'t S, &'t Message, &'t mut AuthTx) -> LocalBoxFuture<'t, Outcome>),
}

/// Something that is due by the clock.
pub struct Schedule<S> {
    /// Its name, unique and for ever.
    pub name: &'static str,
    /// When.
    pub cadence: Cadence,
    /// Once for all, or for each location at its local time.
    pub each: Each,
    /// Does it; what it answers is kept with the run.
    pub run: fn(S, Run) -> LocalBoxFuture<'static, Outcome<Value>>,
}

/// For whom a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// Once for all; the time of a day is UTC.
    Platform,
    /// For each active location; the time of a day is the location's.
    Organization,
}

impl<S> Subscription<S> {
    /// Whether it follows events of `kind`.
    #[must_use]
    pub fn follows(&self, kind: &str) -> bool {
        self.kinds.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => kind == *wanted,
        })
    }
}

/// The longest that an attempt may take.
pub(crate) const LIMIT: TimeDelta = TimeDelta::minutes(10);

/// What a worker's own transactions ask for. A system actor holds everything in its tenant, so
/// which slug it is does not matter; each use case asks for its own permission all the same.
pub(crate) enum Work {}

impl Permission for Work {
    const FULL: Slug = Slug::OWN_PROFILE;
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn a_subscription_follows_a_kind_or_all_that_start_alike() {
        let follow = Follow::Anywhere(|_: &(), _, _| async { Ok(()) }.boxed_local());
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
