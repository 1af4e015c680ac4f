//! The domain events that this crate publishes.
//!
//! A client who is to be notified gets a domain event of their own, so that each follower's step is
//! about one person, and a retried step repeats nothing for the others. The number of these domain
//! events is bounded by the spots and by [`crate::Waitlist::MAX`]. A change of an event as a whole is
//! published once, with counts.
//!
//! **Invariant:** all domain events about one class have its id as their aggregate, so they are
//! delivered in the order in which they happened.

use crate::{Booking, BookingState, Event, EventKind, Rank, WaitlistEntry};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{
    BookingId, ClientId, EventId, Money, OrganizationId, RoomId, SeriesId, TemplateId, UserId,
    WaitlistEntryId,
};
use tryzore_rbac::{
    domain_event::{About, Payload},
    domain_events,
};

domain_events! {
    VIEW_ALL_EVENTS {
        /// A client booked a spot.
        Booked(SpotTaken) = "events.booked";
        /// A client got a spot from the waitlist and is to be notified at once.
        Promoted(SpotTaken) = "events.promoted";
        /// A client canceled a booking, in time or late.
        BookingCanceled(BookingChanged) = "events.booking_canceled";
        /// A client came.
        Attended(BookingChanged) = "events.attended";
        /// A client did not come.
        NoShow(BookingChanged) = "events.no_show";
        /// A check-in or a no-show was marked by mistake.
        AttendanceUndone(BookingChanged) = "events.attendance_undone";
        /// A fee is not to be collected, or to be refunded; `fee` is its amount.
        FeeWaived(BookingChanged) = "events.fee_waived";
        /// A fee that was waived is to be collected after all.
        FeeRestored(BookingChanged) = "events.fee_restored";
        /// The event of a booking will not take place. Payments are to be refunded.
        CalledOff(BookingChanged) = "events.called_off";
        /// A booked event starts soon.
        ReminderDue(BookingChanged) = "events.reminder_due";
        /// A client joined the waitlist.
        Waiting(WaitlistChanged) = "events.waiting";
        /// A client left the waitlist.
        WaitlistLeft(WaitlistChanged) = "events.waitlist_left";
        /// The wait of a client ended without a spot: the event has started or will not take place.
        WaitExpired(WaitlistChanged) = "events.wait_expired";
        /// An event was put on the schedule.
        Scheduled(EventChanged) = "events.scheduled";
        /// An event was changed, but not its time.
        Edited(EventChanged) = "events.edited";
        /// An event was moved to another time. Everyone who holds a spot is to be notified.
        Rescheduled(EventChanged) = "events.rescheduled";
        /// Staff have confirmed an event.
        Confirmed(EventChanged) = "events.confirmed";
        /// An event was started.
        Started(EventChanged) = "events.started";
        /// An event was called off. Each concerned client has a domain event of their own.
        EventCanceled(EventChanged) = "events.event_canceled";
        /// An event is over and attendance is settled.
        Completed(EventCompleted) = "events.completed";
        /// Events of a series were created up to a date.
        SeriesExtended(SeriesChanged) = "events.series_extended";
        /// A series was changed from a date on.
        SeriesEdited(SeriesChanged) = "events.series_edited";
        /// A series was ended at a date.
        SeriesEnded(SeriesChanged) = "events.series_ended";
        /// A template was created or changed.
        TemplateSaved(TemplateChanged) = "events.template_saved";
        /// A template was archived.
        TemplateArchived(TemplateChanged) = "events.template_archived";
        /// A room was created or changed.
        RoomSaved(RoomChanged) = "events.room_saved";
        /// A room was archived.
        RoomArchived(RoomChanged) = "events.room_archived";
    }
}

/// A booking that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotTaken {
    /// The booking.
    pub booking: BookingId,
    /// The event that was booked.
    pub event: EventId,
    /// The client who holds the booking.
    pub client: ClientId,
    /// The user account of the client.
    pub user: UserId,
    /// The home location of the client.
    pub booked_from: OrganizationId,
    /// The location where the event takes place.
    pub attended_at: OrganizationId,
    /// Whether this is the client's first visit, so that staff can greet the client.
    pub is_first_timer: bool,
    /// Whether the booking was promoted from the waitlist.
    pub from_waitlist: bool,
    /// The price that billing is to collect.
    pub price: Money,
    /// The staff member who booked for the client.
    #[serde(default)]
    pub booked_by: Option<UserId>,
}

/// A change of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingChanged {
    /// The booking.
    pub booking: BookingId,
    /// The event that was booked.
    pub event: EventId,
    /// The kind of the event.
    pub kind: EventKind,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The client who holds the booking.
    pub client: ClientId,
    /// The user account of the client.
    pub user: UserId,
    /// The home location of the client.
    pub booked_from: OrganizationId,
    /// The location where the event takes place and to which a fee is owed.
    pub attended_at: OrganizationId,
    /// Whether the event takes place away from the client's home location.
    pub is_visit: bool,
    /// The new state of the booking.
    pub state: BookingState,
    /// Whether the client had attended nothing before.
    pub is_first_timer: bool,
    /// The price of the visit.
    pub price: Money,
    /// The fee that billing is to collect for canceling late or not coming; in [`FeeWaived`], the amount
    /// that was waived.
    pub fee: Money,
    /// The reason, if one was given.
    pub reason: Option<String>,
    /// The staff member who booked for the client.
    #[serde(default)]
    pub booked_by: Option<UserId>,
    /// The staff member who canceled for the client.
    #[serde(default)]
    pub canceled_by: Option<UserId>,
}

