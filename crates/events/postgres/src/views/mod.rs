//! The data of the event screens, each with the query that reads it.
//!
//! A view takes a permit and reads no more than the permit reaches; each call runs one query, or two,
//! however many rows it returns.
//!
//! - [`schedule`]: the schedule for staff, for clients, and across locations (EVT-15).
//! - [`detail`]: one event.
//! - [`roster`]: the clients with a booking and the clients who wait.
//! - [`client_bookings`]: what staff see of a client's bookings.
//! - [`mine`]: a client's own bookings and places on the waitlist.
//! - [`history`]: a client's bookings, counted for each location.

pub mod client_bookings;
pub mod detail;
pub mod history;
pub mod mine;
pub mod roster;
pub mod schedule;

use diesel::sql_types::{BigInt, Record, Text};
use tryzore_kernel::{Cursor, OrganizationId, Problem, SortKey};
use tryzore_rbac::{Permission, Permit, Reach};

/// An amount with its currency: `ROW(fee_minor, currency)`.
pub(crate) type Amount = Record<(BigInt, Text)>;

/// The locations at which a permit is valid, in full or within limits; none means everywhere.
pub(crate) fn anywhere<P: Permission>(permit: &Permit<P>) -> Option<Vec<OrganizationId>> {
    let mut at = filter(permit.reach())?;
    at.extend(filter(permit.limited())?);
    Some(at)
}

/// Whether a permit is valid at `organization`, in full or within limits.
pub(crate) fn sees<P: Permission>(permit: &Permit<P>, organization: OrganizationId) -> bool {
    permit.reach().covers(organization) || permit.limited().covers(organization)
}

/// The locations of a reach; none means everywhere.
pub(crate) fn filter(reach: &Reach) -> Option<Vec<OrganizationId>> {
    reach.filter().map(<[_]>::to_vec)
}

/// The sort key in a cursor of this list.
pub(crate) fn after<K: SortKey>(cursor: Option<&str>) -> Result<Option<K>, Problem> {
    Ok(cursor.map(Cursor::decode).transpose()?)
}
