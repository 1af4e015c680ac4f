//! Recent invalidations, in their order.
//!
//! Authenticated callers are cached for a while. Instead of searching the cache for each invalidation, the
//! invalidation is stored with a number that only grows, and entries that were loaded under a smaller number
//! are not used any more. So no change is missed: an entry that was loaded before a change and cached after
//! it has the smaller number. And an invalidation of something that is not cached costs nothing.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tryzore_kernel::Invalidation;
use tryzore_rbac::{Actor, Grants};

// With this many changes in one span, everything is invalidated.
const MOST: usize = 50_000;

/// The invalidations of the current span and of the one before: all that may concern a cached entry.
#[derive(Debug)]
pub(crate) struct RecentInvalidations {
    generation: AtomicU64,
    changes: RwLock<Changes>,
    span: Duration,
}

#[derive(Debug)]
struct Changes {
    since: Instant,
    everything: u64,
    recent: HashMap<Invalidation, u64>,
    earlier: HashMap<Invalidation, u64>,
}

impl RecentInvalidations {
    /// For caches whose entries live no longer than `span`.
    pub(crate) fn new(span: Duration) -> Self {
        let changes =
            Changes { since: Instant::now(), everything: 0, recent: HashMap::new(), earlier: HashMap::new() };
        Self { generation: AtomicU64::new(0), changes: RwLock::new(changes), span }
    }

    /// The generation of entries that are loaded from now on.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Stores an invalidation.
    pub(crate) fn note(&self, invalidation: Invalidation) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        if changes.since.elapsed() >= self.span {
            changes.since = Instant::now();
            changes.earlier = std::mem::take(&mut changes.recent);
        }
        if invalidation == Invalidation::Everything || changes.recent.len() >= MOST {
            changes.everything = generation;
            changes.recent.clear();
            changes.earlier.clear();
        } else {
            changes.recent.insert(invalidation, generation);
        }
    }

    /// Whether `grants`, loaded under `generation`, have been invalidated since.
    pub(crate) fn has_changed(&self, grants: &Grants, generation: u64) -> bool {
        if self.generation() == generation {
            return false;
        }
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        let is_later = |invalidation: Invalidation| {
            [&changes.recent, &changes.earlier]
                .iter()
                .any(|noted| noted.get(&invalidation).is_some_and(|noted| *noted > generation))
        };
        let actor = match grants.actor() {
            Actor::User { session, .. } | Actor::Acting { session, .. } => {
                is_later(Invalidation::Session(session))
            }
            Actor::ApiKey { key } => is_later(Invalidation::ApiKey(key)),
            Actor::System { .. } => false,
        };
        // A key has no more permissions than its issuer, and an impersonation depends on two persons.
        let persons = [grants.holder(), grants.actor().user()];
        let holder = persons.into_iter().flatten().any(|user| is_later(Invalidation::User(user)));
        changes.everything > generation || actor || holder || is_later(Invalidation::Tenant(grants.tenant()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tryzore_kernel::{SessionId, TenantId, UserId};
    use tryzore_rbac::Holdings;
    use uuid::Uuid;

    fn grants(number: u128) -> Arc<Grants> {
        let id = Uuid::from_u128(number);
        let actor = Actor::User { user: UserId::from(id), session: SessionId::from(id) };
        Grants::compile(actor, TenantId::from(id), None, &Holdings::default())
    }

    #[test]
    fn grants_are_invalidated_if_they_were_loaded_before_the_change() {
        let (recent, ours, theirs) =
            (RecentInvalidations::new(Duration::from_secs(30)), grants(1), grants(2));
        let id = Uuid::from_u128(1);
        let all = [
            Invalidation::Session(id.into()),
            Invalidation::User(id.into()),
            Invalidation::Tenant(id.into()),
            Invalidation::Everything,
        ];
        for invalidation in all {
            let before = recent.generation();
            recent.note(invalidation);
            assert!(recent.has_changed(&ours, before), "{invalidation}");
            assert_eq!(
                recent.has_changed(&theirs, before),
                invalidation == Invalidation::Everything,
                "{invalidation}"
            );
            assert!(!recent.has_changed(&ours, recent.generation()), "{invalidation}");
        }
    }

    #[test]
    fn an_invalidation_is_stored_for_at_least_a_span() {
        let (recent, ours) = (RecentInvalidations::new(Duration::ZERO), grants(1));
        let other = |number: u128| Invalidation::User(Uuid::from_u128(number).into());
        let before = recent.generation();
        recent.note(other(1));
        // Each of these begins a span of its own.
        recent.note(other(2));
        assert!(recent.has_changed(&ours, before), "in the span after it");
        recent.note(other(3));
        assert!(!recent.has_changed(&ours, before), "no entry lives that long");
    }

    #[test]
    fn too_many_invalidations_invalidate_everything() {
        let (recent, ours) = (RecentInvalidations::new(Duration::from_secs(3_600)), grants(1));
        let before = recent.generation();
        let note =
            |number: usize| recent.note(Invalidation::User(Uuid::from_u128(number as u128 + 2).into()));
        (0..MOST).for_each(note);
        assert!(!recent.has_changed(&ours, before));
        note(MOST);
        assert!(recent.has_changed(&ours, before));
        assert!(recent.changes.read().unwrap().recent.is_empty());
    }
}
