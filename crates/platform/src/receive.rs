//! Storing a verified delivery once, as it was received.

use crate::{Delivery, Inbox, State};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use tryzore_kernel::{StoreResult, WebhookId};

/// A verified delivery that has just arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The provider that sent it.
    pub provider: String,
    /// The provider's id of the event.
    pub external_id: String,
    /// The provider's type of the event.
    pub event_type: String,
    /// The headers that are needed to verify the delivery again.
    pub headers: BTreeMap<String, String>,
    /// The body as it was received.
    pub raw_payload: Vec<u8>,
}

/// The result of receiving a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The delivery was stored and will be processed.
    Kept(WebhookId),
    /// The delivery was received before.
    Repeated,
}

/// Stores `arrival` and enqueues processing it, unless it was received before.
///
/// # Errors
/// When the store fails; the provider will send the delivery again.
pub async fn receive<T: Inbox>(tx: &mut T, arrival: Arrival, now: DateTime<Utc>) -> StoreResult<Received> {
    let delivery = pending(arrival, now);
    if !tx.delivery_insert(&delivery).await? {
        return Ok(Received::Repeated);
    }
    tx.processing_enqueue(delivery.id);
    Ok(Received::Kept(delivery.id))
}

/// The delivery of `arrival`, which is not processed yet.
pub(crate) fn pending(arrival: Arrival, now: DateTime<Utc>) -> Delivery {
    let Arrival { provider, external_id, event_type, headers, raw_payload } = arrival;
    Delivery {
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
    }
}
