//! Letters to clients about their bookings.

use super::post::Post;
use serde::Deserialize;
use tryzore_kernel::{ClientId, EventId};
use tryzore_messaging::{Guests, Letter, Visit};
use tryzore_messaging_postgres::Messaging;
use tryzore_postgres::{
    TenantTx,
    runtime::{Enqueue, Message, program::Outcome},
};

// The data that all events about a client's booking have.
#[derive(Deserialize)]
struct Payload {
    event: EventId,
    client: ClientId,
    #[serde(default)]
    reason: Option<String>,
}

/// Enqueues the `letter` to the client whom `message` concerns, made from the visit and the stated reason.
/// Clients without an address get none.
///
/// # Errors
/// When the database fails or the payload has another shape.
pub async fn write(
    message: &Message,
    tx: &mut TenantTx,
    letter: fn(Visit, Option<String>) -> Letter,
) -> Outcome {
    let payload: Payload = message.payload()?;
    let Some(guest) = tx.messaging().guest_find(payload.event, payload.client).await? else { return Ok(()) };
    let Some(to) = guest.email else { return Ok(()) };
    let post = Post { to, locale: guest.locale, letter: letter(guest.visit, payload.reason) };
    tx.job_enqueue(post.job());
    Ok(())
}
