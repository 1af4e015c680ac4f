//! What others hear when permissions change.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Journal, Published, UserId};

/// What someone may do has changed: whoever has compiled it compiles it anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantsChanged {
    /// Whose.
    pub user: UserId,
}

impl GrantsChanged {
    /// The name of the event.
    pub const KIND: &'static str = "rbac.grants_changed";

    /// Tells that what `user` may do has changed at `now`.
    pub fn publish(user: UserId, journal: &mut impl Journal, now: DateTime<Utc>) {
        journal.event_publish(Published::new(Self::KIND, user, None, now, &Self { user }).about(user));
    }

    /// The same about several, each once.
    pub fn publish_all(
        users: impl IntoIterator<Item = UserId>,
        journal: &mut impl Journal,
        now: DateTime<Utc>,
    ) {
        let mut users: Vec<_> = users.into_iter().collect();
        users.sort_unstable();
        users.dedup();
        for user in users {
            Self::publish(user, journal, now);
        }
    }
}
