//! The spots of an event.

use serde::Serialize;

/// The total and the booked spots of an event.
///
/// `booked <= total` is always true: [`Spots::try_new`] refuses anything else, and the database checks
/// it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spots {
    total: u32,
    booked: u32,
}

impl Spots {
    /// The highest total of one event.
    pub const MAX: u32 = 10_000;

    /// `booked` spots out of `total`, if `booked` is not more than `total`.
    #[must_use]
    pub fn try_new(total: u32, booked: u32) -> Option<Self> {
        (booked <= total).then_some(Self { total, booked })
    }

    /// `total` spots, none of them booked.
    #[must_use]
    pub const fn empty(total: u32) -> Self {
        Self { total, booked: 0 }
    }

    /// The total number of spots.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.total
    }

    /// The number of booked spots.
    #[must_use]
    pub const fn booked(self) -> u32 {
        self.booked
    }

    /// The number of free spots.
    #[must_use]
    pub const fn free(self) -> u32 {
        self.total - self.booked
    }

    /// The same number of booked spots out of another total, if they fit.
    #[must_use]
    pub fn resize(self, total: u32) -> Option<Self> {
        Self::try_new(total, self.booked)
    }
}
