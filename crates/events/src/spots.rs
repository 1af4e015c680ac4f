//! How many can come.

use serde::Serialize;

/// Spots of an event.
///
/// `booked <= total` holds at all times: [`Spots::try_new`] refuses anything else, and the database
/// checks it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spots {
    total: u32,
    booked: u32,
}

impl Spots {
    /// The most that an event has.
    pub const MAX: u32 = 10_000;

    /// `booked` out of `total`, if that many fit.
    #[must_use]
    pub fn try_new(total: u32, booked: u32) -> Option<Self> {
        (booked <= total).then_some(Self { total, booked })
    }

    /// `total` of which none is booked.
    #[must_use]
    pub const fn empty(total: u32) -> Self {
        Self { total, booked: 0 }
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

    /// As many booked out of another total, if they fit.
    #[must_use]
    pub fn resize(self, total: u32) -> Option<Self> {
        Self::try_new(total, self.booked)
    }
}
