//! A delivery from a provider, and its state.
//!
//! A delivery is pending until it is processed or given up. Both states are final only for the queue: a
//! delivery that was given up can still be processed, and a processed delivery can be processed again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tryzore_kernel::{TenantId, WebhookId};

/// The maximum size of a payload in bytes: 1 MiB.
pub const PAYLOAD_MAX: usize = 1_048_576;
/// The maximum number of characters of a provider's id, and of an event type.
pub const NAME_MAX: usize = 255;
/// The maximum number of characters that are stored of the reason of a failure.
pub const ERROR_MAX: usize = 2_000;

/// A delivery from a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The id of the delivery in this product.
    pub id: WebhookId,
    /// The provider that sent the delivery, such as `workos`.
    pub provider: String,
    /// The provider's id of the event, unique for the provider; at most [`NAME_MAX`] characters.
    pub external_id: String,
    /// The provider's type of the event, such as `session.revoked`; at most [`NAME_MAX`] characters.
    pub event_type: String,
    /// The headers that are needed to verify the delivery again, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it was received, at most [`PAYLOAD_MAX`] bytes.
    pub raw_payload: Vec<u8>,
    /// When the delivery was received.
    pub received_at: DateTime<Utc>,
    /// The state of the delivery.
    pub state: State,
    /// The reason why the last attempt failed; `None` when it did not fail.
    pub error: Option<String>,
    /// The number of attempts to process the delivery, replays included.
    pub attempts: u32,
    /// The tenant that the delivery concerns, if it is known.
    pub tenant: Option<TenantId>,
}

/// The state of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The delivery is not processed yet.
    Pending,
    /// The delivery was processed.
    Processed {
        /// When the delivery was last processed.
        at: DateTime<Utc>,
        /// The job that processed the delivery, `job_…`.
        by: String,
        /// The result of processing.
        verdict: Verdict,
    },
    /// The delivery was given up.
    Dead {
        /// When the delivery was given up.
        at: DateTime<Utc>,
    },
}

/// The result of processing a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The delivery had an effect.
    Applied,
    /// The delivery contained nothing that the product handles.
    Ignored,
}

impl Verdict {
    /// The result as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
        }
    }
}

impl Delivery {
    /// Whether the delivery is to be processed now. A processed delivery is processed again only by a
    /// replay. A delivery that was given up is always due: its job runs again only when someone requests
    /// it.
    #[must_use]
    pub const fn is_due(&self, is_replay: bool) -> bool {
        is_replay || !matches!(self.state, State::Processed { .. })
    }

    /// The delivery after the job `by` has processed it.
    #[must_use]
    pub fn processed(mut self, by: String, verdict: Verdict, now: DateTime<Utc>) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        self.error = None;
        self.state = State::Processed { at: now, by, verdict };
        self
    }

    /// The delivery after an attempt that failed because of `error`; `is_last` marks the last attempt. A
    /// processed delivery stays processed: a failed replay undoes nothing.
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
    fn whk_01_a_delivery_is_processed_once_and_again_only_by_a_replay() {
        let pending = delivery();
        assert!(pending.is_due(false) && pending.is_due(true));
        let processed = pending.processed("job_1".into(), Verdict::Applied, NOW);
        assert!(!processed.is_due(false) && processed.is_due(true));
        let dead = delivery().failed("no", true, NOW);
        assert!(dead.is_due(false) && dead.is_due(true));
    }

    #[test]
    fn whk_01_a_delivery_is_given_up_after_the_last_attempt_and_not_before() {
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
    fn a_failed_replay_undoes_nothing() {
        let processed = delivery().processed("job_1".into(), Verdict::Applied, NOW);
        let state = processed.state.clone();
        let failed = processed.failed("gone", true, NOW);
        assert_eq!((failed.state, failed.error.as_deref()), (state, Some("gone")));
    }

    #[test]
    fn the_stored_reason_of_a_failure_is_bounded() {
        let failed = delivery().failed(&"é".repeat(ERROR_MAX + 1), false, NOW);
        assert_eq!(failed.error.unwrap().chars().count(), ERROR_MAX);
    }
}
