//! What was to be forgotten, and in which order.
//!
//! Who callers are is remembered for a while. Instead of searching what is remembered whenever something has
//! changed, the change is noted with a number that only grows, and whatever was read under a smaller number
//! is not believed any more. So nothing slips in between: what was read before a change and kept after it
//! bears the smaller number. And what nobody remembers costs nothing to forget.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tryzore_postgres::Invalidation;
use tryzore_rbac::{Actor, Grants};

// So many changes in one span are as good as everything.
const MOST: usize = 50_000;

/// The changes of a span and of the one before it: all that anyone may have to know.
#[derive(Debug)]
pub(crate) struct Forgotten {
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

impl Forgotten {
    /// For those who believe what they have read for no longer than `span`.
    pub(crate) fn new(span: Duration) -> Self {
        let changes =
            Changes { since: Instant::now(), everything: 0, recent: HashMap::new(), earlier: HashMap::new() };
        Self { generation: AtomicU64::new(0), changes: RwLock::new(changes), span }
    }

    /// The number under which is read what is read from now on.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Notes that `stale` has changed.
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

    /// Whether something that `grants` rest on has changed since they were read under `generation`.
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
            Actor::User { session, .. } => is_later(Invalidation::Session(session)),
            Actor::ApiKey { key } => is_later(Invalidation::ApiKey(key)),
            Actor::System { .. } => false,
        };
        // A key holds no more than the person who issued it.
        let holder = grants.holder().is_some_and(|user| is_later(Invalidation::User(user)));
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
    fn what_was_read_before_a_change_has_changed_and_what_was_read_after_it_has_not() {
        let (forgotten, ours, theirs) = (Forgotten::new(Duration::from_secs(30)), grants(1), grants(2));
        let id = Uuid::from_u128(1);
        let all = [
            Invalidation::Session(id.into()),
            Invalidation::User(id.into()),
            Invalidation::Tenant(id.into()),
            Invalidation::Everything,
        ];
        for invalidation in all {
            let before = forgotten.generation();
            forgotten.note(invalidation);
            assert!(forgotten.has_changed(&ours, before), "{invalidation}");
            assert_eq!(
                forgotten.has_changed(&theirs, before),
                invalidation == Invalidation::Everything,
                "{invalidation}"
            );
            assert!(!forgotten.has_changed(&ours, forgotten.generation()), "{invalidation}");
        }
    }

    #[test]
    fn a_change_is_known_for_a_whole_span_and_not_for_ever() {
        let (forgotten, ours) = (Forgotten::new(Duration::ZERO), grants(1));
        let other = |number: u128| Invalidation::User(Uuid::from_u128(number).into());
        let before = forgotten.generation();
        forgotten.note(other(1));
        // Each of these begins a span of its own.
        forgotten.note(other(2));
        assert!(forgotten.has_changed(&ours, before), "in the span after it");
        forgotten.note(other(3));
        assert!(!forgotten.has_changed(&ours, before), "nobody believes that long what they have read");
    }

    #[test]
    fn too_many_changes_are_everything() {
        let (forgotten, ours) = (Forgotten::new(Duration::from_secs(3_600)), grants(1));
        let before = forgotten.generation();
        let note =
            |number: usize| forgotten.note(Invalidation::User(Uuid::from_u128(number as u128 + 2).into()));
        (0..MOST).for_each(note);
        assert!(!forgotten.has_changed(&ours, before));
        note(MOST);
        assert!(forgotten.has_changed(&ours, before));
        assert!(forgotten.changes.read().unwrap().recent.is_empty());
    }
}
