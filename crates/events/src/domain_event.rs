//! What others hear from this crate.
//!
//! Whoever is to be told something personally has an event of her own, so that each follower's
//! step is about one person and a step that is tried again repeats nothing for the others. How
//! many that can be is bounded by the spots and by [`crate::Waitlist::MAX`]. What concerns an event as a
//! whole is told once, with counts.
//!
//! **Invariant:** all events of one class have its id as their aggregate, so they are delivered in
//! the order in which they happened.

use crate::{Booking, BookingState, Event, EventKind, Rank, WaitlistEntry};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{
    BookingId, ClientId, EventId, Money, OrganizationId, Published, SeriesId, TemplateId, UserId,
    WaitlistEntryId,
};
use uuid::Uuid;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DomainEvent {
    /// A client booked a spot.
    Booked(SpotTaken),
    /// A client got a spot from the waitlist: tell her at once.
    Promoted(SpotTaken),
    /// A client gave her spot back, in time or late.
    BookingCanceled(BookingChanged),
    /// A client came.
    Attended(BookingChanged),
    /// A client did not come.
    NoShow(BookingChanged),
    /// A check-in or a no-show was marked by mistake.
    AttendanceUndone(BookingChanged),
    /// A fee is not to be collected, or to be given back; `fee` is how much it was.
    FeeWaived(BookingChanged),
    /// The event of a booking will not take place. What was paid is to be given back.
    CalledOff(BookingChanged),
    /// A booked event starts soon.
    ReminderDue(BookingChanged),
    /// A client joined the waitlist.
    Waiting(WaitlistChanged),
    /// A client left the waitlist.
    WaitlistLeft(WaitlistChanged),
    /// A client waited in vain: the event has started or will not take place.
    WaitExpired(WaitlistChanged),
    /// An event is on the schedule.
    Scheduled(EventChanged),
    /// An event was changed; not its time.
    Edited(EventChanged),
    /// An event was moved to another time. Everyone who holds a spot is to be told.
    Rescheduled(EventChanged),
    /// Staff have confirmed an event.
    Confirmed(EventChanged),
    /// An event takes place.
    Started(EventChanged),
    /// An event was called off. Everyone concerned has an event of her own.
    EventCanceled(EventChanged),
    /// An event is over and attendance is settled.
    Completed(EventCompleted),
    /// A series has events up to a date.
    SeriesExtended(SeriesChanged),
    /// A series was changed from a date on.
    SeriesEdited(SeriesChanged),
    /// A series has no events after a date.
    SeriesEnded(SeriesChanged),
    /// A template was made or changed.
    TemplateSaved(TemplateChanged),
    /// A template is no longer offered.
    TemplateArchived(TemplateChanged),
}

/// A spot that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotTaken {
    /// The booking.
    pub booking: BookingId,
    /// Of what.
    pub event: EventId,
    /// For whom.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// The client's home.
    pub booked_from: OrganizationId,
    /// Where the event takes place.
    pub attended_at: OrganizationId,
    /// Whether it is the client's first visit: staff are told.
    pub is_first_timer: bool,
    /// Whether it was promoted from the waitlist.
    pub from_waitlist: bool,
    /// What billing is to collect.
    pub price: Money,
    /// Who of the staff booked for the client.
    #[serde(default)]
    pub booked_by: Option<UserId>,
}

/// What became of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingChanged {
    /// The booking.
    pub booking: BookingId,
    /// Of what.
    pub event: EventId,
    /// What kind of event.
    pub kind: EventKind,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// For whom.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// The client's home.
    pub booked_from: OrganizationId,
    /// Where the event takes place: a fee is that location's.
    pub attended_at: OrganizationId,
    /// Whether the client is at home elsewhere.
    pub is_visit: bool,
    /// Its state now.
    pub state: BookingState,
    /// Whether the client had never attended anything before.
    pub is_first_timer: bool,
    /// What the visit costs.
    pub price: Money,
    /// What billing is to collect for giving back late or not coming; of a waived fee, how much
    /// it was.
    pub fee: Money,
    /// Why, when someone gave a reason.
    pub reason: Option<String>,
    /// Who of the staff booked for the client.
    #[serde(default)]
    pub booked_by: Option<UserId>,
    /// Who of the staff canceled for the client.
    #[serde(default)]
    pub canceled_by: Option<UserId>,
}

/// What became of a place on the waitlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitlistChanged {
    /// The place on the waitlist.
    pub entry: WaitlistEntryId,
    /// For what.
    pub event: EventId,
    /// Where it takes place.
    pub organization: OrganizationId,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// Who waits.
    pub client: ClientId,
    /// The human behind the client.
    pub user: UserId,
    /// The rank when joining.
    pub rank: Option<Rank>,
    /// Why, when the event was called off.
    pub reason: Option<String>,
    /// Who of the staff put the client on the waitlist.
    #[serde(default)]
    pub added_by: Option<UserId>,
}

