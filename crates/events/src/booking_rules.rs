//! The booking rules of the location where an event takes place (TEN-07).

use chrono::{Duration, NaiveTime};
use chrono_tz::Tz;
use tryzore_kernel::Money;

/// The booking rules of the location where an event takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRules {
    /// Whether it is open at all: at a location that has closed nothing is given to anyone any more
    /// (TEN-03).
    pub is_open: bool,
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

impl BookingRules {
    /// No money, in the currency of the location.
    #[must_use]
    pub const fn nothing(&self) -> Money {
        Money::new(0, self.drop_in_price.currency)
    }
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
    pub(crate) fn include(self, time: NaiveTime) -> bool {
        if self.open <= self.close {
            (self.open..self.close).contains(&time)
        } else {
            time >= self.open || time < self.close
        }
    }
}
