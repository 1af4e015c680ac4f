//! Processing a delivery again.
//!
//! A replay is for a delivery that was given up, once the cause of the failure is fixed, and for a delivery
//! that was processed by code that has been corrected since. Processing is idempotent, so repeating it is
//! safe.

use crate::Replays;
use serde_json::json;
use tryzore_kernel::{AuditEntry, Journal, Problem, StoreError, WebhookId};

/// The reason why a delivery is not replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The delivery does not exist.
    #[error("no delivery {0}")]
    Missing(WebhookId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Missing(_) => Self::not_found("delivery"),
            ReplayError::Store(error) => error.into(),
        }
    }
}

/// Enqueues processing the delivery `id` again, and records the operator in the audit trail. Two requests
/// before the replay runs result in one replay.
///
/// # Errors
/// [`ReplayError`].
pub async fn replay<T: Replays + Journal>(tx: &mut T, id: WebhookId) -> Result<(), ReplayError> {
    if !tx.delivery_exists(id).await? {
        return Err(ReplayError::Missing(id));
    }
    tx.replay_enqueue(id);
    tx.audit_append(AuditEntry {
        action: "webhooks.replay",
        target: id.uuid(),
        subject: None,
        organizations: Vec::new(),
        details: json!({}),
    });
    Ok(())
}
