//! Who sees what roles give.

use tryzore_rbac::{Permission, Slug};

/// See roles and the catalogue: who manages roles, and who gives them when staff is invited.
#[derive(Debug)]
pub(super) enum ViewRoles {}

impl Permission for ViewRoles {
    const FULL: Slug = Slug::MANAGE_ROLES;
    const LIMITED: Option<Slug> = Some(Slug::MANAGE_STAFF);
}
