//! What takes place: a class, a tour or an appointment.
//!
//! One model for all of them (EVT-01): they differ in how long ahead people are reminded and in
//! whether not coming costs anything. How an event moves from state to state is in
//! [`crate::lifecycle`].

use crate::{BookingRules, Spots};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, EventId, Money, OrganizationId, SeriesId, TemplateId, UserId};

/// What kind of event it is; booking works the same for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Many clients, one leader.
    Class,
    /// Someone who may become a client looks around.
    Tour,
    /// One client, one member of staff.
    Appointment,
}

impl EventKind {
    /// How long before the start those who booked are reminded: two hours (EVT-09), of a tour a
    /// day (EVT-13).
    #[must_use]
    pub const fn reminder_lead(self) -> Duration {
        match self {
            Self::Class | Self::Appointment => Duration::hours(2),
            Self::Tour => Duration::days(1),
        }
    }
}

/// Where an event is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// On the schedule.
    Scheduled,
    /// On the schedule, and staff have confirmed it.
    Confirmed,
    /// Taking place.
    InProgress,
    /// Over, and attendance is settled.
    Completed,
    /// Called off for everyone.
    #[serde(alias = "cancelled")]
    Canceled,
}

impl EventState {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

/// Which occurrence of which series an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SeriesDate {
    /// The series.
    pub series: SeriesId,
    /// The local date that names the occurrence in it.
    pub on: NaiveDate,
}

/// What takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Where.
    pub organization: OrganizationId,
    /// What kind.
    pub kind: EventKind,
    /// What it was made from.
    pub template: Option<TemplateId>,
    /// Which occurrence of a series it is, if one.
    pub series: Option<SeriesDate>,
    /// What it is called.
    pub name: String,
    /// Who leads it.
    pub staff: Option<UserId>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Its spots.
    pub spots: Spots,
    /// In which room, or where to meet.
    pub location: String,
    /// Where it is on its way.
    pub state: EventState,
    /// Whether it takes clients of other locations.
    pub takes_visitors: bool,
    /// When those who booked were reminded of it.
    pub reminded_at: Option<DateTime<Utc>>,
    /// Rises with each change of the event itself; bookings leave it as it is.
    pub version: i32,
    /// The booking rules of the location.
    pub rules: BookingRules,
}

impl Event {
    /// Whether bookings are asked for at `now` at all: it is open, and the location takes bookings at
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

    /// Whether the location is open.
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
            .remedy("This location has closed: choose an event at another one.", Some("events.list")))
    }

    /// Whether spots can be given at `now`, at whatever time of day: its location is open, it is on
    /// the schedule and has not started.
    ///
    /// # Errors
    /// `events.book.location_closed`, `events.book.not_open`, `events.book.started`.
    pub fn context_open(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        self.be_hosted()?;
        if !matches!(self.state, EventState::Scheduled | EventState::Confirmed) {
            return Err(Denial::state("events.book.not_open")
                .because("event.status", self.state)
                .remedy("Choose another event.", Some("events.list")));
        }
        if self.has_started(now) {
            return Err(Denial::state("events.book.started")
                .because("event.starts_at", self.local(self.starts_at))
                .because("now", self.local(now))
                .remedy("Choose an event that has not started.", Some("events.list")));
        }
        Ok(())
    }

    /// Whether it starts at `now` or has started.
    #[must_use]
    pub fn has_started(&self, now: DateTime<Utc>) -> bool {
        now >= self.starts_at
    }

    /// Until when a cancellation is free (EVT-08): at that very moment it still is.
    #[must_use]
    pub fn free_cancellation_until(&self) -> DateTime<Utc> {
        self.starts_at - self.rules.cancellation_window
    }

    /// From when a client can be checked in (EVT-11): at that very moment it is possible.
    #[must_use]
    pub fn checkin_opens_at(&self) -> DateTime<Utc> {
        self.starts_at - self.rules.checkin_window
    }

    /// From when those who booked are to be reminded (EVT-09).
    #[must_use]
    pub fn reminder_due_at(&self) -> DateTime<Utc> {
        self.starts_at - self.kind.reminder_lead()
    }

    /// What giving a spot back too late costs. A tour never costs anything.
    #[must_use]
    pub const fn late_cancel_fee(&self) -> Money {
        match self.kind {
            EventKind::Tour => self.rules.nothing(),
            EventKind::Class | EventKind::Appointment => self.rules.late_cancel_fee,
        }
    }

    /// What not coming costs (EVT-12). A tour never costs anything.
    #[must_use]
    pub const fn noshow_fee(&self) -> Money {
        match self.kind {
            EventKind::Tour => self.rules.nothing(),
            EventKind::Class | EventKind::Appointment => self.rules.noshow_fee,
        }
    }

    /// `at` as the clock of the location shows it, for facts that people read.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.rules.zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
    }
}
