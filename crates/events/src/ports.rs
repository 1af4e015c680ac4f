//! What a store must do for this crate. One transaction implements every port.
//!
//! Whatever changes an event, its bookings or its waitlist locks the event first and keeps the lock
//! until the transaction ends; the suffix `_open` marks the functions that lock. Writes may take effect
//! as late as the next read.

use crate::{
    Booking, BookingContext, BookingRules, BookingState, Event, Room, RoomUse, SeriesDate, SeriesPlan,
    Template, Waitlist, WaitlistEntry,
};
use chrono::{DateTime, NaiveDate, Utc};
use tryzore_kernel::{
    BookingId, ClientId, EventId, Money, OrganizationId, RoomId, SeriesId, StoreResult, TemplateId, UserId,
    WaitlistEntryId,
};

/// Bookings, one client and one event at a time.
#[trait_variant::make(Send)]
pub trait Bookings {
    /// Locks `event` until the transaction ends and reads what decides a booking of `user`, who is at
    /// `current` now. `None` when there is no such event or the user is not a client.
    async fn booking_context(
        &mut self,
        event: EventId,
        user: UserId,
        current: Option<OrganizationId>,
    ) -> StoreResult<Option<BookingContext>>;

    /// The same for a client who is at the front desk of the event's location.
    async fn booking_context_of_client(
        &mut self,
        event: EventId,
        client: ClientId,
    ) -> StoreResult<Option<BookingContext>>;

    /// Adds a booking and takes its spot.
    async fn booking_insert(&mut self, booking: &Booking) -> StoreResult<()>;

    /// Removes the client of `booking`, who has a spot now, from the waitlist.
    async fn waitlist_mark_promoted(&mut self, booking: &Booking) -> StoreResult<()>;

    /// Locks the event of `booking` and reads both.
    async fn booking_open(&mut self, booking: BookingId) -> StoreResult<Option<BookingWithEvent>>;

    /// Stores `booking`, whose state was `before`, and frees its spot if the new state holds none.
    async fn booking_update(&mut self, booking: &Booking, before: BookingState) -> StoreResult<()>;
}

/// A booking and its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingWithEvent {
    /// The event, locked.
    pub event: Event,
    /// The booking.
    pub booking: Booking,
    /// Whether the client has attended anything before.
    pub has_attended: bool,
    /// The number of clients who wait for the event.
    pub waiting: u32,
}

/// Waitlists.
#[trait_variant::make(Send)]
pub trait Waitlists {
    /// Locks `event` and reads its waitlist.
    async fn waitlist_open(&mut self, event: EventId) -> StoreResult<Option<Waitlist>>;

    /// Puts `entry` at the end of its waitlist.
    async fn waitlist_entry_insert(&mut self, entry: &WaitlistEntry) -> StoreResult<()>;

    /// Removes an entry from its waitlist.
    async fn waitlist_entry_remove(
        &mut self,
        event: EventId,
        entry: WaitlistEntryId,
        at: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// Stores the code of the reason for which a client was passed over.
    async fn waitlist_entry_pass_over(
        &mut self,
        event: EventId,
        entry: WaitlistEntryId,
        code: &str,
    ) -> StoreResult<()>;

    /// Ends the wait of every client who still waits.
    async fn waitlist_expire(&mut self, event: EventId, at: DateTime<Utc>) -> StoreResult<()>;
}

/// Everyone with a booking or a place on the waitlist of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The event, locked.
    pub event: Event,
    /// The bookings that hold a spot or have a fee.
    pub bookings: Vec<Booking>,
    /// The places on the waitlist, in order.
    pub waiting: Vec<WaitlistEntry>,
}

/// Events with all of their bookings and places on the waitlist.
#[trait_variant::make(Send)]
pub trait Rosters {
    /// Locks `event` and reads its bookings and its waitlist.
    async fn roster_open(&mut self, event: EventId) -> StoreResult<Option<Roster>>;

