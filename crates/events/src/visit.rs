//! Who may book at a location that is not the client's home (EVT-07).
//!
//! A client may always book at home. Booking elsewhere needs three things: the client is not restricted
//! to other locations, both the event and the location take visitors, and the client has switched to
//! that location, so that nobody books away from home by mistake. When the location does not honor the
//! membership, the visit is a drop-in with its price.

use crate::Event;
use serde::Serialize;
use tryzore_kernel::{Denial, Money, OrganizationId};

/// How a client visits an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visit {
    /// At the client's own location.
    Home,
    /// At another location that honors the membership.
    Guest,
    /// At another location, for the price of a single visit.
    DropIn,
}

/// The client's home location, current location and allowed locations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The home location of the client.
    pub home: OrganizationId,
    /// The location that the client has switched to.
    pub current: Option<OrganizationId>,
    /// The locations that the client may use; empty means all.
    pub allowed: Vec<OrganizationId>,
}

impl Whereabouts {
    /// How the client may visit `event`.
    ///
    /// # Errors
    /// `events.book.location_restricted`, `events.book.visitors_not_taken`,
    /// `events.book.location_not_selected`.
    pub fn visit(&self, event: &Event) -> Result<Visit, Denial> {
        let at = event.organization;
        let refuse = |code| {
            Denial::right(code)
                .because("client.home_organization", self.home)
                .because("event.organization", at)
        };
        if at == self.home {
            return Ok(Visit::Home);
        }
        if !self.allowed.is_empty() && !self.allowed.contains(&at) {
            return Err(refuse("events.book.location_restricted")
                .because("client.allowed_organizations", &self.allowed)
                .remedy("Ask the front desk to add this location to your membership.", None));
        }
        if !(event.takes_visitors && event.rules.takes_visitors) {
            return Err(refuse("events.book.visitors_not_taken")
                .because("event.allow_cross_location_booking", event.takes_visitors)
                .because("location.allow_cross_location_booking", event.rules.takes_visitors)
                .remedy("Book an event at your own location.", Some("list_schedule")));
        }
        if self.current != Some(at) {
            return Err(refuse("events.book.location_not_selected")
                .because("session.organization", self.current)
                .remedy("Switch to this location, then book.", Some("switch_organization")));
        }
        Ok(if event.rules.honors_memberships { Visit::Guest } else { Visit::DropIn })
    }
}

impl Visit {
    /// The price of the visit, which billing collects.
    #[must_use]
    pub fn price(self, event: &Event) -> Money {
        match self {
            Self::Home | Self::Guest => Money::new(0, event.rules.drop_in_price.currency),
            Self::DropIn => event.rules.drop_in_price,
        }
    }
}
