//! Events: classes, tours and appointments.
//!
//! One model serves all of them (EVT-01): the kinds differ in how long ahead reminders go out and in
//! whether not coming costs a fee. The transitions between states are in [`crate::lifecycle`].

use crate::{BookingRules, Spots};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tryzore_kernel::{Denial, EventId, Money, OrganizationId, RoomId, SeriesId, TemplateId, UserId};

/// The kind of an event; booking works the same for all kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A class: many clients, one leader.
    Class,
    /// A tour for someone who may become a client.
    Tour,
    /// An appointment: one client, one staff member.
    Appointment,
}

impl EventKind {
    /// How long before the start clients are reminded: two hours (EVT-09), one day for a tour (EVT-13).
    #[must_use]
    pub const fn reminder_lead(self) -> Duration {
        match self {
            Self::Class | Self::Appointment => Duration::hours(2),
            Self::Tour => Duration::days(1),
        }
    }
}

/// The state of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// The event is on the schedule.
    Scheduled,
    /// The event is on the schedule, and staff have confirmed it.
    Confirmed,
    /// The event takes place now.
    InProgress,
    /// The event is over, and attendance is settled.
    Completed,
    /// The event was called off for everyone.
    #[serde(alias = "cancelled")]
    Canceled,
}

impl EventState {
    /// Whether no other state can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

/// The series of an event and the event's date in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SeriesDate {
    /// The series.
    pub series: SeriesId,
    /// The local date that identifies the occurrence in the series.
    pub on: NaiveDate,
}

/// A class, a tour or an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The id of the event.
    pub id: EventId,
    /// The location where the event takes place.
    pub organization: OrganizationId,
    /// The kind of the event.
    pub kind: EventKind,
    /// The template from which the event was made; none without a template.
    pub template: Option<TemplateId>,
    /// The series and date of the event, if it belongs to a series.
    pub series: Option<SeriesDate>,
    /// The name of the event.
    pub name: String,
    /// The staff member who leads the event.
    pub staff: Option<UserId>,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The end of the event.
    pub ends_at: DateTime<Utc>,
    /// The spots of the event.
    pub spots: Spots,
    /// The room in which the event takes place, if the location has given it one.
    pub room: Option<RoomId>,
    /// The room or the meeting point, in words.
    pub location: String,
    /// The state of the event.
    pub state: EventState,
    /// Whether clients of other locations may book.
    pub takes_visitors: bool,
    /// When the reminders of the event went out.
    pub reminded_at: Option<DateTime<Utc>>,
    /// The version, which rises with each change of the event itself; bookings don't change it.
    pub version: i32,
    /// The booking rules of the location.
    pub rules: BookingRules,
}

impl Event {
    /// A new event on the schedule that takes place during `time`, with `total` free spots: without a
    /// template, a series, a leader and a room.
    pub fn new(
        organization: OrganizationId,
        kind: EventKind,
        name: impl Into<String>,
        time: Range<DateTime<Utc>>,
        total: u32,
        rules: BookingRules,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: EventId::generate(now),
            organization,
            kind,
            template: None,
            series: None,
            name: name.into(),
            staff: None,
            starts_at: time.start,
            ends_at: time.end,
            spots: Spots::empty(total),
            location: String::new(),
            state: EventState::Scheduled,
            takes_visitors: true,
            room: None,
            reminded_at: None,
            version: 1,
            rules,
        }
    }

    /// Checks that bookings are taken at `now`: spots are given, and the location takes bookings at
    /// this time of day.
    ///
    /// # Errors
    /// `events.book.location_closed`, `events.book.not_open`, `events.book.started`,
    /// `events.book.outside_hours`.
    pub fn take_bookings(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        self.context_open(now)?;
        let local = now.with_timezone(&self.rules.zone).time();
        match self.rules.reservation_hours {
            Some(hours) if !hours.include(local) => Err(Denial::state("events.book.outside_hours")
                .because("location.reservation_open_time", hours.open)
                .because("location.reservation_close_time", hours.close)
                .because("now", self.local(now))
                .remedy(format!("Bookings open at {}.", hours.open.format("%H:%M")), None)),
            _ => Ok(()),
        }
    }

    /// Checks that the location is open.
    ///
    /// # Errors
    /// `events.book.location_closed`.
    pub fn be_hosted(&self) -> Result<(), Denial> {
        if self.rules.is_open {
            return Ok(());
        }
        Err(Denial::state("events.book.location_closed")
            .because("event.organization", self.organization)
            .because("organization.status", "closed")
            .remedy("This location has closed: choose an event at another one.", Some("list_schedule")))
    }

    /// Checks that spots can be given at `now`, at whatever time of day: the location is open, the
    /// event is on the schedule and has not started.
    ///
    /// # Errors
    /// `events.book.location_closed`, `events.book.not_open`, `events.book.started`.
    pub fn context_open(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        self.be_hosted()?;
        if !matches!(self.state, EventState::Scheduled | EventState::Confirmed) {
            return Err(Denial::state("events.book.not_open")
                .because("event.status", self.state)
                .remedy("Choose another event.", Some("list_schedule")));
        }
        if self.has_started(now) {
            return Err(Denial::state("events.book.started")
                .because("event.starts_at", self.local(self.starts_at))
                .because("now", self.local(now))
                .remedy("Choose an event that has not started.", Some("list_schedule")));
        }
        Ok(())
    }

    /// Whether the event has started at `now`, the moment of the start included.
    #[must_use]
    pub fn has_started(&self, now: DateTime<Utc>) -> bool {
        now >= self.starts_at
    }

    /// The last moment, included, at which a cancellation is free (EVT-08).
    #[must_use]
    pub fn free_cancellation_until(&self) -> DateTime<Utc> {
        self.starts_at - self.rules.cancellation_window
    }

    /// The first moment, included, at which a client can be checked in (EVT-11).
    #[must_use]
    pub fn checkin_opens_at(&self) -> DateTime<Utc> {
        self.starts_at - self.rules.checkin_window
    }

    /// The moment from which reminders are due (EVT-09).
    #[must_use]
    pub fn reminder_due_at(&self) -> DateTime<Utc> {
        self.starts_at - self.kind.reminder_lead()
    }

    /// The fee for canceling a booking too late. A tour costs nothing.
    #[must_use]
    pub const fn late_cancel_fee(&self) -> Money {
        match self.kind {
            EventKind::Tour => self.rules.nothing(),
            EventKind::Class | EventKind::Appointment => self.rules.late_cancel_fee,
        }
    }

    /// The fee for not coming (EVT-12). A tour costs nothing.
    #[must_use]
    pub const fn noshow_fee(&self) -> Money {
        match self.kind {
            EventKind::Tour => self.rules.nothing(),
            EventKind::Class | EventKind::Appointment => self.rules.noshow_fee,
        }
    }

    /// `at` in the local time of the location, for facts that people read.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.rules.zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
    }
}
