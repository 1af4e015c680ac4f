//! Which managers may see records about other users.
//!
//! The decision log and the stream use the same rule, so that a manager who may follow the events of a
//! location may also look up its refusals.

use tryzore_kernel::OrganizationId;
use tryzore_rbac::{Grants, Slug};

/// Whether `grants` may see records named `name` (a kind of event or a command, such as
/// `events.booked`) at `organization`. Records without a location are visible to no manager.
pub(crate) fn is_visible_to_manager(
    grants: &Grants,
    name: &str,
    organization: Option<OrganizationId>,
) -> bool {
    let slug = match name.split('.').next() {
        Some("events") => Slug::VIEW_ALL_EVENTS,
        Some("crm") => Slug::VIEW_ALL_CLIENTS,
        _ => Slug::MANAGE_STAFF,
    };
    organization.is_some_and(|at| grants.reach(slug).covers(at))
}
