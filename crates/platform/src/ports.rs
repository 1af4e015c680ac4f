//! What the queue needs from the store.

use crate::Delivery;
use tryzore_kernel::{StoreResult, WebhookId};

/// Where deliveries arrive. Whoever receives can add and nothing else.
#[trait_variant::make(Send)]
pub trait Inbox {
    /// Adds a delivery; false, and nothing done, when there is one of its provider and external id.
    async fn delivery_insert(&mut self, delivery: &Delivery) -> StoreResult<bool>;
    /// Has a delivery processed, once the transaction is committed.
    fn processing_enqueue(&mut self, delivery: WebhookId);
}

/// Deliveries, for whoever processes them.
#[trait_variant::make(Send)]
pub trait Deliveries {
    /// A delivery, held: two who process it at once do so one after the other.
    async fn delivery_lock(&mut self, id: WebhookId) -> StoreResult<Option<Delivery>>;
    /// Stores how a delivery stands. What was sent never changes.
    async fn delivery_update(&mut self, delivery: &Delivery) -> StoreResult<()>;
}

/// Deliveries, for whoever has one processed again.
#[trait_variant::make(Send)]
pub trait Replays {
    /// Whether there is such a delivery.
    async fn delivery_exists(&mut self, id: WebhookId) -> StoreResult<bool>;
    /// Has a delivery processed again, once the transaction is committed.
    fn replay_enqueue(&mut self, delivery: WebhookId);
}
