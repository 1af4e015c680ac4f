//! Staff change a series from a date on ("this and following"), or end it.
//!
//! A single occurrence is changed like any other event. A change from a date on splits the series: the
//! earlier dates stay in the old series, the later events move to a new series, so no booking is lost.
//! The days of the week stay as they are; for other days, staff end the series and create another.

use crate::{
    Bookings, Event, Offer, Rooms, Rosters, Schedules, SeriesPlan, SeriesPlans, UseCaseError, Waitlists,
    cancel_event::call_off,
    create_event::check_staff,
    domain_event::{SeriesChanged, SeriesEdited, SeriesEnded},
    edit_event::{keep, needs_room},
    event::SeriesDate,
    fields,
    permission::{CancelEvent, EditEvent},
    room::check_room,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::collections::BTreeSet;
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, Journal, SeriesId};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// Changing a series, in recorded decisions and in the audit trail.
pub const EDIT: Command = Command::new("series.edit").seen_by(Slug::VIEW_ALL_EVENTS.audience());
/// Ending a series, in the audit trail.
pub const END: Command = Command::new("series.end").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// The wanted state of the events of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesEdit {
    /// The first local date that is changed.
    pub from: NaiveDate,
    /// What is offered.
    pub offer: Offer,
    /// The local time at which the events start.
    pub local_time: NaiveTime,
}

/// Changes the events of `series`, whose version the caller read as `expected`, from a date on: all of
/// them that have not started, or none. Returns the series to which they now belong and how many
/// changed.
///
/// # Errors
/// [`UseCaseError::Stale`]; [`UseCaseError::Invalid`]; [`UseCaseError::NotFound`];
/// `events.edit.spots_below_booked`, `events.edit_series.in_the_past`, or a refusal when the permit
/// does not reach the series.
pub async fn edit_series<T: Schedules + Rooms + SeriesPlans + Bookings + Waitlists + Journal>(
    permit: &Permit<EditEvent>,
    tx: &mut T,
    series: SeriesId,
    expected: i32,
    edit: SeriesEdit,
    now: DateTime<Utc>,
) -> Result<(SeriesPlan, u32), UseCaseError> {
    let offer = edit.offer.checked()?;
    let before = tx.series_open(series).await?.ok_or(UseCaseError::NotFound("series"))?;
    let organization = before.series.organization;
    permit.require_at_for(organization, before.offer.staff, "series")?;
    if before.version != expected {
        return Err(UseCaseError::Stale);
    }
    if offer.staff != before.offer.staff {
        permit.require_at(organization, "series")?;
        check_staff(tx, offer.staff, organization).await?;
    }
    let (head, tail) = before.split(edit.from, offer, edit.local_time, SeriesId::generate(now))?;
    let first = head.as_ref().map_or(edit.from, |_| tail.fields().starts_on);
    let mut events = tx.occurrences_open(series, first).await?;
    events.retain(|event| !event.has_started(now));
    let changes =
        events.iter().map(|event| Ok((event, tail.apply(event, now)?))).collect::<Result<Vec<_>, Denial>>();
    let changes = tx.record_if_denied(DecisionContext::new(EDIT, series, organization), changes)?;
    match &head {
        Some(head) => {
            tx.series_update(head, now).await?;
            tx.series_insert(&tail, now).await?;
        }
        None => tx.series_update(&tail, now).await?,
    }
    // The rooms are locked in the order of their ids, so that two edits never wait for each other.
    let rooms: BTreeSet<_> = changes.iter().filter_map(|(_, after)| after.room).collect();
    for room in rooms {
        tx.room_open(room).await?;
    }
    let mut changed = 0;
    for (event, after) in &changes {
        changed += u32::from(keep(tx, event, after, now).await?);
    }
    // Once all have been moved: an event may take the place of one that has left it.
    for (_, after) in changes.iter().filter(|(before, after)| needs_room(before, after)) {
        check_room(tx, permit.grants(), EDIT, after).await?;
    }
    tell(tx, EDIT, SeriesEdited, &tail, first, changed, now);
    Ok((tail, changed))
}

/// Ends `series` with the local date `last`; events after that date are called off for `reason`.
/// Returns how many. Ending a series again at the same date changes nothing.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Invalid`] without a reason; [`UseCaseError::Denied`] at a
/// location that the permit does not reach.
pub async fn end_series<T: Schedules + SeriesPlans + Rosters + Waitlists + Journal>(
    permit: &Permit<CancelEvent>,
    tx: &mut T,
    series: SeriesId,
    last: NaiveDate,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<u32, UseCaseError> {
    let reason = fields::reason(reason, "/reason")?;
    let before = tx.series_open(series).await?.ok_or(UseCaseError::NotFound("series"))?;
    permit.require_at(before.series.organization, "series")?;
    let after = before.clone().end(last)?;
    let next = last.succ_opt().ok_or_else(|| UseCaseError::invalid("/last", "no such date"))?;
    let mut events = tx.occurrences_open(series, next).await?;
    events.retain(|event| !event.has_started(now));
    if after.series == before.series && after.is_ended == before.is_ended && events.is_empty() {
        return Ok(0);
    }
    tx.series_update(&after, now).await?;
    let mut ended = 0;
    for event in &events {
        if let Some(roster) = tx.roster_open(event.id).await? {
            call_off(tx, roster, &reason, now).await?;
            ended += 1;
        }
    }
    tell(tx, END, SeriesEnded, &after, last, ended, now);
    Ok(ended)
}

impl SeriesPlan {
    /// `event`, which is one occurrence of this plan, changed to what the plan says.
    fn apply(&self, event: &Event, now: DateTime<Utc>) -> Result<Event, Denial> {
        let on = event.series.map(|date| date.on);
        let start = on.and_then(|on| self.series.schedule.occurrence_on(on));
        let starts_at = start.map_or(event.starts_at, |start| start.starts_at);
        if starts_at <= now {
            return Err(Denial::state("events.edit_series.in_the_past")
                .because("event", event.id)
                .because("event.starts_at", event.local(event.starts_at))
                .because("asked.starts_at", event.local(starts_at))
                .because("now", event.local(now))
                .remedy("Change the series from the next date on.", None));
        }
        let after = event.edit(&self.offer, event.room, starts_at, now)?;
        let series = on.map(|on| SeriesDate { series: self.series.id, on });
        let version = if series == event.series { after.version } else { event.version + 1 };
        Ok(Event { series, version, ..after })
    }
}

fn tell<E: DomainEvent>(
    journal: &mut impl Journal,
    command: Command,
    what: fn(SeriesChanged) -> E,
    plan: &SeriesPlan,
    on: NaiveDate,
    events: u32,
    now: DateTime<Utc>,
) {
    let (series, organization) = (plan.series.id, plan.series.organization);
    let changed = SeriesChanged { series, organization, on, events };
    journal.event_publish(what(changed).published(now));
    journal.audit_append(AuditEntry {
        action: command.name,
        target: series.uuid(),
        subject: None,
        organizations: vec![organization],
        details: serde_json::json!({ "on": on, "events": events }),
    });
}
