//! The rule for delegation: nobody grants a permission that they do not hold.
//!
//! Without this rule, whoever may invite could invite a second account of their own as owner. The rule
//! applies to taking permissions away as well: the manager of one location cannot dismiss a person with
//! more permissions.

use crate::{Grants, PermissionSet, manage::role::names};
use tryzore_kernel::{Denial, OrganizationId};

/// Checks that `grantor` holds all of `given` at every location of `at`, so that they may grant the
/// permissions there or take them away.
///
/// # Errors
/// `rbac.give.exceeds_own`, with the missing permissions and locations.
pub fn check_can_grant(grantor: &Grants, given: PermissionSet, at: &[OrganizationId]) -> Result<(), Denial> {
    let missing: PermissionSet =
        given.iter().filter(|slug| !at.iter().all(|at| grantor.reach(*slug).covers(*at))).collect();
    if missing == PermissionSet::EMPTY {
        return Ok(());
    }
    let lacks = |at: &&OrganizationId| missing.iter().any(|slug| !grantor.reach(slug).covers(**at));
    let locations: Vec<_> = at.iter().filter(lacks).filter(|at| grantor.visible().covers(**at)).collect();
    Err(exceeds(missing).because("organizations", locations))
}

/// Checks that `grantor` holds all of `given` somewhere, for permissions that are not granted at a location
/// yet.
///
/// # Errors
/// `rbac.give.exceeds_own`, with the missing permissions.
pub fn check_holding(grantor: &Grants, given: PermissionSet) -> Result<(), Denial> {
    let missing = given.without(grantor.held());
    if missing == PermissionSet::EMPTY { Ok(()) } else { Err(exceeds(missing)) }
}

fn exceeds(missing: PermissionSet) -> Denial {
    Denial::right("rbac.give.exceeds_own").because("permissions.missing", names(missing)).remedy(
        "Ask someone who holds these permissions at all of these locations to do it.",
        Some("list_permission_holders"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Slug, manage::testing::TestTenant};

    #[test]
    fn granting_requires_every_permission_at_every_location() {
        let chain = TestTenant::new();
        let admin = chain.grants_of("admin", chain.main);
        let gives = |slug: Slug| PermissionSet::EMPTY.with(slug);
        assert_eq!(check_can_grant(&admin, gives(Slug::CREATE_EVENT), &[chain.main]), Ok(()));
        let denial =
            check_can_grant(&admin, gives(Slug::CREATE_EVENT), &[chain.main, chain.downtown]).unwrap_err();
        assert_eq!(denial.because[0].value, serde_json::json!(["events.create"]));
        assert_eq!(denial.because[1].value, serde_json::json!([]), "hidden locations are not named");
        let both = gives(Slug::CREATE_EVENT).with(Slug::MANAGE_STAFF).with(Slug::EDIT_GYM);
        let denial = check_can_grant(&admin, both, &[chain.main]).unwrap_err();
        assert_eq!(
            denial.because[0].value,
            serde_json::json!(["settings.edit_gym", "settings.manage_staff"]),
            "exactly what is missing"
        );
        assert_eq!(denial.because[1].value, serde_json::json!([chain.main]));
    }

    #[test]
    fn whoever_holds_every_permission_can_grant_every_permission() {
        let chain = TestTenant::new();
        let owner = chain.grants_of("location_owner", chain.main);
        let all = Slug::ALL.iter().copied().filter(|slug| slug.is_assignable()).collect();
        assert_eq!(check_can_grant(&owner, all, &[chain.main]), Ok(()));
        assert!(check_can_grant(&owner, all, &[chain.downtown]).is_err());
        assert_eq!(check_holding(&owner, all), Ok(()));
        assert!(check_holding(&chain.grants_of("trainer", chain.main), all).is_err());
    }
}
