use super::*;
use crate::{
    Membership,
    testing::{Memory, NOW, membership, origin, owner, permit, session, user},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use tryzore_rbac::{Assignment, OrganizationNode, Scope};

struct Stage {
    store: Memory,
    actor: Session,
    own: Holdings,
    client: UserId,
    at: [OrganizationId; 2],
}

/// An employee who may impersonate at the first of two locations, and a client who is at home there.
fn stage() -> Stage {
    let (ada, belongs, (holdings, at)) = (user(), membership(), owner());
    let at = [at[0], at[1]];
    let own = Holdings {
        tree: holdings.tree,
        assignments: vec![Assignment {
            role: tryzore_kernel::RoleId::generate(NOW),
            name: "Manager".into(),
            patterns: ["support.*", "events.*", "clients.view_cross_org"]
                .map(|it| it.parse().unwrap())
                .into(),
            scope: Scope::Organization(at[0]),
        }],
        ..Holdings::default()
    };
    let bea = User { email: "bea@example.com".parse().unwrap(), ..user() };
    let client = bea.id;
    let tree = at.iter().map(|at| OrganizationNode { organization: *at, parent: None }).collect();
    let theirs = Holdings { tree, is_client: true, ..Holdings::default() };
    let actor = Session { user: ada.id, tenant: belongs.tenant, ..session() };
    let at_home = Membership { home: Some(at[0]), ..belongs.clone() };
    let memberships = vec![(ada.id, belongs, own.clone()), (bea.id, at_home, theirs)];
    let store = Memory { memberships, users: vec![ada, bea], ..Memory::default() };
    Stage { store, actor, own, client, at }
}

impl Stage {
    fn request(&self) -> ImpersonationRequest {
        ImpersonationRequest {
            subject: self.client,
            reason: "Cannot find a booking".into(),
            organization: None,
            organizations: None,
        }
    }

    fn impersonate(&mut self, request: ImpersonationRequest) -> Result<Started, Refusal> {
        let permit = permit(&self.actor, &self.own);
        block_on(impersonate(&permit, &mut self.store, request, origin(), NOW)).unwrap()
    }

    fn code(&mut self, request: ImpersonationRequest) -> String {
        self.impersonate(request).unwrap_err().code().to_owned()
    }
}

#[test]
fn aut_16_lasts_fifteen_minutes_to_the_second_and_cannot_be_renewed() {
    let mut stage = stage();
    let started = stage.impersonate(stage.request()).unwrap();
    let session = started.session;
    assert!(session.check_live(NOW + TimeDelta::minutes(15) - TimeDelta::microseconds(1)).is_ok());
    assert!(session.check_live(NOW + TimeDelta::minutes(15)).is_err());
    assert_eq!(started.claims.exp, session.expires_at.timestamp());
    assert!(stage.store.tokens.is_empty(), "no refresh token");
}

#[test]
fn aut_16_names_both_persons_in_the_token_the_audit_trail_and_the_event() {
    let mut stage = stage();
    let started = stage.impersonate(stage.request()).unwrap();
    let act = started.claims.act.unwrap();
    assert_eq!((started.claims.sub, act.sub), (stage.client, stage.actor.user));
    let entry = &stage.store.audit[0];
    assert_eq!((entry.action, entry.subject), ("impersonations.start", Some(stage.client)));
    assert_eq!(entry.details["reason"], "Cannot find a booking");
    assert_eq!(stage.store.kinds(), ["auth.impersonation_started"]);
    assert_eq!(stage.store.events[0].subject, Some(stage.client));
}

#[test]
fn aut_16_a_client_is_shown_where_the_caller_may_impersonate() {
    let mut stage = stage();
    let started = stage.impersonate(stage.request()).unwrap();
    assert_eq!(started.claims.available_org_ids, [stage.at[0]]);
    assert_eq!(started.session.organization, Some(stage.at[0]));
    let elsewhere = ImpersonationRequest { organizations: Some(vec![stage.at[1]]), ..stage.request() };
    let refusal = stage.impersonate(elsewhere).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { pointer: "/organization_ids", .. }));
    let none = ImpersonationRequest { organizations: Some(Vec::new()), ..stage.request() };
    assert!(matches!(stage.impersonate(none), Err(Refusal::Invalid { pointer: "/organization_ids", .. })));
    let elsewhere = ImpersonationRequest { organization: Some(stage.at[1]), ..stage.request() };
    assert!(matches!(
        stage.impersonate(elsewhere),
        Err(Refusal::Invalid { pointer: "/organization_id", .. })
    ));
}

#[test]
fn aut_16_a_client_of_a_location_that_the_caller_does_not_see_does_not_exist() {
    let mut stage = stage();
    stage.store.memberships[1].1.home = Some(stage.at[1]);
    assert_eq!(stage.code(stage.request()), "not_found");
    let stranger = ImpersonationRequest { subject: UserId::generate(NOW), ..stage.request() };
    assert_eq!(stage.code(stranger), "not_found");
    assert!(stage.store.sessions.is_empty());
}

#[test]
fn aut_16_nobody_impersonates_themselves_or_someone_with_as_many_permissions() {
    let mut stage = stage();
    let oneself = ImpersonationRequest { subject: stage.actor.user, ..stage.request() };
    assert_eq!(stage.code(oneself), "auth.impersonation.oneself");
    stage.store.memberships[1].2 = stage.own.clone();
    assert_eq!(stage.code(stage.request()), "auth.impersonation.not_fewer_rights");
    assert_eq!(stage.store.decisions.len(), 2, "refusals are recorded");
}

#[test]
fn aut_16_a_reason_has_3_to_500_characters() {
    let mut stage = stage();
    for (length, is_valid) in [(2, false), (3, true), (500, true), (501, false)] {
        let request = ImpersonationRequest { reason: "é".repeat(length), ..stage.request() };
        let outcome = stage.impersonate(request);
        assert_eq!(outcome.is_ok(), is_valid, "{length}");
        if let Err(refusal) = outcome {
            assert!(matches!(refusal, Refusal::Invalid { pointer: "/reason", .. }));
        }
    }
}

#[test]
fn aut_16_a_client_of_several_locations_is_shown_only_to_who_may_see_clients_across_them() {
    let mut stage = stage();
    stage.own.assignments[0].patterns.pop();
    stage.store.memberships[0].2 = stage.own.clone();
    let refusal = stage.impersonate(stage.request()).unwrap_err();
    assert!(
        matches!(&refusal, Refusal::Denied(denial) if denial.because[0].value == "clients.view_cross_org")
    );
    stage.own.assignments[0].scope = Scope::Subtree(stage.at[0]);
    stage.own.tree[1].parent = Some(stage.at[0]);
    stage.store.memberships[0].2 = stage.own.clone();
    let tree = stage.own.tree.clone();
    stage.store.memberships[1].2.tree = tree;
    assert!(stage.impersonate(stage.request()).is_ok(), "who may impersonate everywhere");
}
