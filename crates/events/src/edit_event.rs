//! Staff change an event: any event, or one that they lead.

use crate::{
    Bookings, Event, Offer, Rooms, Schedules, Start, UseCaseError, Waitlists,
    create_event::{check_staff, start_ahead},
    domain_event::{Edited, EventChanged, Rescheduled},
    permission::EditEvent,
    promote,
    room::check_room,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, EventId, FieldErrors, Journal, RoomId, StoreResult,
};
use tryzore_rbac::{DomainEvent, Permit, Slug};

/// This command, in recorded decisions.
pub const COMMAND: Command = Command::new("events.edit").seen_by(Slug::VIEW_ALL_EVENTS.audience());

/// The wanted state of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEdit {
    /// What is offered.
    pub offer: Offer,
    /// When the event starts.
    pub start: Start,
    /// The room in which the event takes place; none takes it out of its room.
    pub room: Option<RoomId>,
}

/// Changes `event`, whose version the caller read as `expected`, to what `edit` says in full. Spots
/// that become free go to the waitlist. An edit without a difference leaves the version as it is. Staff
/// who may only change the events that they lead can't give an event to another leader.
///
/// # Errors
/// [`UseCaseError::Stale`]; [`UseCaseError::Invalid`]; [`UseCaseError::NotFound`];
/// [`UseCaseError::Denied`] as [`Event::edit`] and [`Room::host`](crate::Room::host) say, or when the permit does not reach the event.
pub async fn edit_event<T: Schedules + Rooms + Bookings + Waitlists + Journal>(
    permit: &Permit<EditEvent>,
    tx: &mut T,
    event: EventId,
    expected: i32,
    edit: EventEdit,
    now: DateTime<Utc>,
) -> Result<Event, UseCaseError> {
    let offer = edit.offer.checked()?;
    let before = tx.event_open(event).await?.ok_or(UseCaseError::NotFound("event"))?;
    permit.require_at_for(before.organization, before.staff, "event")?;
    if before.version != expected {
        return Err(UseCaseError::Stale);
    }
    if offer.staff != before.staff {
        permit.require_at(before.organization, "event")?;
        check_staff(tx, offer.staff, before.organization).await?;
    }
    let mut starts_at = edit.start.resolve(&before.rules).map_err(FieldErrors::from)?;
    if starts_at != before.starts_at && !before.has_started(now) {
        starts_at = start_ahead(edit.start, &before.rules, now)?;
    }
    let after = tx.record_if_denied(
        DecisionContext::new(COMMAND, event, before.organization),
        before.edit(&offer, edit.room, starts_at, now),
    )?;
    if needs_room(&before, &after) {
        check_room(tx, permit.grants(), COMMAND, &after).await?;
    }
    keep(tx, &before, &after, now).await?;
    Ok(after)
}

/// Whether `after` needs its room otherwise than `before`: another room, another time or more spots.
pub(crate) fn needs_room(before: &Event, after: &Event) -> bool {
    let of = |event: &Event| (event.room, event.starts_at, event.ends_at);
    of(after) != of(before) || after.spots.total() > before.spots.total()
}

/// Stores `after` in place of `before`, publishes what changed, and gives added spots to the waitlist.
pub(crate) async fn keep<T: Schedules + Bookings + Waitlists + Journal>(
    tx: &mut T,
    before: &Event,
    after: &Event,
    now: DateTime<Utc>,
) -> StoreResult<bool> {
    let changed = after.differences(before);
    if changed.is_empty() {
        return Ok(false);
    }
    tx.event_update(after, None, now).await?;
    tell_changed(tx, before, after, &changed, now);
    promote::settle(tx, after.id, now).await?;
    Ok(true)
}

/// Publishes that the fields `changed` of an event have changed.
pub(crate) fn tell_changed(
    journal: &mut impl Journal,
    before: &Event,
    after: &Event,
    changed: &[&'static str],
    now: DateTime<Utc>,
) {
    let is_moved = changed.contains(&"starts_at") || changed.contains(&"ends_at");
    let sent = EventChanged {
        started_at: is_moved.then_some(before.starts_at),
        changed: changed.iter().map(|field| (*field).to_owned()).collect(),
        ..EventChanged::of(after)
    };
    journal.event_publish(match is_moved {
        true => Rescheduled(sent).published(now),
        false => Edited(sent).published(now),
    });
    journal.audit_append(AuditEntry {
        action: COMMAND.name,
        target: after.id.uuid(),
        subject: None,
        organizations: vec![after.organization],
        details: serde_json::json!({ "changed": changed, "version": after.version }),
    });
}

impl Event {
    /// The event as `offer` describes it, in `room`, at `starts_at`. The version rises if anything changes; when
    /// the time changes, a new reminder becomes due.
    ///
    /// # Errors
    /// `events.edit.over`, `events.edit.started`, `events.edit.spots_below_booked`.
    pub fn edit(
        &self,
        offer: &Offer,
        room: Option<RoomId>,
        starts_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, Denial> {
        if self.state.is_final() {
            return Err(Denial::state("events.edit.over").because("event.status", self.state).remedy(
                "The event is over or was called off: put a new event on the schedule.",
                Some("create_event"),
            ));
        }
        if starts_at != self.starts_at && self.has_started(now) {
            return Err(Denial::state("events.edit.started")
                .because("event.starts_at", self.local(self.starts_at))
                .because("now", self.local(now))
                .remedy("The event has started and can't be moved any more.", None));
        }
        let spots = self.spots.resize(offer.spots_total).ok_or_else(|| {
            Denial::state("events.edit.spots_below_booked")
                .because("event.spots_booked", self.spots.booked())
                .because("asked.spots_total", offer.spots_total)
                .remedy(format!("{} spots are booked: keep at least as many.", self.spots.booked()), None)
        })?;
        let after = Self {
            name: offer.name.clone(),
            staff: offer.staff,
            starts_at,
            ends_at: starts_at + offer.duration(),
            spots,
            room,
            location: offer.location.clone(),
            takes_visitors: offer.takes_visitors,
            ..self.clone()
        };
        if after == *self {
            return Ok(after);
        }
        let reminded_at = self.reminded_at.filter(|_| starts_at == self.starts_at);
        Ok(Self { reminded_at, version: self.version + 1, ..after })
    }

    /// The names of the fields that differ from `before`.
    #[must_use]
    pub fn differences(&self, before: &Self) -> Vec<&'static str> {
        [
            ("name", self.name != before.name),
            ("staff", self.staff != before.staff),
            ("starts_at", self.starts_at != before.starts_at),
            ("ends_at", self.ends_at != before.ends_at),
            ("spots_total", self.spots.total() != before.spots.total()),
            ("room", self.room != before.room),
            ("location", self.location != before.location),
            ("allow_cross_location_booking", self.takes_visitors != before.takes_visitors),
            ("series", self.series != before.series),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}
