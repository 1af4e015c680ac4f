//! Whether a caller may assign a role to a colleague, or take the role away.

use crate::UseCaseError;
use tryzore_kernel::{Denial, OrganizationId};
use tryzore_rbac::{
    OrganizationNode, Permit,
    catalogue::ManageStaff,
    manage::{Role, RoleScope, check_can_grant},
};

/// Checks that the caller may assign `role` at `at`: they manage staff there and hold every permission of
/// the role, at every location that the role covers.
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
            .remedy("Assign Location Owner, which has every permission at one location.", None)
            .into());
    }
    Ok(check_can_grant(permit.grants(), role.permissions(), &role.scope.takes_in(at, tree))?)
}

/// Checks that the caller may take `role` away at `at`. The rule is the same as for assigning; only a
/// caller who holds every permission everywhere can take the role of an owner away.
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
    if tree.iter().any(|node| node.organization == at) {
        Ok(())
    } else {
        Err(UseCaseError::NotFound("organization"))
    }
}
