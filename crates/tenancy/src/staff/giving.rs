//! Whether someone may give a role to a colleague, or take it away.

use crate::TenancyError;
use tryzore_kernel::{Denial, OrganizationId};
use tryzore_rbac::{
    Permit, Place,
    catalogue::ManageStaff,
    manage::{Role, RoleScope, check_giving},
};

/// Whether the caller may give `role` at `at`: he manages staff there and holds all that the role
/// gives, wherever it reaches.
pub(super) fn check_give(
    permit: &Permit<ManageStaff>,
    role: &Role,
    at: OrganizationId,
    places: &[Place],
) -> Result<(), TenancyError> {
    check_place(permit, at, places)?;
    if role.scope == RoleScope::Owned {
        return Err(Denial::state("staff.role.comes_with_owning")
            .because("role.name", &role.name)
            .because("role.scope", role.scope)
            .remedy("Give Location Owner, which holds everything at one location.", None)
            .into());
    }
    Ok(check_giving(permit.grants(), role.permissions(), &role.scope.takes_in(at, places))?)
}

/// Whether the caller may take `role` away at `at`: the same, and owners are his to unseat only if
/// he holds everything everywhere.
pub(super) fn check_take(
    permit: &Permit<ManageStaff>,
    role: &Role,
    at: OrganizationId,
    places: &[Place],
) -> Result<(), TenancyError> {
    permit.at(at).map_err(|beyond| TenancyError::beyond("employee", beyond))?;
    Ok(check_giving(permit.grants(), role.permissions(), &role.scope.takes_in(at, places))?)
}

fn check_place(
    permit: &Permit<ManageStaff>,
    at: OrganizationId,
    places: &[Place],
) -> Result<(), TenancyError> {
    permit.at(at).map_err(|beyond| TenancyError::beyond("organization", beyond))?;
    if places.iter().any(|place| place.organization == at) {
        Ok(())
    } else {
        Err(TenancyError::NotFound("organization"))
    }
}
