//! Whether someone may give a role to a colleague, or take it away.

use crate::UseCaseError;
use tryzore_kernel::{Denial, OrganizationId};
use tryzore_rbac::{
    OrganizationNode, Permit,
    catalogue::ManageStaff,
    manage::{Role, RoleScope, check_can_grant},
};

/// Whether the caller may give `role` at `at`: he manages staff there and holds all that the role
/// gives, wherever it reaches.
pub(super) fn check_can_assign(
    permit: &Permit<ManageStaff>,
    role: &Role,
    at: OrganizationId,
    tree: &[OrganizationNode],
) -> Result<(), UseCaseError> {
    check_location(permit, at, tree)?;
    if role.scope == RoleScope::Owned {
        return Err(Denial::state("staff.role.comes_with_owning")
            .because("role.name", &role.name)
            .because("role.scope", role.scope)
            .remedy("Give Location Owner, which holds everything at one location.", None)
            .into());
    }
    Ok(check_can_grant(permit.grants(), role.permissions(), &role.scope.takes_in(at, tree))?)
}

/// Whether the caller may take `role` away at `at`: the same, and owners are his to unseat only if
/// he holds everything everywhere.
pub(super) fn check_can_unassign(
    permit: &Permit<ManageStaff>,
    role: &Role,
    at: OrganizationId,
    tree: &[OrganizationNode],
) -> Result<(), UseCaseError> {
    permit.require_at(at, "employee")?;
    Ok(check_can_grant(permit.grants(), role.permissions(), &role.scope.takes_in(at, tree))?)
}

fn check_location(
    permit: &Permit<ManageStaff>,
    at: OrganizationId,
    tree: &[OrganizationNode],
) -> Result<(), UseCaseError> {
    permit.require_at(at, "organization")?;
    if tree.iter().any(|place| place.organization == at) {
        Ok(())
    } else {
        Err(UseCaseError::NotFound("organization"))
    }
}
