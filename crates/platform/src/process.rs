//! Following a delivery, in the transaction that says so.
//!
//! A failure undoes that transaction, so it is noted in one of its own ([`note_failure`]). When to
//! try again is the queue's to decide.

use crate::{Deliveries, Delivery, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Problem, StoreError, StoreResult, WebhookId};

/// The work of processing a delivery, as the queue keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processing {
    /// Which.
    pub delivery: WebhookId,
    /// Whether someone asked for it, although it may have been processed.
    #[serde(default)]
    pub is_replay: bool,
}

/// Why a delivery was not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// There is no such delivery.
    #[error("no delivery {0}")]
    Missing(WebhookId),
    /// Nobody here can read it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ProcessError {
    /// Whether trying again by itself cannot help.
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

/// Has `follow` follow the delivery of `work`, and marks it as processed by `by`. What came of it;
/// none when it was processed before and nobody asked for more.
///
/// # Errors
/// [`ProcessError`]; the transaction is to be undone then.
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

/// Notes that an attempt at the delivery of `work` failed because of `error`, the last one when
/// `is_last`. Nothing when it was processed meanwhile, or is gone.
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
