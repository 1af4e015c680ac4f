//! The event about changed permissions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Journal, Published, UserId};

/// The permissions of a user have changed: compiled grants of the user are out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantsChanged {
    /// The user whose permissions have changed.
    pub user: UserId,
}

impl GrantsChanged {
    /// The name of the event.
    pub const KIND: &'static str = "rbac.grants_changed";

    /// Publishes that the permissions of `user` have changed at `now`.
    pub fn publish(user: UserId, journal: &mut impl Journal, now: DateTime<Utc>) {
        journal.event_publish(Published::new(Self::KIND, user, None, now, &Self { user }).about(user));
    }

    /// Publishes the event for several users, once for each.
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