/// An event that was put on the schedule or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventChanged {
    /// The event.
    pub event: EventId,
    /// Where.
    pub organization: OrganizationId,
    /// What kind.
    pub kind: EventKind,
    /// Its series, if it is of one.
    pub series: Option<SeriesId>,
    /// Who leads it.
    pub staff: Option<UserId>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When it was to start, if it was moved.
    pub started_at: Option<DateTime<Utc>>,
    /// Which fields changed.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Why it was called off.
    pub reason: Option<String>,
    /// How many held a spot.
    pub booked: u32,
}

/// An event that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCompleted {
    /// The event.
    pub event: EventId,
    /// Where it took place.
    pub organization: OrganizationId,
    /// What kind.
    pub kind: EventKind,
    /// What it was made from.
    pub template: Option<TemplateId>,
    /// Who led it.
    pub staff: Option<UserId>,
    /// When it started.
    pub starts_at: DateTime<Utc>,
    /// When it ended by the schedule.
    pub ends_at: DateTime<Utc>,
    /// How many came.
    pub attended: u32,
    /// How many of them for the first time.
    pub first_timers: u32,
    /// How many did not come.
    pub no_shows: u32,
    /// How many waited in vain.
    pub expired: u32,
}

/// A series that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesChanged {
    /// The series.
    pub series: SeriesId,
    /// Where its events take place.
    pub organization: OrganizationId,
    /// The local date up to which, or from which.
    pub on: chrono::NaiveDate,
    /// How many events were added, changed or called off.
    pub events: u32,
}

/// A template that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateChanged {
    /// The template.
    pub template: TemplateId,
    /// Whose it is; none for every location's.
    pub organization: Option<OrganizationId>,
}

impl DomainEvent {
    /// `booking` was made, from the waitlist or not.
    #[must_use]
    pub fn booked(booking: &Booking) -> Published {
        let taken = SpotTaken {
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
        };
        let event = if booking.from_waitlist { Self::Promoted(taken) } else { Self::Booked(taken) };
        event.published(booking.event, Some(booking.attended_at), booking.created_at).about(booking.user)
    }

    /// Something became of `booking`; `what` says what.
    pub(crate) fn of_booking(
        what: fn(BookingChanged) -> Self,
        booking: &Booking,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Published {
        Self::of_fee(what, booking, event, booking.fee, booking.excuse.clone(), now)
    }

    /// The same about `fee`, because of `reason`.
    pub(crate) fn of_fee(
        what: fn(BookingChanged) -> Self,
        booking: &Booking,
        event: &Event,
        fee: Money,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Published {
        what(BookingChanged {
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
            fee,
            reason,
            booked_by: booking.booked_by,
            canceled_by: booking.canceled_by,
        })
        .published(event.id, Some(event.organization), now)
        .about(booking.user)
    }

    /// Something became of a place on the waitlist.
    pub(crate) fn of_waitlist(
        what: fn(WaitlistChanged) -> Self,
        entry: &WaitlistEntry,
        event: &Event,
        rank: Option<Rank>,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> Published {
        what(WaitlistChanged {
            entry: entry.id,
            event: event.id,
            organization: event.organization,
            starts_at: event.starts_at,
            client: entry.client,
            user: entry.user,
            rank,
            reason: reason.map(str::to_owned),
            added_by: entry.added_by,
        })
        .published(event.id, Some(event.organization), now)
        .about(entry.user)
    }

    /// Something became of `event` as a whole; `fill` adds what only some events say.
    pub(crate) fn of_event(
        what: fn(EventChanged) -> Self,
        event: &Event,
        now: DateTime<Utc>,
        fill: impl FnOnce(&mut EventChanged),
    ) -> Published {
        let mut changed = EventChanged {
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
        };
        fill(&mut changed);
        what(changed).published(event.id, Some(event.organization), now)
    }

    /// Domain and past tense.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Booked(_) => "events.booked",
            Self::Promoted(_) => "events.promoted",
            Self::BookingCanceled(_) => "events.booking_canceled",
            Self::Attended(_) => "events.attended",
            Self::NoShow(_) => "events.no_show",
            Self::AttendanceUndone(_) => "events.attendance_undone",
            Self::FeeWaived(_) => "events.fee_waived",
            Self::CalledOff(_) => "events.called_off",
            Self::ReminderDue(_) => "events.reminder_due",
            Self::Waiting(_) => "events.waiting",
            Self::WaitlistLeft(_) => "events.waitlist_left",
            Self::WaitExpired(_) => "events.wait_expired",
            Self::Scheduled(_) => "events.scheduled",
            Self::Edited(_) => "events.edited",
            Self::Rescheduled(_) => "events.rescheduled",
            Self::Confirmed(_) => "events.confirmed",
            Self::Started(_) => "events.started",
            Self::EventCanceled(_) => "events.event_canceled",
            Self::Completed(_) => "events.completed",
            Self::SeriesExtended(_) => "events.series_extended",
            Self::SeriesEdited(_) => "events.series_edited",
            Self::SeriesEnded(_) => "events.series_ended",
            Self::TemplateSaved(_) => "events.template_saved",
            Self::TemplateArchived(_) => "events.template_archived",
        }
    }

    pub(crate) fn published(
        &self,
        aggregate: impl Into<Uuid>,
        at: Option<OrganizationId>,
        now: DateTime<Utc>,
    ) -> Published {
        Published::new(self.kind(), aggregate, at, now, self)
    }
}
