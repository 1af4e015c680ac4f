//! What a store must do for this crate. One transaction implements every port.

use crate::{Booking, Desk};
use tryzore_kernel::{EventId, OrganizationId, StoreResult, UserId};

/// Bookings, one client and one event at a time.
#[trait_variant::make(Send)]
pub trait Desks {
    /// Locks `event` until the transaction ends and reads what decides a booking of `user`, who is
    /// at `current` now. `None` when there is no such event or the user is no client.
    async fn desk_open(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<Desk>>;

    /// Adds a booking and takes its spot. It may take effect as late as the commit.
    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()>;
}
