//! Who may see what is about somebody else: one rule for the decision log and the stream, so that
//! whoever may follow a location's events may look up its refusals as well.

use tryzore_kernel::OrganizationId;
use tryzore_rbac::{Grants, Slug};

/// Whether `grants` show an event or a decision at `organization` that is for those who hold the permission
/// `audience`. What happened at no location, has no audience, or has one that this version does not know, is
/// shown to the person concerned alone.
pub(crate) fn is_visible_to_others(
    grants: &Grants,
    audience: Option<&str>,
    organization: Option<OrganizationId>,
) -> bool {
    let permission = audience.and_then(Slug::find);
    permission.zip(organization).is_some_and(|(permission, at)| grants.reach(permission).covers(at))
}
