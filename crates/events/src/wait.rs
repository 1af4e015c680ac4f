//! A client joins the waitlist for a spot (EVT-04, EVT-10).

use crate::{
    Booking, BookingContext, Bookings, Rank, UseCaseError, WaitlistEntry, Waitlists,
    domain_event::{Waiting, WaitlistChanged},
    permission::BookEvent,
    promote,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Command, DecisionContext, EventId, Journal, OrganizationId, UserId, WaitlistEntryId};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.wait").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// The result of joining the waitlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// The client is on the waitlist.
    InLine {
        /// The place on the waitlist.
        entry: WaitlistEntryId,
        /// The rank of the client, "7th of 12".
        rank: Rank,
    },
    /// The client got a spot at once: there was a free spot that nobody before them may have.
    Promoted(Booking),
}

/// Puts the signed-in client at the end of the waitlist for `event`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] with the first reason for the refusal (see
/// [`crate::BookingContext::join_waitlist`]).
pub async fn wait<T: Bookings + Waitlists + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Waited, UseCaseError> {
    let user = permit.actor().user().ok_or(UseCaseError::NotFound("event"))?;
    let current = permit.organization();
    let context = tx.booking_context(event, user, current).await?.ok_or(UseCaseError::NotFound("event"))?;
    let decision = DecisionContext::new(COMMAND, event, context.event.organization).about(user);
    let facts = tx.record_if_denied(decision, context.join_waitlist(now))?;
    tx.decision_record(decision.allowed(facts));
    join(tx, &context, current, None, now).await
}

/// Puts the client of `context`, who may wait, at the end of the waitlist; `added_by` is the staff
/// member who acts for the client.
pub(crate) async fn join<T: Bookings + Waitlists + Journal>(
    tx: &mut T,
    context: &BookingContext,
    current: Option<OrganizationId>,
    added_by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Waited, UseCaseError> {
    let (event, client, user) =
        (context.event.id, context.booking_client.client, context.booking_client.user);
    let id = WaitlistEntryId::generate(now);
    let entry = WaitlistEntry { id, event, client, user, current, added_at: now, added_by };
    let rank = Rank { position: context.waiting + 1, of: context.waiting + 1 };
    tx.waitlist_entry_insert(&entry).await?;
    let joined = WaitlistChanged { rank: Some(rank), ..WaitlistChanged::of(&entry, &context.event) };
    tx.event_publish(Waiting(joined).published(now));
    if context.event.spots.free() == 0 {
        return Ok(Waited::InLine { entry: id, rank });
    }
    let bookings = promote::settle(tx, event, now).await?;
    Ok(match bookings.into_iter().find(|booking| booking.user == user) {
        Some(booking) => Waited::Promoted(booking),
        None => Waited::InLine { entry: id, rank },
    })
}
