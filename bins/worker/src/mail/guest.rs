//! Letters to clients about their bookings.

use super::post::Post;
use serde::Deserialize;
use tryzore_kernel::{ClientId, EventId};
use tryzore_messaging::{Guests, Letter, Visit};
use tryzore_postgres::{
    TenantTx,
    runtime::{Message, program::Outcome},
};

// What all events about one client's booking say.
#[derive(Deserialize)]
struct Payload {
    event: EventId,
    client: ClientId,
    #[serde(default)]
    reason: Option<String>,
}

/// Writes to the client whom `message` is about what `letter` makes of the visit and of the reason
/// that was given. Nobody is written to who has no address.
///
/// # Errors
/// When the database fails or the event is of another shape.
pub async fn write(
    message: &Message,
    tx: &mut TenantTx,
    letter: fn(Visit, Option<String>) -> Letter,
) -> Outcome {
    let payload: Payload = message.payload()?;
    let Some(guest) = tx.guest_find(payload.event, payload.client).await? else { return Ok(()) };
    let Some(to) = guest.email else { return Ok(()) };
    let post = Post { to, locale: guest.locale, letter: letter(guest.visit, payload.reason) };
    tx.job_enqueue(post.job());
    Ok(())
}
