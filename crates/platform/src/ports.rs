//! What the queue needs from the store.

use crate::Delivery;
use tryzore_kernel::{StoreResult, WebhookId};

/// Stores received deliveries. The receiver can add and do nothing else.
#[trait_variant::make(Send)]
pub trait Inbox {
    /// Adds a delivery; false when a delivery with its provider and external id exists already.
    async fn delivery_insert(&mut self, delivery: &Delivery) -> StoreResult<bool>;
    /// Enqueues processing the delivery, for after the commit.
    fn processing_enqueue(&mut self, delivery: WebhookId);
}

/// Stores deliveries, for the processor.
#[trait_variant::make(Send)]
pub trait Deliveries {
    /// Finds a delivery and locks it: two workers process it one after the other.
    async fn delivery_lock(&mut self, id: WebhookId) -> StoreResult<Option<Delivery>>;
    /// Stores the state of a delivery. The received data never changes.
    async fn delivery_update(&mut self, delivery: &Delivery) -> StoreResult<()>;
}

/// Stores deliveries, for replays.
#[trait_variant::make(Send)]
pub trait Replays {
    /// Whether the delivery exists.
    async fn delivery_exists(&mut self, id: WebhookId) -> StoreResult<bool>;
    /// Enqueues processing the delivery again, for after the commit.
    fn replay_enqueue(&mut self, delivery: WebhookId);
}
