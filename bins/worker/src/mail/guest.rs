//! Letters to clients about their bookings.

use super::post::Post;
use tryzore_kernel::{ClientId, EventId};
use tryzore_messaging::{Guests, Letter, Visit};
use tryzore_messaging_postgres::Messaging;
use tryzore_postgres::{
    TenantTx,
    runtime::{Enqueue, program::Outcome},
};

/// Enqueues the `letter` to `client` about their visit of `event`. Clients without an address get none.
///
/// # Errors
/// When the database fails.
pub async fn write(
    tx: &mut TenantTx,
    event: EventId,
    client: ClientId,
    letter: impl FnOnce(Visit) -> Letter,
) -> Outcome {
    let Some(guest) = tx.messaging().guest_find(event, client).await? else { return Ok(()) };
    let Some(to) = guest.email else { return Ok(()) };
    let post = Post { to, locale: guest.locale, letter: letter(guest.visit) };
    tx.job_enqueue(post.job());
    Ok(())
}
