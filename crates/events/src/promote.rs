//! A free spot goes to the first in line who may have it (EVT-10).
//!
//! Whatever frees a spot calls this in its own transaction; the worker calls it every minute for
//! what changed elsewhere, such as a client who is active again. That someone was passed over is
//! recorded when it is news, not every minute.

use crate::{
    Booking, Desks, DomainEvent, Event, EventsError, Line, Lines, WaitlistEntry, line::Turn,
    permission::ManageAttendance,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{EventId, Journal, Matter, StoreResult};
use tryzore_rbac::Permit;

/// The command, as decisions name it.
pub const COMMAND: &str = "events.promote";

/// What became of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LineReport {
    /// How many got a spot.
    pub promoted: u32,
    /// How many had a turn and may not have a spot.
    pub passed_over: u32,
    /// How many waited in vain.
    pub expired: u32,
}

/// Gives the free spots of `event` to those who wait; once it has started or will not take place,
/// ends their wait. Doing it again changes nothing.
///
/// # Errors
/// [`EventsError::NotFound`]; [`EventsError::Refused`] at a location that the permit does not
/// reach.
pub async fn process_waitlist<T: Desks + Lines + Journal>(
    permit: &Permit<ManageAttendance>,
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<LineReport, EventsError> {
    let line = tx.line_open(event).await?.ok_or(EventsError::NotFound("event"))?;
    permit.at(line.event.organization).map_err(EventsError::beyond("event"))?;
    if line.is_over(now) {
        expire(tx, &line.event, line.waiters.iter().map(|waiter| &waiter.entry), None, now).await?;
        return Ok(LineReport { expired: line.waiting(), ..LineReport::default() });
    }
    Ok(serve(tx, &line, now).await?.0)
}

/// Gives the free spots of `event`, which is locked, to those who wait; their bookings.
pub(crate) async fn settle<T: Desks + Lines + Journal>(
    tx: &mut T,
    event: EventId,
    now: DateTime<Utc>,
) -> StoreResult<Vec<Booking>> {
    match tx.line_open(event).await? {
        Some(line) => Ok(serve(tx, &line, now).await?.1),
        None => Ok(Vec::new()),
    }
}

async fn serve<T: Desks + Lines + Journal>(
    tx: &mut T,
    line: &Line,
    now: DateTime<Utc>,
) -> StoreResult<(LineReport, Vec<Booking>)> {
    let (mut report, mut bookings) = (LineReport::default(), Vec::new());
    for (waiter, turn) in line.promote(now) {
        let matter = Matter::new(COMMAND, line.event.id, line.event.organization).about(waiter.entry.user);
        match turn {
            Turn::Promoted { booking, facts } => {
                tx.booking_insert(&booking).await?;
                tx.waiter_seat(&booking).await?;
                tx.decision_record(matter.allowed(facts));
                tx.event_publish(DomainEvent::booked(&booking));
                report.promoted += 1;
                bookings.push(booking);
            }
            Turn::PassedOver(denial) => {
                report.passed_over += 1;
                if waiter.passed_over.as_deref() != Some(&*denial.code) {
                    tx.waiter_pass_over(line.event.id, waiter.entry.id, &denial.code).await?;
                    tx.decision_record(matter.denied(&denial));
                }
            }
        }
    }
    Ok((report, bookings))
}

/// Ends the wait of all `waiting` for `event`, because of `reason` where there is one.
pub(crate) async fn expire<'w, T: Lines + Journal>(
    tx: &mut T,
    event: &Event,
    waiting: impl IntoIterator<Item = &'w WaitlistEntry>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> StoreResult<()> {
    let mut waiting = waiting.into_iter().peekable();
    if waiting.peek().is_some() {
        tx.waiters_expire(event.id, now).await?;
    }
    for entry in waiting {
        tx.event_publish(DomainEvent::of_line(DomainEvent::WaitExpired, entry, event, None, reason, now));
    }
    Ok(())
}
