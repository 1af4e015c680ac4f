//! Processing a delivery, in the transaction that marks it as processed.
//!
//! A failure rolls that transaction back, so the failure is recorded in a transaction of its own
//! ([`note_failure`]). The queue decides when to try again.

use crate::{Deliveries, Delivery, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Problem, StoreError, StoreResult, WebhookId};

/// The job of processing a delivery, as the queue stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processing {
    /// The delivery to process.
    pub delivery: WebhookId,
    /// Whether this is a replay, for which the delivery may have been processed before.
    #[serde(default)]
    pub is_replay: bool,
}

/// The reason why a delivery was not processed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// The delivery does not exist.
    #[error("no delivery {0}")]
    Missing(WebhookId),
    /// The delivery cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ProcessError {
    /// Whether an automatic retry cannot help.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::Missing(_) | Self::Unreadable(_) => true,
            Self::Store(_) => false,
        }
    }
}

impl From<ProcessError> for Problem {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Missing(_) => Self::not_found("delivery"),
            ProcessError::Unreadable(_) => Self::internal(error),
            ProcessError::Store(error) => error.into(),
        }
    }
}

/// Processes the delivery of `work` with `follow`, and marks it as processed by the job `by`. Returns the
/// result; `None` when the delivery was processed before and this is no replay.
///
/// # Errors
/// [`ProcessError`]; the caller must roll the transaction back then.
pub async fn process<T: Deliveries>(
    tx: &mut T,
    work: Processing,
    by: String,
    follow: impl AsyncFnOnce(&mut T, &Delivery) -> Result<Verdict, ProcessError>,
    now: DateTime<Utc>,
) -> Result<Option<Verdict>, ProcessError> {
    let delivery = tx.delivery_lock(work.delivery).await?.ok_or(ProcessError::Missing(work.delivery))?;
    if !delivery.is_due(work.is_replay) {
        return Ok(None);
    }
    let verdict = follow(tx, &delivery).await?;
    tx.delivery_update(&delivery.processed(by, verdict, now)).await?;
    Ok(Some(verdict))
}

/// Records that an attempt at the delivery of `work` failed because of `error`; `is_last` marks the last
/// attempt. Does nothing when the delivery was processed meanwhile, or no longer exists.
///
/// # Errors
/// When the store fails.
pub async fn note_failure<T: Deliveries>(
    tx: &mut T,
    work: Processing,
    error: &str,
    is_last: bool,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    match tx.delivery_lock(work.delivery).await?.filter(|delivery| delivery.is_due(work.is_replay)) {
        Some(delivery) => tx.delivery_update(&delivery.failed(error, is_last, now)).await,
        None => Ok(()),
    }
}