/// A change of a place on the waitlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistChanged {
    /// The place on the waitlist.
    pub entry: WaitlistEntryId,
    /// The event for which the client waits.
    pub event: EventId,
    /// The location where the event takes place.
    pub organization: OrganizationId,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The client who waits.
    pub client: ClientId,
    /// The user account of the client.
    pub user: UserId,
    /// The rank of the client when they joined.
    pub rank: Option<Rank>,
    /// The reason for which the event was called off.
    pub reason: Option<String>,
    /// The staff member who put the client on the waitlist.
    #[serde(default)]
    pub added_by: Option<UserId>,
}

/// An event that was put on the schedule or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventChanged {
    /// The event.
    pub event: EventId,
    /// The location where the event takes place.
    pub organization: OrganizationId,
    /// The kind of the event.
    pub kind: EventKind,
    /// The series of the event, if it belongs to one.
    pub series: Option<SeriesId>,
    /// The staff member who leads the event.
    pub staff: Option<UserId>,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The end of the event.
    pub ends_at: DateTime<Utc>,
    /// The earlier start of the event, if it was moved.
    pub started_at: Option<DateTime<Utc>>,
    /// The names of the changed fields.
    #[serde(default)]
    pub changed: Vec<String>,
    /// The reason for which the event was called off.
    pub reason: Option<String>,
    /// The number of clients who held a spot.
    pub booked: u32,
}

/// An event that was completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCompleted {
    /// The event.
    pub event: EventId,
    /// The location where the event took place.
    pub organization: OrganizationId,
    /// The kind of the event.
    pub kind: EventKind,
    /// The template from which the event was made; none without a template.
    pub template: Option<TemplateId>,
    /// The staff member who led the event.
    pub staff: Option<UserId>,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The scheduled end of the event.
    pub ends_at: DateTime<Utc>,
    /// The number of clients who came.
    pub attended: u32,
    /// The number of clients who came for the first time.
    pub first_timers: u32,
    /// The number of clients who did not come.
    pub no_shows: u32,
    /// The number of clients who were on the waitlist until the end.
    pub expired: u32,
}

/// A series that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesChanged {
    /// The series.
    pub series: SeriesId,
    /// The location where the events take place.
    pub organization: OrganizationId,
    /// The local date up to which, or from which, the change applies.
    pub on: chrono::NaiveDate,
    /// The number of events that were added, changed or called off.
    pub events: u32,
}

/// A template that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateChanged {
    /// The template.
    pub template: TemplateId,
    /// The location that owns the template; none for a template of every location.
    pub organization: Option<OrganizationId>,
}

/// A room that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChanged {
    /// The room.
    pub room: RoomId,
    /// The location that has the room.
    pub organization: OrganizationId,
}

impl Payload for RoomChanged {
    fn about(&self) -> About {
        About::object(self.room).at(self.organization)
    }
}

impl SpotTaken {
    /// The new `booking`.
    #[must_use]
    pub const fn of(booking: &Booking) -> Self {
        Self {
            booking: booking.id,
            event: booking.event,
            client: booking.client,
            user: booking.user,
            booked_from: booking.booked_from,
            attended_at: booking.attended_at,
            is_first_timer: booking.is_first_timer,
            from_waitlist: booking.from_waitlist,
            price: booking.price,
            booked_by: booking.booked_by,
        }
    }
}

impl BookingChanged {
    /// The `booking` of `event` as it is now, with its own fee and excuse.
    pub(crate) fn of(booking: &Booking, event: &Event) -> Self {
        Self {
            booking: booking.id,
            event: event.id,
            kind: event.kind,
            starts_at: event.starts_at,
            client: booking.client,
            user: booking.user,
            booked_from: booking.booked_from,
            attended_at: booking.attended_at,
            is_visit: booking.is_visit(),
            state: booking.state,
            is_first_timer: booking.is_first_timer,
            price: booking.price,
            fee: booking.fee,
            reason: booking.excuse.clone(),
            booked_by: booking.booked_by,
            canceled_by: booking.canceled_by,
        }
    }
}

impl WaitlistChanged {
    /// The place of `entry` on the waitlist for `event`, without a rank and a reason.
    pub(crate) const fn of(entry: &WaitlistEntry, event: &Event) -> Self {
        Self {
            entry: entry.id,
            event: event.id,
            organization: event.organization,
            starts_at: event.starts_at,
            client: entry.client,
            user: entry.user,
            rank: None,
            reason: None,
            added_by: entry.added_by,
        }
    }
}

impl EventChanged {
    /// The `event` as it is now, without what only some kinds say.
    pub(crate) fn of(event: &Event) -> Self {
        Self {
            event: event.id,
            organization: event.organization,
            kind: event.kind,
            series: event.series.map(|date| date.series),
            staff: event.staff,
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            started_at: None,
            changed: Vec::new(),
            reason: None,
            booked: event.spots.booked(),
        }
    }
}

impl Payload for SpotTaken {
    fn about(&self) -> About {
        About::object(self.event).at(self.attended_at).person(self.user)
    }
}

impl Payload for BookingChanged {
    fn about(&self) -> About {
        About::object(self.event).at(self.attended_at).person(self.user)
    }
}

impl Payload for WaitlistChanged {
    fn about(&self) -> About {
        About::object(self.event).at(self.organization).person(self.user)
    }
}

impl Payload for EventChanged {
    fn about(&self) -> About {
        About::object(self.event).at(self.organization)
    }
}

impl Payload for EventCompleted {
    fn about(&self) -> About {
        About::object(self.event).at(self.organization)
    }
}

impl Payload for SeriesChanged {
    fn about(&self) -> About {
        About::object(self.series).at(self.organization)
    }
}

impl Payload for TemplateChanged {
    fn about(&self) -> About {
        About::object(self.template).at(self.organization)
    }
}
