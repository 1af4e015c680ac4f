//! The rules of a change, without a store.

use super::{Note, Operator, OperatorStatus, decide::decide};
use crate::{Effect, PlatformOverride, PlatformRole, PlatformSlug, operators::UseCaseError};
use chrono::DateTime;
use tryzore_kernel::UserId;
use uuid::Uuid;

const FIRST: u128 = 1;
const SECOND: u128 = 2;
const THIRD: u128 = 3;

fn user(nth: u128) -> UserId {
    Uuid::from_u128(nth).into()
}

fn note() -> Note {
    Note { at: DateTime::UNIX_EPOCH, by: user(FIRST), because: "test".into() }
}

fn operator(nth: u128, role: PlatformRole, overrides: &[(&str, Effect)]) -> Operator {
    let mut operator = Operator::appointed(user(nth), role, note());
    operator.rights.overrides = overrides
        .iter()
        .map(|(pattern, effect)| PlatformOverride { pattern: pattern.parse().unwrap(), effect: *effect })
        .collect();
    operator
}

/// Someone who manages operators and holds every permission, and is no super admin.
fn steward(nth: u128) -> Operator {
    operator(nth, PlatformRole::Limited, &[("platform.*", Effect::Allow)])
}

/// The code of the refusal when the first operator makes of the second what `alter` makes; empty when they may.
fn refused(
    locked: &[Operator],
    alter: impl FnOnce(&Operator) -> Result<Option<Operator>, UseCaseError>,
) -> String {
    match decide(user(FIRST), locked, user(SECOND), &[], |before| alter(before.unwrap())) {
        Ok(_) => String::new(),
        Err(UseCaseError::Denied(denial)) => denial.code.into_owned(),
        Err(other) => panic!("{other}"),
    }
}

fn dismiss(before: &Operator) -> Result<Option<Operator>, UseCaseError> {
    Ok(before.dismissed(note()))
}

fn demote(before: &Operator) -> Result<Option<Operator>, UseCaseError> {
    Ok(before.with_role(PlatformRole::SupportAdmin, note())?)
}

fn deny(before: &Operator) -> Result<Option<Operator>, UseCaseError> {
    let set = PlatformOverride { pattern: "platform.view_jobs".parse().unwrap(), effect: Effect::Deny };
    Ok(before.with_override(&set)?)
}

#[test]
fn rba_04_the_last_super_admin_stays_and_one_of_two_may_go() {
    let last = operator(SECOND, PlatformRole::SuperAdmin, &[]);
    for alter in [dismiss, demote, deny] {
        let alone = [steward(FIRST), last.clone()];
        assert_eq!(refused(&alone, alter), "operators.last_super_admin");
        let two = [steward(FIRST), last.clone(), operator(THIRD, PlatformRole::SuperAdmin, &[])];
        assert_eq!(refused(&two, alter), "");
    }
    let admin = [steward(FIRST), operator(SECOND, PlatformRole::PlatformAdmin, &[])];
    assert_eq!(refused(&admin, dismiss), "", "they are no super admin");
}

#[test]
fn rba_04_a_super_admin_who_cannot_act_does_not_count() {
    let last = operator(SECOND, PlatformRole::SuperAdmin, &[]);
    let deactivated = Operator { can_sign_in: false, ..operator(THIRD, PlatformRole::SuperAdmin, &[]) };
    let dismissed = operator(THIRD, PlatformRole::SuperAdmin, &[]).dismissed(note()).unwrap();
    let curbed = operator(THIRD, PlatformRole::SuperAdmin, &[("platform.manage_operators", Effect::Deny)]);
    for other in [deactivated, dismissed, curbed] {
        let locked = [steward(FIRST), last.clone(), other];
        assert_eq!(refused(&locked, dismiss), "operators.last_super_admin");
    }
}

