//! Having a delivery followed again.
//!
//! For one that was given up, once what stood in its way is gone; and for one that was followed by
//! code that has been corrected since. Whoever follows is idempotent, so doing it again is safe.

use crate::Replays;
use serde_json::json;
use tryzore_kernel::{AuditEntry, Journal, Problem, StoreError, WebhookId};

/// Why a delivery is not replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// There is none of this id.
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

/// Has the delivery `id` followed again, and notes who asked for it. Asked for twice before it
/// happens, it happens once.
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
