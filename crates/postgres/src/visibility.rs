//! Who may hear of what happened to others: those who see the like where it happened.
//!
//! One rule for the decision log and the stream, so that whoever may follow a location's events may
//! look up its refusals as well.

use tryzore_kernel::OrganizationId;
use tryzore_rbac::{Grants, Slug};

/// Whether `grants` witness what is called `name` (a kind of event or a command, such as
/// `events.booked`) at `organization`. What happened nowhere has no witness.
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
