//! A free spot goes to the first on the waitlist who may have it (EVT-10).
//!
//! Whatever frees a spot calls this in its own transaction; the worker calls it every minute for
//! changes made elsewhere, such as a client who is active again. That a client was passed over is
//! recorded only when the reason has changed, not every minute.

use crate::{
    Booking, Bookings, Event, UseCaseError, Waitlist, WaitlistEntry, Waitlists,
    domain_event::{Promoted, SpotTaken, WaitExpired, WaitlistChanged},
    permission::ManageAttendance,
    waitlist::Promotion,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{Command, DecisionContext, EventId, Journal, StoreResult};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.promote").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// The result of processing a waitlist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WaitlistReport {
    /// The number of clients who got a spot.
    pub promoted: u32,
    /// The number of clients who were next and may not have a spot.
    pub passed_over: u32,
    /// The number of clients whose wait ended without a spot.
    pub expired: u32,
}

/// Gives the free spots of `event` to the clients who wait; once the event has started or will not take
/// place, ends their wait. Calling it again changes nothing.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Denied`] at a location that the permit does not
/// reach.
pub async fn process_waitlist<T: Bookings + Waitlists + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<WaitlistReport, UseCaseError> {
    let waitlist = tx.waitlist_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at(waitlist.event.organization, "event")?;
    if waitlist.is_over(now) {
        expire(tx, &waitlist.event, waitlist.candidates.iter().map(|candidate| &candidate.entry), None, now)
            .await?;
        return Ok(WaitlistReport { expired: waitlist.waiting(), ..WaitlistReport::default() });
    }
    Ok(serve(tx, &waitlist, now).await?.0)
}

/// Gives the free spots of `event`, which is locked, to the clients who wait. Returns their bookings.
pub(crate) async fn settle<T: Bookings + Waitlists + Journal>(
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> StoreResult<Vec<Booking>> {
    match tx.waitlist_open(event).await? {
        Some(waitlist) => Ok(serve(tx, &waitlist, now).await?.1),
        None => Ok(Vec::new()),
    }
}

async fn serve<T: Bookings + Waitlists + Journal>(
    tx: &mut T,
    waitlist: &Waitlist,
    now: DateTime<Utc>,
) -> StoreResult<(WaitlistReport, Vec<Booking>)> {
    let (mut report, mut bookings) = (WaitlistReport::default(), Vec::new());
    for (candidate, promotion) in waitlist.promote(now) {
        let decision = DecisionContext::new(COMMAND, waitlist.event.id, waitlist.event.organization)
            .about(candidate.entry.user);
        match promotion {
            Promotion::Promoted { booking, facts } => {
                tx.booking_insert(&booking).await?;
                tx.waitlist_mark_promoted(&booking).await?;
                tx.decision_record(decision.allowed(facts));
                tx.event_publish(Promoted(SpotTaken::of(&booking)).published(now));
                report.promoted += 1;
                bookings.push(booking);
            }
            Promotion::PassedOver(denial) => {
                report.passed_over += 1;
                if candidate.passed_over.as_deref() != Some(&*denial.code) {
                    tx.waitlist_entry_pass_over(waitlist.event.id, candidate.entry.id, &denial.code).await?;
                    tx.decision_record(decision.denied(&denial));
                }
            }
        }
    }
    Ok((report, bookings))
}

/// Ends the wait of all `waiting` for `event`, because of `reason` if there is one.
pub(crate) async fn expire<'w, T: Waitlists + Journal>(
    tx: &mut T,
    event: &Event,
    waiting: impl IntoIterator<Item = &'w WaitlistEntry>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut waiting = waiting.into_iter().peekable();
    if waiting.peek().is_some() {
        tx.waitlist_expire(event.id, now).await?;
    }
    for entry in waiting {
        let reason = reason.map(str::to_owned);
        let expired = WaitlistChanged { reason, ..WaitlistChanged::of(entry, event) };
        tx.event_publish(WaitExpired(expired).published(now));
    }
    Ok(())
}