#[test]
fn rba_04_nobody_grants_or_takes_what_they_do_not_hold() {
    let manager =
        operator(FIRST, PlatformRole::SupportAdmin, &[("platform.manage_operators", Effect::Allow)]);
    let peer = operator(SECOND, PlatformRole::SupportAdmin, &[]);
    let locked = [manager.clone(), peer.clone()];
    assert_eq!(refused(&locked, dismiss), "");
    let promote = |before: &Operator| Ok(before.with_role(PlatformRole::PlatformAdmin, note())?);
    assert_eq!(refused(&locked, promote), "rbac.give.exceeds_own", "granting");
    let above = [manager.clone(), operator(SECOND, PlatformRole::PlatformAdmin, &[])];
    assert_eq!(refused(&above, demote), "rbac.give.exceeds_own", "taking");
    // An override may deny what nobody grants yet.
    let touched = [PlatformSlug::ReplayJobs];
    let error = decide(user(FIRST), &locked, user(SECOND), &touched, |_| Ok(None)).unwrap_err();
    let UseCaseError::Denied(denial) = error else { panic!("{error}") };
    assert_eq!(
        denial.because[0].value,
        serde_json::json!(["platform.replay_jobs"]),
        "exactly what is missing"
    );
}

#[test]
fn rba_04_an_operator_changes_nobody_without_the_right_and_never_themselves() {
    let code = |locked: &[Operator], target| match decide(user(FIRST), locked, target, &[], |_| Ok(None)) {
        Err(UseCaseError::Denied(denial)) => denial.code.into_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(&[steward(FIRST)], user(FIRST)), "operators.own");
    let peer = operator(SECOND, PlatformRole::SupportAdmin, &[]);
    let admin = [operator(FIRST, PlatformRole::PlatformAdmin, &[]), peer.clone()];
    assert_eq!(code(&admin, user(SECOND)), "rbac.permission.missing");
    let dismissed = [steward(FIRST).dismissed(note()).unwrap(), peer.clone()];
    assert_eq!(code(&dismissed, user(SECOND)), "rbac.operator.required");
    assert_eq!(code(&[peer], user(SECOND)), "rbac.operator.required");
}

#[test]
fn rba_04_a_change_makes_the_next_version_and_a_repetition_none() {
    let admin = operator(SECOND, PlatformRole::SupportAdmin, &[("platform.view_jobs", Effect::Deny)]);
    assert_eq!(admin.with_role(PlatformRole::SupportAdmin, note()), Ok(None));
    let set = |effect| PlatformOverride { pattern: "platform.view_jobs".parse().unwrap(), effect };
    assert_eq!(admin.with_override(&set(Effect::Deny)), Ok(None));
    let replaced = admin.with_override(&set(Effect::Allow)).unwrap().unwrap();
    assert_eq!((replaced.version, replaced.rights.overrides), (2, vec![set(Effect::Allow)]));
    let other = "platform.view_*".parse().unwrap();
    assert_eq!(admin.without_override(&other), Ok(None), "only for exactly this pattern");

    let dismissed = admin.dismissed(note()).unwrap();
    assert_eq!(
        (dismissed.version, dismissed.status, dismissed.held().len()),
        (2, OperatorStatus::Dismissed, 0)
    );
    assert_eq!(dismissed.dismissed(note()), None);
    let denied = dismissed.with_role(PlatformRole::Limited, note()).unwrap_err();
    assert_eq!(denied.code, "operators.dismissed");
    assert_eq!(dismissed.with_override(&set(Effect::Allow)).unwrap_err().code, "operators.dismissed");
    assert_eq!(dismissed.without_override(&other).unwrap_err().code, "operators.dismissed");
    let again = dismissed.appointed_again(PlatformRole::PlatformAdmin, note()).unwrap();
    assert_eq!((again.version, again.status, again.rights.overrides.len()), (3, OperatorStatus::Active, 0));
    let twice = again.appointed_again(PlatformRole::PlatformAdmin, note()).unwrap_err();
    assert_eq!(twice.code, "operators.appoint.already");
}