    /// Sets every booking of `event` that is in one of the states `from` to the state `to` with `fee`,
    /// and frees the spots that these bookings no longer hold.
    async fn bookings_move(
        &mut self,
        event: EventId,
        from: &[BookingState],
        to: BookingState,
        fee: Money,
        at: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Single events on the schedule.
#[trait_variant::make(Send)]
pub trait Schedules {
    /// The booking rules of the location `organization`, unless it is closed.
    async fn booking_rules_find(&mut self, organization: OrganizationId)
    -> StoreResult<Option<BookingRules>>;

    /// Whether `user` works at `organization`, or at an organization above it.
    async fn staff_works_at(&mut self, user: UserId, organization: OrganizationId) -> StoreResult<bool>;

    /// Locks `event` and reads it.
    async fn event_open(&mut self, event: EventId) -> StoreResult<Option<Event>>;

    /// Adds an event.
    async fn event_insert(&mut self, event: &Event, at: DateTime<Utc>) -> StoreResult<()>;

    /// Stores an event that is locked; the count of its booked spots is not touched. `reason` says why
    /// the event is in its state, if a reason was given.
    async fn event_update(
        &mut self,
        event: &Event,
        reason: Option<&str>,
        at: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// Series of events.
#[trait_variant::make(Send)]
pub trait SeriesPlans {
    /// Locks a series and reads it.
    async fn series_open(&mut self, series: SeriesId) -> StoreResult<Option<SeriesPlan>>;

    /// Adds a series.
    async fn series_insert(&mut self, plan: &SeriesPlan, at: DateTime<Utc>) -> StoreResult<()>;

    /// Stores a series that is locked.
    async fn series_update(&mut self, plan: &SeriesPlan, at: DateTime<Utc>) -> StoreResult<()>;

    /// Adds those events of a series whose date the series does not have yet, and returns their ids.
    async fn occurrences_insert(&mut self, events: &[Event], at: DateTime<Utc>) -> StoreResult<Vec<EventId>>;

    /// Locks the events of a series on and after the local date `from` that are neither completed
    /// nor canceled, and reads them in order of their ids.
    async fn occurrences_open(&mut self, series: SeriesId, from: NaiveDate) -> StoreResult<Vec<Event>>;
}

/// Imports from calendars that other programs exported. An imported entry is identified by its key: the
/// UID, followed by the instant by the rule for a single occurrence that came without its series.
#[trait_variant::make(Send)]
pub trait Calendars {
    /// Those of `keys` that `organization` has from an earlier import, and the keys of single
    /// occurrences (`uid;RECURRENCE-ID=…`) of these entries. No other transaction can import there
    /// until this one ends.
    async fn imports_known(
        &mut self,
        organization: OrganizationId,
        keys: Vec<String>,
    ) -> StoreResult<Vec<String>>;

    /// The series that were imported at `organization` under one of `keys`, each with its key, locked.
    async fn imported_series(
        &mut self,
        organization: OrganizationId,
        keys: Vec<String>,
    ) -> StoreResult<Vec<(String, SeriesPlan)>>;

    /// The events on these dates of series, locked.
    async fn imported_dates(&mut self, dates: Vec<SeriesDate>) -> StoreResult<Vec<ImportedDate>>;

    /// Adds a series that was imported under `key`.
    async fn import_series(&mut self, plan: &SeriesPlan, key: &str, at: DateTime<Utc>) -> StoreResult<()>;

    /// Adds events, each with the key under which it was imported if it belongs to no series.
    async fn import_events(
        &mut self,
        events: Vec<(Event, Option<String>)>,
        at: DateTime<Utc>,
    ) -> StoreResult<()>;
}

/// An event of a series, and whether a change of it concerns clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedDate {
    /// The event.
    pub event: Event,
    /// Whether a client has ever booked it, or waits for it.
    pub has_clients: bool,
}

/// Rooms.
#[trait_variant::make(Send)]
pub trait Rooms {
    /// A room, locked for the rest of the transaction: meanwhile nobody else can put an event into it.
    async fn room_open(&mut self, room: RoomId) -> StoreResult<Option<Room>>;

    /// Whether no other room of the location that is in use has the name of `room`.
    async fn room_name_is_free(&mut self, room: &Room) -> StoreResult<bool>;

    /// Adds a room.
    async fn room_insert(&mut self, room: &Room, at: DateTime<Utc>) -> StoreResult<()>;

    /// Stores a room that is locked.
    async fn room_update(&mut self, room: &Room, at: DateTime<Utc>) -> StoreResult<()>;

    /// The first event in a locked room, other than `event`, that overlaps with the given time and is not
    /// canceled.
    async fn room_clash(
        &mut self,
        room: RoomId,
        event: EventId,
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
    ) -> StoreResult<Option<RoomUse>>;

    /// The first event in a locked room that is not over at `now` and not canceled.
    async fn room_next_event(&mut self, room: RoomId, now: DateTime<Utc>) -> StoreResult<Option<RoomUse>>;
}

/// Templates.
#[trait_variant::make(Send)]
pub trait Templates {
    /// A template, locked for the rest of the transaction.
    async fn template_open(&mut self, template: TemplateId) -> StoreResult<Option<Template>>;

    /// Adds a template.
    async fn template_insert(&mut self, template: &Template, at: DateTime<Utc>) -> StoreResult<()>;

    /// Stores a template that is locked.
    async fn template_update(&mut self, template: &Template, at: DateTime<Utc>) -> StoreResult<()>;

    /// Every location of the tenant that is not closed.
    async fn organizations_all(&mut self) -> StoreResult<Vec<OrganizationId>>;
}
