//! Nobody gives what he does not hold.
//!
//! Without this rule whoever may invite could invite himself an owner. It holds for taking away as
//! well: a manager of one location can't unseat someone who may do more than he does.

use crate::{Grants, PermissionSet, manage::role::names};
use tryzore_kernel::{Denial, OrganizationId};

/// Whether `giver` holds all of `given` at every location of `at`, and so may give it there or
/// take it away.
///
/// # Errors
/// `rbac.give.exceeds_own`, naming what is missing and where.
pub fn check_can_grant(giver: &Grants, given: PermissionSet, at: &[OrganizationId]) -> Result<(), Denial> {
    let missing: PermissionSet =
        given.iter().filter(|slug| !at.iter().all(|at| giver.reach(*slug).covers(*at))).collect();
    if missing == PermissionSet::EMPTY {
        return Ok(());
    }
    let lacks = |at: &&OrganizationId| missing.iter().any(|slug| !giver.reach(slug).covers(**at));
    let tree: Vec<_> = at.iter().filter(lacks).filter(|at| giver.visible().covers(**at)).collect();
    Err(exceeds(missing).because("organizations", tree))
}

/// Whether `giver` holds all of `given` somewhere: for what is not given anywhere yet.
///
/// # Errors
/// `rbac.give.exceeds_own`, naming what is missing.
pub fn check_holding(giver: &Grants, given: PermissionSet) -> Result<(), Denial> {
    let missing = given.without(giver.held());
    if missing == PermissionSet::EMPTY { Ok(()) } else { Err(exceeds(missing)) }
}

fn exceeds(missing: PermissionSet) -> Denial {
    Denial::right("rbac.give.exceeds_own").because("permissions.missing", names(missing)).remedy(
        "Ask someone who holds these permissions at all of these locations to do it.",
        Some("rbac.who_can"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Slug, manage::testing::TestTenant};

    #[test]
    fn all_of_it_at_every_location_or_nothing() {
        let chain = TestTenant::new();
        let admin = chain.grants_of("admin", chain.main);
        let gives = |slug: Slug| PermissionSet::EMPTY.with(slug);
        assert_eq!(check_can_grant(&admin, gives(Slug::CREATE_EVENT), &[chain.main]), Ok(()));
        let denial =
            check_can_grant(&admin, gives(Slug::CREATE_EVENT), &[chain.main, chain.downtown]).unwrap_err();
        assert_eq!(denial.because[0].value, serde_json::json!(["events.create"]));
        assert_eq!(denial.because[1].value, serde_json::json!([]), "what he does not see is not named");
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
    fn whoever_holds_everything_gives_everything() {
        let chain = TestTenant::new();
        let owner = chain.grants_of("location_owner", chain.main);
        let all = Slug::ALL.iter().copied().filter(|slug| slug.is_assignable()).collect();
        assert_eq!(check_can_grant(&owner, all, &[chain.main]), Ok(()));
        assert!(check_can_grant(&owner, all, &[chain.downtown]).is_err());
        assert_eq!(check_holding(&owner, all), Ok(()));
        assert!(check_holding(&chain.grants_of("trainer", chain.main), all).is_err());
    }
}
