use super::*;
use crate::{
    FactorMethod, FactorPolicyForm, FactorUse, SealedSecret, Session,
    testing::{Memory, NOW, owner, permit, session},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use tryzore_kernel::{FactorId, OrganizationId, RoleId};

fn form() -> FactorPolicyForm {
    let step_up = vec![("events.cancel".to_owned(), 15)];
    FactorPolicyForm { is_required: true, role_ids: Vec::new(), grace_days: 14, step_up }
}

/// An owner of all locations who has just used a factor.
fn stage() -> (Memory, Permit<ManageStaff>) {
    let (holdings, at) = owner();
    let factor = Some(FactorUse { at: NOW, method: FactorMethod::Totp });
    let here = Session { factor, ..session() };
    let permit = permit(&here, &holdings);
    let sealed = SealedSecret { with: "test".into(), bytes: Vec::new() };
    let totp = Factor::totp(FactorId::generate(NOW), here.user, "Phone".into(), sealed, NOW);
    let store = Memory {
        sessions: vec![here],
        factors: vec![Factor { confirmed_at: Some(NOW), ..totp }],
        locations: at.to_vec(),
        ..Memory::default()
    };
    (store, permit)
}

fn set(
    store: &mut Memory,
    permit: &Permit<ManageStaff>,
    form: FactorPolicyForm,
) -> Result<FactorPolicy, UseCaseError> {
    let expected = store.policy.as_ref().map_or(0, |(policy, _)| policy.version);
    block_on(set_factor_policy(permit, store, expected, form.check().unwrap(), NOW))
}

fn code(outcome: Result<FactorPolicy, UseCaseError>) -> String {
    match outcome {
        Err(UseCaseError::Denied(denial)) => denial.code.into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_policy_is_stored_audited_and_forgets_every_cached_session_of_the_tenant() {
    let (mut store, permit) = stage();
    let policy = set(&mut store, &permit, form()).unwrap();
    assert_eq!((policy.everyone_since, policy.version), (Some(NOW), 1));
    assert_eq!(store.policy.as_ref().unwrap().0, policy);
    assert_eq!(store.kinds(), ["auth.factor_policy_set"]);
    assert_eq!(store.audit[0].action, "factor_policies.set");
    assert_eq!(store.audit[0].details["to"]["step_up"]["events.cancel"], 15);
    let stale = block_on(set_factor_policy(&permit, &mut store, 0, form().check().unwrap(), NOW));
    assert_eq!(stale, Err(UseCaseError::Stale));
}

#[test]
fn whoever_sets_a_policy_has_a_factor_and_has_just_used_it() {
    let (mut store, permit) = stage();
    store.factors[0].confirmed_at = None;
    assert_eq!(code(set(&mut store, &permit, form())), "auth.factor.none");
    let (mut store, permit) = stage();
    let used = NOW - TimeDelta::minutes(5) - TimeDelta::microseconds(1);
    store.sessions[0].factor = Some(FactorUse { at: used, method: FactorMethod::Totp });
    assert_eq!(code(set(&mut store, &permit, form())), "auth.factor.step_up_required");
    assert_eq!((store.policy, store.decisions.len()), (None, 1));
}

#[test]
fn whoever_sets_a_policy_manages_staff_at_every_location() {
    let (mut store, permit) = stage();
    store.locations.push(OrganizationId::generate(NOW));
    assert_eq!(code(set(&mut store, &permit, form())), "auth.factor_policy.beyond_reach");
}

#[test]
fn a_policy_names_roles_of_the_tenant() {
    let (mut store, permit) = stage();
    let role = RoleId::generate(NOW);
    let named = FactorPolicyForm { role_ids: vec![role], ..form() };
    assert!(matches!(set(&mut store, &permit, named.clone()), Err(UseCaseError::Invalid(_))));
    store.roles.push(role);
    assert_eq!(set(&mut store, &permit, named).unwrap().roles[&role], NOW);
}
