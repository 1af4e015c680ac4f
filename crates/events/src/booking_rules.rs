//! The booking rules of the location where an event takes place (TEN-07).

use chrono::{Duration, NaiveTime};
use chrono_tz::Tz;
use tryzore_kernel::{Currency, Money};

/// The booking rules of the location where an event takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRules {
    /// Whether the location is open: a location that has closed gives no spots (TEN-03).
    pub is_open: bool,
    /// The time zone of the location.
    pub zone: Tz,
    /// Up to how long before the start a cancellation is free (EVT-08).
    pub cancellation_window: Duration,
    /// How long before the start check-in opens (EVT-11).
    pub checkin_window: Duration,
    /// The fee for a late cancellation.
    pub late_cancel_fee: Money,
    /// The fee for not coming (EVT-12).
    pub noshow_fee: Money,
    /// The price of a single visit for clients whose membership does not count at this location.
    pub drop_in_price: Money,
    /// The local times between which bookings are taken; none means at any time.
    pub reservation_hours: Option<ReservationHours>,
    /// Whether clients of other locations may book at all.
    pub takes_visitors: bool,
    /// Whether a membership of another location of the tenant counts here.
    pub honors_memberships: bool,
}

impl BookingRules {
    /// The rules of a location that nobody has changed yet: it is in `zone`, and takes `currency`.
    #[must_use]
    pub const fn initial(zone: Tz, currency: Currency) -> Self {
        Self {
            is_open: true,
            zone,
            cancellation_window: Duration::hours(2),
            checkin_window: Duration::minutes(30),
            late_cancel_fee: Money::new(1_500, currency),
            noshow_fee: Money::new(2_500, currency),
            drop_in_price: Money::new(2_000, currency),
            reservation_hours: None,
            takes_visitors: true,
            honors_memberships: true,
        }
    }

    /// An amount of zero in the currency of the location.
    #[must_use]
    pub const fn nothing(&self) -> Money {
        Money::new(0, self.drop_in_price.currency)
    }
}

/// Local times between which bookings are taken. A span that ends before it starts goes past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReservationHours {
    /// The first moment, included.
    pub open: NaiveTime,
    /// The last moment, excluded.
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
