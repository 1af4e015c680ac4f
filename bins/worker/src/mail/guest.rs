//! Letters to clients about their bookings.

use super::post::Post;
use tryzore_events::letter::BookingFacts;
use tryzore_events_postgres::Events;
use tryzore_kernel::{ClientId, EventId, Letter};
use tryzore_postgres::{
    TenantTx,
    runtime::{Enqueue, program::Outcome},
};

/// Enqueues the `letter` to `client` about their visit of `event`. Clients without an address get none.
///
/// # Errors
/// When the database fails.
pub async fn write<L: Letter>(
    tx: &mut TenantTx,
    event: EventId,
    client: ClientId,
    letter: impl FnOnce(BookingFacts) -> L,
) -> Outcome {
    let Some(guest) = tx.events().guest_find(event, client).await? else { return Ok(()) };
    let Some(to) = guest.email else { return Ok(()) };
    let post = Post::new(to, guest.locale, &letter(guest.visit));
    tx.job_enqueue(post.job::<L>());
    Ok(())
}
