//! A client joins the line for a spot (EVT-04, EVT-10).

use crate::{
    Booking, Desk, Desks, DomainEvent, EventsError, Lines, Rank, WaitlistEntry, permission::BookEvent,
    promote,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{EventId, Journal, Matter, OrganizationId, UserId, WaitlistEntryId};
use tryzore_rbac::Permit;

/// The command, as decisions name it.
pub const COMMAND: &str = "events.wait";

/// What joining the line led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// A place in line.
    InLine {
        /// The place.
        entry: WaitlistEntryId,
        /// Its rank, "7th of 12".
        rank: Rank,
    },
    /// A spot at once: there was one that nobody ahead may have.
    Promoted(Booking),
}

/// Puts the person who asks at the end of the line for `event`.
///
/// # Errors
/// [`EventsError::NotFound`]; [`EventsError::Refused`] with the first reason that stands against it
/// (see [`crate::Desk::join_line`]).
pub async fn wait<T: Desks + Lines + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Waited, EventsError> {
    let user = permit.actor().user().ok_or(EventsError::NotFound("event"))?;
    let current = permit.organization();
    let desk = tx.desk_open(event, user, current).await?.ok_or(EventsError::NotFound("event"))?;
    let matter = Matter::new(COMMAND, event, desk.event.organization).about(user);
    let facts = tx.decision_heed(matter, desk.join_line(now))?;
    tx.decision_record(matter.allowed(facts));
    join(tx, &desk, current, None, now).await
}

/// Puts the client of `desk`, who may wait, at the end of the line; `added_by` is who of the staff does
/// it for them.
pub(crate) async fn join<T: Desks + Lines + Journal>(
    tx: &mut T,
    desk: &Desk,
    current: Option<OrganizationId>,
    added_by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Waited, EventsError> {
    let (event, client, user) = (desk.event.id, desk.standing.client, desk.standing.user);
    let id = WaitlistEntryId::generate(now);
    let entry = WaitlistEntry { id, event, client, user, current, added_at: now, added_by };
    let rank = Rank { position: desk.waiting + 1, of: desk.waiting + 1 };
    tx.waiter_insert(&entry).await?;
    tx.event_publish(DomainEvent::of_line(DomainEvent::Waiting, &entry, &desk.event, Some(rank), None, now));
    if desk.event.spots.free() == 0 {
        return Ok(Waited::InLine { entry: id, rank });
    }
    let bookings = promote::settle(tx, event, now).await?;
    Ok(match bookings.into_iter().find(|booking| booking.user == user) {
        Some(booking) => Waited::Promoted(booking),
        None => Waited::InLine { entry: id, rank },
    })
}
