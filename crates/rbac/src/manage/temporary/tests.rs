//! Tests of permissions for a time, with a test tenant in memory (SUP-09).

use super::*;
use crate::manage::{
    set_override,
    testing::{NOW, TestTenant},
};
use crate::{FactorStanding, Grants};
use futures::executor::block_on;
use std::sync::Arc;

struct Stage {
    chain: TestTenant,
    permit: Permit<ManualOverrides>,
    trainer: UserId,
}

impl Stage {
    fn open() -> Self {
        let mut chain = TestTenant::new();
        let (owner, trainer) = (chain.hire("location_owner", chain.main), chain.hire("trainer", chain.main));
        let permit = permit(chain.grants(owner));
        Self { chain, permit, trainer }
    }

    fn given(&self, permission: &str) -> TemporaryPermission {
        TemporaryPermission { permission: permission.into(), organization: self.chain.main }
    }

    fn give(&mut self, user: UserId, given: &TemporaryPermission) -> Result<(), UseCaseError> {
        block_on(give_temporary(&self.permit, &mut self.chain, user, given, "The manager is ill", NOW))
    }

    fn holds(&self, slug: Slug) -> bool {
        self.chain.holdings(self.trainer).permitted_at(self.chain.main).contains(slug)
    }
}

/// The permit of a session that has just verified a factor.
fn permit(grants: Arc<Grants>) -> Permit<ManualOverrides> {
    let factor = FactorStanding { used_at: Some(NOW), ..FactorStanding::default() };
    grants.with_factor(factor, NOW).permit_at(NOW).unwrap()
}

fn code(outcome: Result<(), UseCaseError>) -> String {
    match outcome.unwrap_err() {
        UseCaseError::Denied(denial) => {
            assert!(denial.remedy.is_some(), "{} says what would change it", denial.code);
            denial.code.into_owned()
        }
        UseCaseError::Invalid(errors) => errors.pointers().join(","),
        other => other.to_string(),
    }
}

#[test]
fn sup_09_a_permission_is_given_at_one_location_and_taken_back() {
    let mut stage = Stage::open();
    let given = stage.given("events.cancel");
    stage.give(stage.trainer, &given).unwrap();
    assert!(stage.holds(Slug::CANCEL_EVENT));
    let (trainer, downtown) = (stage.trainer, stage.chain.downtown);
    assert!(!stage.chain.holdings(trainer).permitted_at(downtown).contains(Slug::CANCEL_EVENT));
    for _ in 0..2 {
        block_on(end_temporary(&stage.permit, &mut stage.chain, trainer, &given, NOW)).unwrap();
        assert!(!stage.holds(Slug::CANCEL_EVENT), "taking back twice changes nothing");
    }
    let kinds: Vec<_> = stage.chain.published.iter().map(|event| &*event.kind).collect();
    assert_eq!(kinds, ["rbac.grants_changed"; 2], "once for each change");
}

#[test]
fn sup_09_nobody_gives_what_they_do_not_hold_there_or_to_themselves() {
    let mut stage = Stage::open();
    let trainer = stage.trainer;
    let desk = stage.chain.hire("front_desk", stage.chain.main);
    let desk_permit = |chain: &mut TestTenant| {
        let held = PermissionOverride {
            user: desk,
            pattern: Pattern::of(Slug::MANUAL_OVERRIDE),
            effect: Effect::Allow,
            organization: Some(chain.main),
            reason: "test".into(),
            created_at: NOW,
            expires_at: None,
        };
        chain.overrides.push(held);
        permit(chain.grants(desk))
    };
    let permit = desk_permit(&mut stage.chain);
    let asked = stage.given("events.cancel");
    let refused = block_on(check_temporary(&permit, &mut stage.chain, trainer, &asked));
    assert_eq!(code(refused), "rbac.give.exceeds_own");
    let held = stage.given("clients.create");
    block_on(check_temporary(&permit, &mut stage.chain, trainer, &held)).unwrap();
    assert_eq!(code(block_on(check_temporary(&permit, &mut stage.chain, desk, &asked))), "rbac.override.own");
    let elsewhere = TemporaryPermission { organization: stage.chain.downtown, ..held };
    let hidden = block_on(check_temporary(&permit, &mut stage.chain, trainer, &elsewhere));
    assert_eq!(code(hidden), "no such organization");
}

#[test]
fn sup_09_what_is_held_denied_or_no_permission_is_refused() {
    let mut stage = Stage::open();
    let trainer = stage.trainer;
    let asked = stage.given("events.manage_attendance");
    assert_eq!(code(stage.give(trainer, &asked)), "rbac.override.held");
    for wrong in ["events.*", "own.book", "events.dance"] {
        let asked = stage.given(wrong);
        assert_eq!(code(stage.give(trainer, &asked)), "/change/permission");
    }
    let stranger = stage.chain.hire("trainer", stage.chain.westside);
    let asked = stage.given("events.cancel");
    assert_eq!(code(stage.give(stranger, &asked)), "no such employee");
    let owner = stage.permit.grants().permit().unwrap();
    let deny = PermissionOverride {
        user: trainer,
        pattern: "events.*".parse().unwrap(),
        effect: Effect::Deny,
        organization: Some(stage.chain.main),
        reason: "test".into(),
        created_at: NOW,
        expires_at: None,
    };
    block_on(set_override(&owner, &mut stage.chain, deny, NOW)).unwrap();
    assert_eq!(code(stage.give(trainer, &asked)), "rbac.override.denied");
}

#[test]
fn sup_09_a_deny_that_somebody_set_since_is_not_deleted() {
    let mut stage = Stage::open();
    let (trainer, given) = (stage.trainer, stage.given("events.cancel"));
    stage.give(trainer, &given).unwrap();
    stage.chain.overrides.iter_mut().for_each(|it| it.effect = Effect::Deny);
    let refused = block_on(end_temporary(&stage.permit, &mut stage.chain, trainer, &given, NOW));
    assert_eq!(code(refused), "rbac.override.replaced");
    assert_eq!(stage.chain.overrides.len(), 1);
}
