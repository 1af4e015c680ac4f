//! A client leaves the waitlist, or staff remove a client from it.

use crate::{
    Rank, UseCaseError, Waitlist, Waitlists,
    domain_event::{WaitlistChanged, WaitlistLeft},
    permission::{BookEvent, ManageAttendance},
    waitlist::WaitlistCandidate,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, EventId, Journal, StoreResult, WaitlistEntryId};
use tryzore_rbac::{DomainEvent, Permit};

const NO_PLACE: UseCaseError = UseCaseError::NotFound("place on the waitlist");

/// Removes the signed-in client from the waitlist for `event`. Leaving is free at any time. Returns the
/// rank that the client gave up.
///
/// # Errors
/// [`UseCaseError::NotFound`] when the client is not on the waitlist.
pub async fn leave<T: Waitlists + Journal>(
    permit: &Permit<BookEvent>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Rank, UseCaseError> {
    let user = permit.actor().user().ok_or(NO_PLACE)?;
    let waitlist = tx.waitlist_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    let (candidate, rank) = waitlist.find(user).ok_or(NO_PLACE)?;
    take_out(tx, &waitlist, candidate, now).await?;
    Ok(rank)
}

/// Staff remove `entry` from the waitlist for `event`.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] at a location that the permit does not
/// reach.
pub async fn remove_from_waitlist<T: Waitlists + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    entry: WaitlistEntryId,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let waitlist = tx.waitlist_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at(waitlist.event.organization, "event")?;
    let candidate =
        waitlist.candidates.iter().find(|candidate| candidate.entry.id == entry).ok_or(NO_PLACE)?;
    take_out(tx, &waitlist, candidate, now).await?;
    tx.audit_append(AuditEntry {
        action: "events.remove_from_waitlist",
        target: event.uuid(),
        subject: Some(candidate.entry.user),
        organizations: vec![waitlist.event.organization],
        details: serde_json::json!({ "client": candidate.entry.client }),
    });
    Ok(())
}

async fn take_out<T: Waitlists + Journal>(
    tx: &mut T,
    waitlist: &Waitlist,
    candidate: &WaitlistCandidate,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    tx.waitlist_entry_remove(waitlist.event.id, candidate.entry.id, now).await?;
    let left = WaitlistChanged::of(&candidate.entry, &waitlist.event);
    tx.event_publish(WaitlistLeft(left).published(now));
    Ok(())
}
