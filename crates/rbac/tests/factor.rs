//! Permissions that require a second factor (AUT-04, SUP-09).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeMap, sync::Arc};
use tryzore_kernel::{ApiKeyId, OrganizationId, RoleId, SessionId, TenantId, UserId, id::uuid_at};
use tryzore_rbac::{
    Actor, Assignment, EnrollmentDue, FactorStanding, Grants, Holdings, OrganizationNode, Permission, Permit,
    Reach, Scope, Slug, StepUp, SystemActor,
    catalogue::{CancelEvent, EditEvent, OwnProfile, ViewOrganizations},
};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const A_MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// Overriding a decision, with a reason.
#[derive(Debug)]
enum Overrule {}

impl Permission for Overrule {
    const FULL: Slug = Slug::MANUAL_OVERRIDE;
}

fn id<T: From<uuid::Uuid>>() -> T {
    uuid_at(NOW).into()
}

fn holdings(patterns: &[&str], at: OrganizationId) -> Holdings {
    Holdings {
        tree: vec![OrganizationNode { organization: at, parent: None }],
        assignments: vec![Assignment {
            role: id::<RoleId>(),
            name: "Test".into(),
            patterns: patterns.iter().map(|pattern| pattern.parse().unwrap()).collect(),
            scope: Scope::Organization(at),
        }],
        ..Holdings::default()
    }
}

fn grants(patterns: &[&str], factor: FactorStanding, now: DateTime<Utc>) -> Arc<Grants> {
    let (actor, at) = (Actor::User { user: id::<UserId>(), session: id::<SessionId>() }, id());
    Grants::compile(actor, id::<TenantId>(), Some(at), &holdings(patterns, at)).with_factor(factor, now)
}

fn rule(slug: Slug, minutes: u16) -> StepUp {
    StepUp::new(BTreeMap::from([(slug, minutes)]))
}

fn code<P: Permission>(permit: Result<Permit<P>, tryzore_kernel::Denial>) -> String {
    permit.map_or_else(|denial| denial.code.into_owned(), |_| "allowed".to_owned())
}

#[test]
fn a_factor_counts_for_as_many_minutes_as_the_rule_says() {
    let factor = FactorStanding {
        used_at: Some(NOW),
        step_up: rule(Slug::CANCEL_EVENT, 15),
        ..FactorStanding::default()
    };
    let grants = grants(&["events.*"], factor, NOW);
    let end = NOW + TimeDelta::minutes(15);
    assert!(grants.permit_at::<CancelEvent>(end).is_ok());
    let denial = grants.permit_at::<CancelEvent>(end + A_MICROSECOND).err().unwrap();
    assert_eq!(denial.code, "auth.factor.step_up_required");
    let facts: Vec<_> = denial.because.iter().map(|fact| (&*fact.fact, fact.value.clone())).collect();
    assert_eq!(
        facts,
        [
            ("permission", "events.cancel".into()),
            ("within_minutes", 15.into()),
            ("last_used_at", serde_json::to_value(NOW).unwrap())
        ]
    );
    assert_eq!(denial.remedy.unwrap().action.unwrap(), "verify_factor");
    assert!(grants.permit_at::<EditEvent>(end + A_MICROSECOND).is_ok(), "another permission");
}

#[test]
fn a_rule_for_either_slug_of_an_operation_applies_to_whoever_holds_that_slug() {
    let factor = |slug| FactorStanding { step_up: rule(slug, 15), ..FactorStanding::default() };
    let required = "auth.factor.step_up_required";
    for (held, slug, expected) in [
        ("events.edit_all", Slug::EDIT_ALL_EVENTS, required),
        ("events.edit_own", Slug::EDIT_OWN_EVENTS, required),
        ("events.edit_*", Slug::EDIT_OWN_EVENTS, required),
        ("events.edit_*", Slug::EDIT_ALL_EVENTS, required),
        ("events.edit_own", Slug::EDIT_ALL_EVENTS, "allowed"),
        ("clients.view_all", Slug::EDIT_ALL_EVENTS, "rbac.permission.missing"),
    ] {
        let grants = grants(&[held], factor(slug), NOW);
        assert_eq!(code(grants.permit_at::<EditEvent>(NOW)), expected, "{held}, a rule for {slug}");
    }
}

#[test]
fn where_the_time_is_not_known_no_factor_is_recent_enough() {
    let factor = FactorStanding {
        used_at: Some(NOW),
        step_up: rule(Slug::CANCEL_EVENT, 15),
        ..FactorStanding::default()
    };
    let grants = grants(&["events.*"], factor, NOW);
    assert_eq!(code(grants.permit::<CancelEvent>()), "auth.factor.step_up_required");
    assert!(grants.permit::<EditEvent>().is_ok());
}

