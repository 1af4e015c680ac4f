//! Keeping what was verified: as it came, and once.

use crate::{Delivery, Inbox, State};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use tryzore_kernel::{StoreResult, WebhookId};

/// What has come, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who sent it.
    pub provider: String,
    /// The provider's name for what happened.
    pub external_id: String,
    /// What happened, in the provider's words.
    pub event_type: String,
    /// The headers that are needed to verify it again.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub raw_payload: Vec<u8>,
}

/// How it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is kept and will be processed.
    Kept(WebhookId),
    /// It came before.
    Repeated,
}

/// Keeps `arrival` and has it processed, unless it came before.
///
/// # Errors
/// When the store fails; the provider sends it again then.
pub async fn receive<T: Inbox>(tx: &mut T, arrival: Arrival, now: DateTime<Utc>) -> StoreResult<Received> {
    let Arrival { provider, external_id, event_type, headers, raw_payload } = arrival;
    let delivery = Delivery {
        id: WebhookId::generate(now),
        provider,
        external_id,
        event_type,
        headers,
        raw_payload,
        received_at: now,
        state: State::Pending,
        error: None,
        attempts: 0,
        tenant: None,
    };
    if !tx.delivery_insert(&delivery).await? {
        return Ok(Received::Repeated);
    }
    tx.processing_enqueue(delivery.id);
    Ok(Received::Kept(delivery.id))
}
