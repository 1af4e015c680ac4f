//! The event about changed permissions.

use crate::{
    DomainEvent,
    domain_event::{About, Payload},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Invalidation, Journal, UserId};

/// The permissions of a user have changed: compiled grants of the user are out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantsChanged {
    /// The user whose permissions have changed.
    pub user: UserId,
}

impl Payload for GrantsChanged {
    fn about(&self) -> About {
        About::object(self.user).person(self.user)
    }
}

crate::domain_events! {
    SUBJECT {
        GrantsChanged = "rbac.grants_changed", invalidates |it| Invalidation::User(it.user);
    }
}

impl GrantsChanged {
    /// Publishes that the permissions of `user` have changed at `now`.
    pub fn publish(user: UserId, journal: &mut impl Journal, now: DateTime<Utc>) {
        journal.event_publish(Self { user }.published(now));
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