#[test]
fn sup_09_an_override_requires_a_factor_within_five_minutes_whatever_the_tenant_has_set() {
    let five = NOW + TimeDelta::minutes(5);
    for (set, allowed) in [(None, 5), (Some(60), 5), (Some(2), 2)] {
        let step_up = set.map(|minutes| rule(Slug::MANUAL_OVERRIDE, minutes)).unwrap_or_default();
        let factor = FactorStanding { used_at: Some(NOW), step_up, ..FactorStanding::default() };
        let grants = grants(&["support.*"], factor, NOW);
        let end = NOW + TimeDelta::minutes(allowed);
        assert!(grants.permit_at::<Overrule>(end).is_ok(), "{set:?}");
        assert!(grants.permit_at::<Overrule>(end + A_MICROSECOND).is_err(), "{set:?}");
        assert!(end <= five);
    }
    let at = id();
    let actor = Actor::User { user: id(), session: id() };
    let bare = Grants::compile(actor, id(), Some(at), &holdings(&["*"], at));
    assert_eq!(code(bare.permit_at::<Overrule>(NOW)), "auth.factor.step_up_required", "without any standing");
    assert_eq!(code(bare.permit::<Overrule>()), "auth.factor.step_up_required");
    let system = Permit::<OwnProfile>::system(id(), SystemActor::Worker);
    assert!(system.grants().permit_at::<Overrule>(NOW).is_ok(), "a part of the product has no factor");
}

#[test]
fn a_key_holds_no_permission_that_requires_a_factor() {
    let at = id();
    let key = Grants::compile_for_key(id::<ApiKeyId>(), id(), id(), at, &holdings(&["*"], at));
    assert!(key.permit_at::<CancelEvent>(NOW).is_ok());
    assert_eq!(code(key.permit_at::<Overrule>(NOW)), "auth.person_required");
    let factor = FactorStanding {
        used_at: Some(NOW),
        step_up: rule(Slug::CANCEL_EVENT, 15),
        ..FactorStanding::default()
    };
    let key = key.with_factor(factor, NOW);
    assert_eq!(code(key.permit_at::<CancelEvent>(NOW)), "auth.person_required");
    assert_eq!(
        (key.held().contains(Slug::CANCEL_EVENT), key.reach(Slug::CANCEL_EVENT)),
        (false, &Reach::Nowhere)
    );
    assert!(key.permit_at::<EditEvent>(NOW).is_ok());
}

#[test]
fn after_the_grace_a_person_without_a_factor_keeps_only_what_is_their_own() {
    let due = EnrollmentDue { required_since: NOW, grace_ends_at: NOW + TimeDelta::days(14) };
    let factor = FactorStanding { enrollment: Some(due), ..FactorStanding::default() };
    let end = due.grace_ends_at;
    // Grants that were compiled within the grace and are still cached when it ends.
    let cached = grants(&["*"], factor.clone(), end - A_MICROSECOND);
    assert!(cached.permit_at::<CancelEvent>(end - A_MICROSECOND).is_ok());
    assert!(cached.held().contains(Slug::CANCEL_EVENT));
    let fresh = grants(&["*"], factor, end);
    assert_eq!(fresh.held().iter().collect::<Vec<_>>(), [Slug::OWN_PROFILE, Slug::OWN_SECURITY]);
    assert_eq!(fresh.reach(Slug::VIEW_ALL_EVENTS), &Reach::Nowhere, "no event of the stream is theirs");
    for grants in [cached, fresh] {
        let denial = grants.permit_at::<CancelEvent>(end).err().unwrap();
        assert_eq!(denial.code, "auth.factor.enrollment_required");
        assert_eq!(denial.because[0].value, serde_json::to_value(NOW).unwrap());
        assert_eq!(denial.because[1].value, serde_json::to_value(end).unwrap());
        assert_eq!(denial.remedy.unwrap().action.unwrap(), "enroll_totp");
        assert_eq!(code(grants.permit_at::<ViewOrganizations>(end)), "auth.factor.enrollment_required");
        assert!(grants.permit_at::<OwnProfile>(end).is_ok());
    }
}

#[test]
fn whoever_lacks_a_permission_is_told_so_and_not_that_a_factor_is_missing() {
    let due = EnrollmentDue { required_since: NOW, grace_ends_at: NOW };
    let factor = FactorStanding { enrollment: Some(due), ..FactorStanding::default() };
    let grants = grants(&["clients.view_all"], factor, NOW);
    assert_eq!(code(grants.permit_at::<CancelEvent>(NOW)), "rbac.permission.missing");
}
