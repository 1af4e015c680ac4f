//! Who may see what is about somebody else: one rule for the decision log and the stream, so that
//! whoever may follow a location's events may look up its refusals as well.

use tryzore_kernel::OrganizationId;
use tryzore_rbac::{Grants, audience};

/// Whether `grants` show what is called `name` (the kind of an event or a command, such as
/// `events.booked`) at `organization`. What happened at no location, or has no declared audience, is
/// shown to the person concerned alone.
pub(crate) fn is_visible_to_others(
    grants: &Grants,
    name: &str,
    organization: Option<OrganizationId>,
) -> bool {
    audience(name).zip(organization).is_some_and(|(slug, at)| grants.reach(slug).covers(at))
}
