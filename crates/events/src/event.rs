//! What takes place: a class, a tour or an appointment.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, EventId, Money, OrganizationId, UserId};

/// What kind of event it is; booking works the same for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Many clients, one leader.
    Class,
    /// Someone who may become a client looks around.
    Tour,
    /// One client, one member of staff.
    Appointment,
}

/// Where an event is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    Canceled,
}

/// Spots of an event.
///
/// `booked <= total` holds at all times: [`Spots::new`] refuses anything else, and the database
/// checks it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spots {
    total: u32,
    booked: u32,
}

impl Spots {
    /// `booked` out of `total`, if that many fit.
    #[must_use]
    pub fn try_new(total: u32, booked: u32) -> Option<Self> {
        (booked <= total).then_some(Self { total, booked })
    }

    /// How many there are.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.total
    }

    /// How many are taken.
    #[must_use]
    pub const fn booked(self) -> u32 {
        self.booked
    }

    /// How many are left.
    #[must_use]
    pub const fn free(self) -> u32 {
        self.total - self.booked
    }
}

/// The rules of the house where an event takes place (TEN-07).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// Its time zone.
    pub zone: Tz,
    /// Up to how long before the start a cancellation is free (EVT-08).
    pub cancellation_window: Duration,
    /// How long before the start check-in opens (EVT-11).
    pub checkin_window: Duration,
    /// What a late cancellation costs.
    pub late_cancel_fee: Money,
    /// What not coming costs (EVT-12).
    pub noshow_fee: Money,
    /// What a single visit costs someone whose membership does not count here.
    pub drop_in_price: Money,
    /// Between which local times bookings are taken; always, when not said.
    pub reservation_hours: Option<ReservationHours>,
    /// Whether clients of other locations may book at all.
    pub takes_visitors: bool,
    /// Whether a membership of another location of the tenant counts here.
    pub honors_memberships: bool,
}

/// Local times between which bookings are taken. A span that ends before it starts goes over
/// midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReservationHours {
    /// First moment, included.
    pub open: NaiveTime,
    /// Last moment, excluded.
    pub close: NaiveTime,
}

impl ReservationHours {
    fn include(self, time: NaiveTime) -> bool {
        if self.open <= self.close {
            (self.open..self.close).contains(&time)
        } else {
            time >= self.open || time < self.close
        }
    }
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
    /// Where it is on its way.
    pub state: EventState,
    /// Whether it takes clients of other locations.
    pub takes_visitors: bool,
    /// The rules of the house.
    pub house: House,
}

impl Event {
    /// Whether bookings are taken at `now`, whoever asks.
    ///
    /// # Errors
    /// `events.book.not_open`, `events.book.started`, `events.book.outside_hours`.
    pub fn take_bookings(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        if !matches!(self.state, EventState::Scheduled | EventState::Confirmed) {
            return Err(Denial::state("events.book.not_open")
                .because("event.status", self.state)
                .remedy("Choose another event.", Some("events.list")));
        }
        if now >= self.starts_at {
            return Err(Denial::state("events.book.started")
                .because("event.starts_at", self.local(self.starts_at))
                .because("now", self.local(now))
                .remedy("Choose an event that has not started.", Some("events.list")));
        }
        let local = now.with_timezone(&self.house.zone).time();
        match self.house.reservation_hours {
            Some(hours) if !hours.include(local) => Err(Denial::state("events.book.outside_hours")
                .because("house.reservation_open_time", hours.open)
                .because("house.reservation_close_time", hours.close)
                .because("now", self.local(now))
                .remedy(format!("Bookings open at {}.", hours.open.format("%H:%M")), None)),
            _ => Ok(()),
        }
    }

    /// Until when a cancellation is free (EVT-08): at that very moment it still is.
    #[must_use]
    pub fn free_cancellation_until(&self) -> DateTime<Utc> {
        self.starts_at - self.house.cancellation_window
    }

    /// From when a client can be checked in (EVT-11).
    #[must_use]
    pub fn checkin_opens_at(&self) -> DateTime<Utc> {
        self.starts_at - self.house.checkin_window
    }

    /// `at` as the clock of the house shows it, for facts that people read.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.house.zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
    }
}
