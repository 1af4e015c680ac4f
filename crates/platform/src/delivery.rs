//! A delivery from a provider, and how it stands.
//!
//! It waits until it was followed or is given up. Both are ends only for the queue: what was given
//! up may still be followed, and what was followed may be followed again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tryzore_kernel::{TenantId, WebhookId};

/// The most bytes that a payload may have: 1 MiB.
pub const PAYLOAD_MAX: usize = 1_048_576;
/// The most characters of a provider's id, and of a kind of event.
pub const NAME_MAX: usize = 255;
/// The most characters that are kept of why an attempt failed.
pub const ERROR_MAX: usize = 2_000;

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Identifies it with us.
    pub id: WebhookId,
    /// Who sent it: `workos`.
    pub provider: String,
    /// The provider's name for what happened, unique with the provider; at most [`NAME_MAX`].
    pub external_id: String,
    /// What happened, in the provider's words: `session.revoked`; at most [`NAME_MAX`].
    pub event_type: String,
    /// The headers that are needed to verify it again, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it came, at most [`PAYLOAD_MAX`] bytes.
    pub raw_payload: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// How it stands.
    pub state: State,
    /// Why the last attempt failed; none when it did not.
    pub error: Option<String>,
    /// How often it was tried to follow it, replays included.
    pub attempts: u32,
    /// Whom it concerns, when that is known.
    pub tenant: Option<TenantId>,
}

/// How a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Pending,
    /// It was followed.
    Processed {
        /// When, the last time.
        at: DateTime<Utc>,
        /// By what: the work that did it, `job_…`.
        by: String,
        /// What came of it.
        verdict: Verdict,
    },
    /// It was given up.
    Dead {
        /// When.
        at: DateTime<Utc>,
    },
}

/// What came of following a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was news to follow.
    Applied,
    /// There is nothing in it that we follow.
    Ignored,
}

impl Verdict {
    /// The word in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
        }
    }
}

impl Delivery {
    /// Whether it is to be followed now: what was processed is again only by a replay. What was given
    /// up always is: someone has had its work done again.
    #[must_use]
    pub const fn is_due(&self, is_replay: bool) -> bool {
        is_replay || !matches!(self.state, State::Processed { .. })
    }

    /// The same, followed by `by`.
    #[must_use]
    pub fn processed(mut self, by: String, verdict: Verdict, now: DateTime<Utc>) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        self.error = None;
        self.state = State::Processed { at: now, by, verdict };
        self
    }

    /// The same after an attempt that failed because of `error`; the last one when `is_last`. What
    /// was processed before stays so: a replay that fails undoes nothing.
    #[must_use]
    pub fn failed(mut self, error: &str, is_last: bool, now: DateTime<Utc>) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        self.error = Some(error.chars().take(ERROR_MAX).collect());
        if is_last && self.state == State::Pending {
            self.state = State::Dead { at: now };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn delivery() -> Delivery {
        Delivery {
            id: WebhookId::generate(NOW),
            provider: "workos".into(),
            external_id: "event_01".into(),
            event_type: "user.deleted".into(),
            headers: BTreeMap::new(),
            raw_payload: b"{}".to_vec(),
            received_at: NOW,
            state: State::Pending,
            error: None,
            attempts: 0,
            tenant: None,
        }
    }

    #[test]
    fn whk_01_is_processed_once_and_again_only_by_a_replay() {
        let pending = delivery();
        assert!(pending.is_due(false) && pending.is_due(true));
        let processed = pending.processed("job_1".into(), Verdict::Applied, NOW);
        assert!(!processed.is_due(false) && processed.is_due(true));
        let dead = delivery().failed("no", true, NOW);
        assert!(dead.is_due(false) && dead.is_due(true));
    }

    #[test]
    fn whk_01_is_given_up_with_the_last_attempt_and_not_before() {
        let waiting = delivery().failed("first", false, NOW);
        assert_eq!(
            (&waiting.state, waiting.error.as_deref(), waiting.attempts),
            (&State::Pending, Some("first"), 1)
        );
        let dead = waiting.failed("second", true, NOW);
        assert_eq!(
            (&dead.state, dead.error.as_deref(), dead.attempts),
            (&State::Dead { at: NOW }, Some("second"), 2)
        );
        let late = dead.processed("job_2".into(), Verdict::Ignored, NOW);
        assert_eq!((late.error, late.attempts), (None, 3));
    }

    #[test]
    fn a_replay_that_fails_undoes_nothing() {
        let processed = delivery().processed("job_1".into(), Verdict::Applied, NOW);
        let state = processed.state.clone();
        let failed = processed.failed("gone", true, NOW);
        assert_eq!((failed.state, failed.error.as_deref()), (state, Some("gone")));
    }

    #[test]
    fn what_is_kept_of_a_reason_is_bounded() {
        let failed = delivery().failed(&"é".repeat(ERROR_MAX + 1), false, NOW);
        assert_eq!(failed.error.unwrap().chars().count(), ERROR_MAX);
    }
}
