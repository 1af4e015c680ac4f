//! Tests of the rules and of the use cases, without a database.

mod attendance;
mod booking;
mod calendar;
mod calendar_changes;
mod calendar_store;
mod manual_override;
mod memory;
mod model;
mod plan;
mod preview;
mod schedule;
mod store;

use crate::{
    Booking, BookingClient, BookingContext, BookingRules, BookingState, Event, EventKind, EventState, Spots,
    visit::Whereabouts,
};
use chrono::{DateTime, Duration, Utc};
use std::sync::{Arc, LazyLock};
use tryzore_kernel::{
    BookingId, ClientId, Currency, Denial, EventId, Money, OrganizationId, RoleId, SessionId, TenantId,
    UserId,
};
use tryzore_rbac::{Actor, Assignment, Grants, Holdings, OrganizationNode, Scope};

/// Noon of 2 March 2026 in Rome.
pub(super) fn noon() -> DateTime<Utc> {
    static NOON: LazyLock<DateTime<Utc>> = LazyLock::new(|| "2026-03-02T11:00:00Z".parse().unwrap());
    *NOON
}

pub(super) const TICK: Duration = Duration::microseconds(1);

pub(super) fn rules() -> BookingRules {
    BookingRules::initial(chrono_tz::Europe::Rome, Currency::USD)
}

/// A class of one hour that starts at `starts_at`.
pub(super) fn class(starts_at: DateTime<Utc>, total: u32, booked: u32) -> Event {
    let (at, time) = (OrganizationId::generate(noon()), starts_at..starts_at + Duration::hours(1));
    let spots = Spots::try_new(total, booked).unwrap();
    Event { spots, ..Event::new(at, EventKind::Class, "Yoga", time, total, rules(), noon()) }
}

pub(super) fn booking_client(home: OrganizationId) -> BookingClient {
    BookingClient {
        client: ClientId::generate(noon()),
        user: UserId::generate(noon()),
        is_active: true,
        whereabouts: Whereabouts { home, current: Some(home), allowed: Vec::new() },
        has_attended: false,
        holds: None,
    }
}

/// The booking context of `event` with a client who is at home there.
pub(super) fn context(event: Event) -> BookingContext {
    BookingContext { booking_client: booking_client(event.organization), event, waiting: 0, rank: None }
}

pub(super) fn booked(event: &Event) -> Booking {
    let client = booking_client(event.organization);
    let visit = client.may_come(event).unwrap();
    client.booking(event, visit, noon())
}

pub(super) fn as_state(booking: &Booking, state: BookingState) -> Booking {
    Booking { state, id: BookingId::generate(noon()), ..booking.clone() }
}

pub(super) fn code<T: std::fmt::Debug>(said: Result<T, Denial>) -> String {
    let denial = said.unwrap_err();
    assert!(denial.remedy.is_some(), "{} says what would change it", denial.code);
    denial.code.into_owned()
}

/// The grants of a client who is signed in at `at`.
pub(super) fn client(user: UserId, at: OrganizationId) -> Arc<Grants> {
    let actor = Actor::User { user, session: SessionId::generate(noon()) };
    let holdings = Holdings { is_client: true, ..Holdings::default() };
    Grants::compile(actor, TenantId::generate(noon()), Some(at), &holdings)
}

/// The grants of `user`, who has the permissions `patterns` at `at`.
pub(super) fn staff(user: UserId, at: OrganizationId, patterns: &[&str]) -> Arc<Grants> {
    let actor = Actor::User { user, session: SessionId::generate(noon()) };
    let assignment = Assignment {
        role: RoleId::generate(noon()),
        name: "Test".into(),
        patterns: patterns.iter().map(|pattern| pattern.parse().unwrap()).collect(),
        scope: Scope::Organization(at),
        expires_at: None,
    };
    let holdings = Holdings {
        tree: vec![OrganizationNode { organization: at, parent: None }],
        assignments: vec![assignment],
        ..Holdings::default()
    };
    Grants::compile(actor, TenantId::generate(noon()), Some(at), &holdings)
}
