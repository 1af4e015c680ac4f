use super::*;
use crate::{
    Session, User,
    testing::{Memory, NOW, membership, owner, session, user},
};
use futures::executor::block_on;
use tryzore_rbac::{
    OrganizationNode, Override,
    catalogue::{OwnProfile, OwnSecurity},
};

fn employee(at: &[OrganizationId], patterns: &[&str]) -> Holdings {
    Holdings {
        tree: at.iter().map(|at| OrganizationNode { organization: *at, parent: None }).collect(),
        assignments: vec![Assignment {
            role: tryzore_kernel::RoleId::generate(NOW),
            name: "Test".into(),
            patterns: patterns.iter().map(|text| text.parse().unwrap()).collect(),
            scope: Scope::Organization(at[0]),
            expires_at: None,
        }],
        ..Holdings::default()
    }
}

fn grants(holdings: &Holdings) -> std::sync::Arc<Grants> {
    let session = session();
    Grants::compile(session.actor(), session.tenant, None, holdings)
}

/// An owner who impersonates an employee with `patterns` at the first of two locations.
fn stage(patterns: &[&str]) -> (Memory, Session) {
    let (ada, bea, belongs, (holdings, at)) = (user(), user(), membership(), owner());
    let bea = User { email: "bea@example.com".parse().unwrap(), ..bea };
    let session = Session {
        user: ada.id,
        tenant: belongs.tenant,
        organization: Some(at[0]),
        acting: Some(Acting {
            shows: Shows::Person(bea.id),
            organizations: None,
            reason: "A question about the roster".into(),
        }),
        ..session()
    };
    let theirs = employee(&at, patterns);
    let memberships = vec![(ada.id, belongs.clone(), holdings), (bea.id, belongs, theirs)];
    (
        Memory { memberships, users: vec![ada, bea], sessions: vec![session.clone()], ..Memory::default() },
        session,
    )
}

#[test]
fn aut_16_shows_what_the_subject_sees_and_nothing_of_their_account() {
    let (mut store, session) = stage(&["events.view_all"]);
    let view = block_on(view(&mut store, &session)).unwrap().unwrap().unwrap();
    let grants = view.grants(&session);
    assert_eq!(grants.actor().user(), Some(session.subject()));
    assert_eq!(grants.actor().person(), Some(session.user));
    assert!(grants.permit::<OwnProfile>().unwrap().is_read_only());
    assert!(grants.permit::<OwnSecurity>().is_err());
    assert!(grants.permit::<Impersonate>().is_err(), "what the actor holds is not held here");
    assert_eq!(grants.reach(Slug::VIEW_ALL_EVENTS), &tryzore_rbac::Reach::organizations(view.available));
}

#[test]
fn aut_16_ends_at_once_when_the_actor_loses_the_permission_or_the_subject_gains_more() {
    for change in [0, 1, 2] {
        let (mut store, session) = stage(&["events.view_all"]);
        match change {
            0 => store.memberships[0].2.overrides.push(Override {
                pattern: "support.impersonate".parse().unwrap(),
                effect: tryzore_rbac::Effect::Deny,
                organization: None,
                expires_at: None,
            }),
            1 => store.memberships[1].2 = store.memberships[0].2.clone(),
            _ => drop(store.memberships.pop()),
        }
        let refusal = block_on(view(&mut store, &session)).unwrap().unwrap_err();
        assert_eq!(refusal.code(), "auth.acting.ended", "{change}");
    }
}

#[test]
fn aut_16_is_limited_to_the_allowed_locations() {
    let (mut store, mut session) = stage(&["events.view_all"]);
    let at = store.memberships[1].2.tree[0].organization;
    store.memberships[1].2.is_client = true;
    session.acting.as_mut().unwrap().organizations = Some(vec![at]);
    let view = block_on(view(&mut store, &session)).unwrap().unwrap().unwrap();
    assert_eq!(view.available, [at], "a client could be at both locations");
}

#[test]
fn aut_17_support_access_shows_the_approved_permissions_at_every_location_and_nothing_of_a_person() {
    let (mut store, mut session) = stage(&[]);
    let patterns = vec!["events.view_all".parse().unwrap()];
    store.operators = vec![session.user];
    let grant = SupportGrantId::generate(NOW);
    session.acting.as_mut().unwrap().shows = Shows::Tenant { grant, patterns };
    let view = block_on(view(&mut store, &session)).unwrap().unwrap().unwrap();
    let grants = view.grants(&session);
    assert_eq!(view.available.len(), 2);
    assert_eq!((grants.actor().user(), grants.actor().person()), (None, Some(session.user)));
    assert!(grants.held().contains(Slug::VIEW_ALL_EVENTS));
    assert!(!grants.held().contains(Slug::VIEW_ALL_CLIENTS));
    assert!(!grants.held().contains(Slug::OWN_SECURITY));
}

#[test]
fn aut_16_fewer_rights_means_strictly_fewer() {
    let at = [OrganizationId::generate(NOW), OrganizationId::generate(NOW)];
    let admin = grants(&employee(&at, &["events.*", "support.impersonate"]));
    for (theirs, is_fewer) in [
        (employee(&at, &["events.*"]), true),
        (employee(&at, &["events.view_own"]), true),
        (employee(&at, &["events.*", "support.impersonate"]), false),
        (employee(&at, &["clients.view_basic"]), false),
        (employee(&[at[1], at[0]], &["events.view_own"]), false),
        (Holdings { is_client: true, ..employee(&at, &[]) }, true),
    ] {
        assert_eq!(check_fewer_rights(&admin, &theirs).is_ok(), is_fewer, "{theirs:?}");
    }
    let denial = check_fewer_rights(&admin, &employee(&at, &["events.*", "clients.view_basic"])).unwrap_err();
    assert_eq!(denial.because[0].value, serde_json::json!(["clients.view_basic"]));
}
