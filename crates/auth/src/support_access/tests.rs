use super::{grant::MINUTES, *};
use crate::{
    Refusal, Session,
    impersonate::Started,
    testing::{Memory, NOW, membership, origin, owner, permit, session, user},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;
use tryzore_kernel::{OrganizationId, TenantId, UseCaseError};
use tryzore_rbac::{
    Actor, Holdings, Permit, PlatformGrants, PlatformPermit, PlatformSlug, Slug, catalogue::ManageRoles,
    platform::RequestSupportAccess,
};

struct Stage {
    store: Memory,
    operator: PlatformPermit<RequestSupportAccess>,
    owner: Permit<ManageRoles>,
    tenant: TenantId,
    at: Vec<OrganizationId>,
}

/// An operator, and the owner of two locations of a tenant.
fn stage() -> Stage {
    let (ada, operator, belongs, (holdings, at)) = (user(), user(), membership(), owner());
    let signed_in = Session { user: ada.id, tenant: belongs.tenant, ..session() };
    let tenant = belongs.tenant;
    let actor = Actor::User { user: operator.id, session: tryzore_kernel::SessionId::generate(NOW) };
    let grants = PlatformGrants::compile(actor, TenantId::generate(NOW), PlatformSlug::ALL).unwrap();
    let store = Memory {
        memberships: vec![(ada.id, belongs, holdings.clone())],
        operators: vec![operator.id],
        users: vec![ada, operator],
        ..Memory::default()
    };
    let owner = permit(&signed_in, &holdings);
    Stage { store, operator: grants.permit().unwrap(), owner, tenant, at: at.to_vec() }
}

fn form() -> SupportGrantForm {
    SupportGrantForm {
        reason: "A class is missing".into(),
        ticket: Some("SUP-1".into()),
        permissions: vec!["events.view_all".into(), "clients.view_basic".into()],
        organizations: None,
        minutes: 30,
    }
}

impl Stage {
    fn request(&mut self, form: SupportGrantForm) -> Result<SupportGrant, UseCaseError> {
        block_on(request(&self.operator, &mut self.store, self.tenant, form, NOW))
    }

    fn approve(&mut self, grant: &SupportGrant, approval: Approval) -> Result<SupportGrant, UseCaseError> {
        block_on(approve(&self.owner, &mut self.store, grant.id, grant.version, approval, NOW))
    }

    fn enter(&mut self, grant: &SupportGrant, now: DateTime<Utc>) -> Result<Started, Refusal> {
        let named = (self.tenant, grant.id);
        block_on(enter(&self.operator, &mut self.store, named, None, origin(), now)).unwrap()
    }
}

fn pointers(outcome: Result<SupportGrant, UseCaseError>) -> Vec<String> {
    match outcome {
        Err(UseCaseError::Invalid(errors)) => errors.pointers().iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn aut_17_nothing_is_visible_before_the_tenant_approves_and_after_the_time_is_over() {
    let mut stage = stage();
    let requested = stage.request(form()).unwrap();
    let refused = stage.enter(&requested, NOW).unwrap_err();
    assert_eq!(refused.code(), "support_access.not_approved");
    let approved = stage.approve(&requested, Approval::default()).unwrap();
    let until = NOW + TimeDelta::minutes(30);
    assert_eq!(approved.expires_at, Some(until));
    let started = stage.enter(&approved, until - TimeDelta::microseconds(1)).unwrap();
    assert_eq!(started.session.expires_at, until, "a session ends with the approval");
    assert_eq!(started.claims.act.unwrap().sub, started.session.user);
    let refused = stage.enter(&approved, until).unwrap_err();
    assert_eq!(refused.code(), "support_access.not_approved");
}

#[test]
fn aut_17_a_session_lasts_an_hour_at_most() {
    let mut stage = stage();
    let requested = stage.request(SupportGrantForm { minutes: 61, ..form() }).unwrap();
    let approved = stage.approve(&requested, Approval::default()).unwrap();
    let started = stage.enter(&approved, NOW).unwrap();
    assert_eq!(started.session.expires_at, NOW + enter::SUPPORT_SESSION_LIFE);
}

#[test]
fn aut_17_a_revocation_ends_the_sessions_and_an_operator_who_is_dismissed_sees_nothing() {
    let mut stage = stage();
    let requested = stage.request(form()).unwrap();
    let approved = stage.approve(&requested, Approval::default()).unwrap();
    let session = stage.enter(&approved, NOW).unwrap().session;
    let shown = |store: &mut Memory| block_on(crate::acting::view(store, &session)).unwrap();
    assert!(shown(&mut stage.store).is_ok());
    let operators = std::mem::take(&mut stage.store.operators);
    assert_eq!(shown(&mut stage.store).unwrap_err().code(), "auth.acting.ended");
    stage.store.operators = operators;

    let revoked = block_on(revoke(&stage.owner, &mut stage.store, approved.id, "Done", NOW)).unwrap();
    assert_eq!(revoked.status, SupportGrantStatus::Revoked);
    let ended = stage.store.sessions[0].check_live(NOW).unwrap_err();
    assert_eq!(ended.code(), "auth.session.revoked");
    assert!(stage.store.kinds().contains(&"auth.session_revoked"), "caches learn of it");
    assert_eq!(stage.enter(&approved, NOW).unwrap_err().code(), "support_access.not_approved");
    let again = block_on(revoke(&stage.owner, &mut stage.store, approved.id, "Again", NOW)).unwrap();
    assert_eq!(again, revoked);
}

#[test]
fn aut_17_a_withdrawal_ends_the_sessions_too() {
    let mut stage = stage();
    let requested = stage.request(form()).unwrap();
    let approved = stage.approve(&requested, Approval::default()).unwrap();
    stage.enter(&approved, NOW).unwrap();
    let named = approved.id;
    block_on(withdraw(&stage.operator, &mut stage.store, stage.tenant, named, NOW)).unwrap();
    assert!(stage.store.sessions[0].check_live(NOW).is_err());
    let actions: Vec<_> = stage.store.audit.iter().map(|entry| entry.action).collect();
    assert_eq!(
        actions.iter().filter(|action| **action == "support_access.withdraw").count(),
        2,
        "both trails"
    );
}

#[test]
fn aut_17_an_approval_is_never_more_than_was_requested() {
    let mut stage = stage();
    let at = stage.at.clone();
    let wish = SupportGrantForm { organizations: Some(vec![at[0]]), ..form() };
    let requested = stage.request(wish).unwrap();
    let approvals = [
        (Approval { minutes: Some(31), ..Approval::default() }, "/minutes"),
        (Approval { minutes: Some(4), ..Approval::default() }, "/minutes"),
        (
            Approval { permissions: Some(vec!["clients.view_all".into()]), ..Approval::default() },
            "/permissions/0",
        ),
        (Approval { permissions: Some(Vec::new()), ..Approval::default() }, "/permissions"),
        (Approval { organizations: Some(vec![at[1]]), ..Approval::default() }, "/organization_ids"),
        (Approval { organizations: Some(Vec::new()), ..Approval::default() }, "/organization_ids"),
    ];
    for (approval, pointer) in approvals {
        assert_eq!(pointers(stage.approve(&requested, approval)), [pointer]);
    }
    let less =
        Approval { permissions: Some(vec!["events.view_all".into()]), minutes: Some(5), organizations: None };
    let approved = stage.approve(&requested, less).unwrap();
    let view = stage.enter(&approved, NOW).unwrap();
    let shown = block_on(crate::acting::view(&mut stage.store, &view.session)).unwrap().unwrap().unwrap();
    let grants = shown.grants(&view.session);
    assert_eq!(shown.available, [at[0]]);
    assert!(
        grants.held().contains(Slug::VIEW_ALL_EVENTS) && !grants.held().contains(Slug::VIEW_BASIC_CLIENTS)
    );
}

#[test]
fn aut_17_nobody_approves_what_they_do_not_hold_or_decides_twice() {
    let mut stage = stage();
    let requested = stage.request(form()).unwrap();
    let manager = Holdings {
        tree: stage.store.memberships[0].2.tree.clone(),
        assignments: vec![tryzore_rbac::Assignment {
            role: tryzore_kernel::RoleId::generate(NOW),
            name: "Manager".into(),
            patterns: vec!["settings.manage_roles".parse().unwrap(), "events.*".parse().unwrap()],
            scope: tryzore_rbac::Scope::Organization(stage.at[0]),
            expires_at: None,
        }],
        ..Holdings::default()
    };
    let manager: Permit<ManageRoles> = permit(&Session { tenant: stage.tenant, ..session() }, &manager);
    let refused =
        block_on(approve(&manager, &mut stage.store, requested.id, 1, Approval::default(), NOW)).unwrap_err();
    assert!(matches!(refused, UseCaseError::Denied(denial) if denial.code == "rbac.give.exceeds_own"));
    let denied = block_on(deny(&stage.owner, &mut stage.store, requested.id, 1, "Not now", NOW)).unwrap();
    assert_eq!(denied.decided.as_ref().unwrap().because.as_deref(), Some("Not now"));
    assert!(matches!(stage.approve(&requested, Approval::default()), Err(UseCaseError::Stale)));
    let again = stage.approve(&denied, Approval::default()).unwrap_err();
    assert!(matches!(again, UseCaseError::Denied(denial) if denial.code == "support_access.decided"));
}

#[test]
fn aut_17_a_request_names_reason_permissions_and_time() {
    let mut stage = stage();
    for (minutes, is_valid) in
        [(MINUTES.0 - 1, false), (MINUTES.0, true), (MINUTES.1, true), (MINUTES.1 + 1, false)]
    {
        assert_eq!(stage.request(SupportGrantForm { minutes, ..form() }).is_ok(), is_valid, "{minutes}");
    }
    for (permissions, pointer) in [
        (vec![], "/permissions"),
        (vec!["own.profile".to_owned()], "/permissions/0"),
        (vec!["events.view_all".to_owned(), "support.impersonate".to_owned()], "/permissions/1"),
        (vec!["no such".to_owned()], "/permissions/0"),
    ] {
        assert_eq!(pointers(stage.request(SupportGrantForm { permissions, ..form() })), [pointer]);
    }
    assert_eq!(pointers(stage.request(SupportGrantForm { reason: "no".into(), ..form() })), ["/reason"]);
    let unknown = block_on(request(&stage.operator, &mut stage.store, TenantId::generate(NOW), form(), NOW));
    assert!(matches!(unknown, Err(UseCaseError::NotFound("tenant"))));
}
