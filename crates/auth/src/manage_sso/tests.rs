use super::*;
use crate::{
    Session,
    sso::{ConnectionState, DomainState, tests::link},
    testing::{Memory, NOW, owner, permit, session},
};
use chrono::TimeDelta;
use futures::executor::block_on;

/// An owner of all locations whose tenant is linked, and who signed in by single sign-on at `proven`.
fn stage(proven: Option<DateTime<Utc>>) -> (Memory, Permit<ManageRoles>) {
    let ((holdings, at), here): (_, Session) = (owner(), session());
    let link = SsoLink { required_since: None, ..link(here.tenant) };
    let sign_ins = proven.map(|at| (here.id, link.provider_organization.clone(), at));
    let store = Memory {
        sso: vec![link],
        sso_sign_ins: sign_ins.into_iter().collect(),
        locations: at.to_vec(),
        ..Memory::default()
    };
    (store, permit(&here, &holdings))
}

fn require(
    store: &mut Memory,
    permit: &Permit<ManageRoles>,
    is_required: bool,
) -> Result<SsoLink, UseCaseError> {
    let expected = store.sso[0].version;
    block_on(set_sso_policy(permit, store, (expected, is_required), NOW))
}

fn code<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> String {
    match outcome {
        Err(UseCaseError::Denied(denial)) => denial.code.into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn aut_09_only_who_signed_in_by_it_within_the_hour_can_require_it() {
    let (mut store, permit) = stage(Some(NOW - TimeDelta::hours(1)));
    let link = require(&mut store, &permit, true).unwrap();
    assert_eq!((link.required_since, link.version), (Some(NOW), 2));
    assert_eq!((store.kinds(), store.audit[0].action), (vec!["auth.sso_policy_set"], "sso_links.set_policy"));
    for proven in [None, Some(NOW - TimeDelta::hours(1) - TimeDelta::microseconds(1))] {
        let (mut store, permit) = stage(proven);
        assert_eq!(code(require(&mut store, &permit, true)), "auth.sso.not_proven");
        assert_eq!(store.decisions.len(), 1);
        assert!(require(&mut store, &permit, false).is_ok(), "taking it back needs no proof");
    }
}

#[test]
fn the_single_sign_on_of_another_organization_proves_nothing() {
    let (mut store, permit) = stage(Some(NOW));
    store.sso[0].provider_organization = "org_2".into();
    assert_eq!(code(require(&mut store, &permit, true)), "auth.sso.not_proven");
}

#[test]
fn only_what_works_can_be_required() {
    let (mut store, permit) = stage(Some(NOW));
    store.sso[0].connections[0].state = ConnectionState::Inactive;
    assert_eq!(code(require(&mut store, &permit, true)), "auth.sso.not_ready");
    let (mut store, permit) = stage(Some(NOW));
    store.sso[0].domains[0].state = DomainState::Pending;
    assert_eq!(code(require(&mut store, &permit, true)), "auth.sso.not_ready");
}

#[test]
fn a_policy_that_was_changed_since_is_not_overwritten() {
    let (mut store, permit) = stage(Some(NOW));
    let stale = block_on(set_sso_policy(&permit, &mut store, (0, true), NOW));
    assert_eq!(stale, Err(UseCaseError::Stale));
}

#[test]
fn whoever_does_not_manage_roles_everywhere_changes_nothing() {
    let (mut store, permit) = stage(Some(NOW));
    let elsewhere = OrganizationId::generate(NOW);
    store.locations.push(elsewhere);
    assert_eq!(code(require(&mut store, &permit, true)), "auth.sso.beyond_reach");
    let gone = block_on(unlink_sso(&permit, &mut store, NOW));
    assert_eq!(code(gone), "auth.sso.beyond_reach");
    assert_eq!((store.sso.len(), store.audit.len()), (1, 0));
}

#[test]
fn linking_again_keeps_the_policy_of_the_same_organization_and_unlinking_ends_it() {
    let (mut store, permit) = stage(Some(NOW));
    require(&mut store, &permit, true).unwrap();
    let relink = |store: &mut Memory, id: &str| {
        let found = SsoOrganization { id: id.into(), connections: Vec::new(), domains: Vec::new() };
        block_on(link_sso(&permit, store, found, NOW)).unwrap()
    };
    assert_eq!(relink(&mut store, "org_1").required_since, Some(NOW));
    assert_eq!(relink(&mut store, "org_2").required_since, None);
    for _ in 0..2 {
        block_on(unlink_sso(&permit, &mut store, NOW)).unwrap();
    }
    assert_eq!(store.sso.len(), 0);
    assert_eq!(store.kinds().iter().filter(|kind| **kind == "auth.sso_unlinked").count(), 1);
}
