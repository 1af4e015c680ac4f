//! What screens show of events, each beside the query that reads it.
//!
//! A view is asked for with a permit and reads no more than the permit reaches; one question is one
//! query, or two, however many rows it answers with.
//!
//! - [`schedule`]: what is on, for staff, for clients, and across locations (EVT-15).
//! - [`detail`]: one event.
//! - [`roster`]: who comes and who waits.
//! - [`client_bookings`]: what staff see of a client's bookings.
//! - [`mine`]: a client's own bookings and places on the waitlist.
//! - [`history`]: where a client goes.
//! - [`catalogue`]: templates and series.

pub mod catalogue;
pub mod client_bookings;
pub mod detail;
pub mod history;
pub mod mine;
pub mod roster;
pub mod schedule;

use tryzore_kernel::{Cursor, OrganizationId, Problem, SortKey};
use tryzore_rbac::{Permission, Permit, Reach};

/// Where a permit holds at all, in full or within limits: none for everywhere.
pub(super) fn anywhere<P: Permission>(permit: &Permit<P>) -> Option<Vec<OrganizationId>> {
    let mut at = filter(permit.reach())?;
    at.extend(filter(permit.limited())?);
    Some(at)
}

/// The locations of a reach: none for everywhere.
pub(super) fn filter(reach: &Reach) -> Option<Vec<OrganizationId>> {
    reach.filter().map(<[_]>::to_vec)
}

/// The sort key in a cursor of this list.
pub(super) fn after<K: SortKey>(cursor: Option<&str>) -> Result<Option<K>, Problem> {
    Ok(cursor.map(Cursor::decode).transpose()?)
}
