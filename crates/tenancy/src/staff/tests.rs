//! Tests of the staff use cases with a store in memory (TEN-06, ONB-09).

use super::{
    AssignmentForm, Employee, Invitation, InvitationForm, Invited, accept, assign, dismiss, invite,
    issue_link, resend, revoke, unassign,
};
use crate::{TenantStatus, UseCaseError, testing::NOW};
use futures::executor::block_on;
use std::sync::Arc;
use tryzore_kernel::{Decision, Email, OrganizationId, Published, SessionId, TenantId, UserId};
use tryzore_rbac::{
    Actor, Assignment, Grants, Holdings, OrganizationNode, Permit, SystemActor,
    catalogue::ManageStaff,
    manage::{Role, RoleScope, role::names},
    preset::PRESETS,
};

mod store;

/// Main and Downtown, the presets, and the employees of the test.
struct TestStore {
    main: OrganizationId,
    downtown: OrganizationId,
    roles: Vec<Role>,
    staff: Vec<Employee>,
    invitations: Vec<Invitation>,
    users: Vec<(Email, UserId)>,
    members: Vec<(UserId, OrganizationId)>,
    published: Vec<Published>,
    denied: Vec<Decision>,
    tenant: TenantStatus,
}

impl TestStore {
    fn new() -> Self {
        Self {
            main: OrganizationId::generate(NOW),
            downtown: OrganizationId::generate(NOW),
            roles: PRESETS.iter().map(|preset| Role::from_preset(preset, NOW)).collect(),
            staff: vec![],
            invitations: vec![],
            users: vec![],
            members: vec![],
            published: vec![],
            denied: vec![],
            tenant: TenantStatus::Active,
        }
    }

    fn role(&self, preset: &str) -> &Role {
        self.roles.iter().find(|role| role.preset.as_deref() == Some(preset)).unwrap()
    }

    fn hire(&mut self, preset: &str, at: OrganizationId) -> UserId {
        let user = UserId::generate(NOW);
        let email = format!("{}@example.com", user.uuid().simple()).parse().unwrap();
        let employee = Employee::new(user, "Grace".into(), email, None, NOW);
        self.staff.push(employee.assign(at, self.role(preset).id, true, NOW));
        user
    }

    fn permit(&self, user: UserId) -> Permit<ManageStaff> {
        let employee = self.staff.iter().find(|employee| employee.user == user).unwrap();
        let assignments = employee.assignments().iter().map(|held| {
            let role = self.roles.iter().find(|role| role.id == held.role).unwrap();
            let scope = role.scope.at(held.organization);
            Assignment { role: role.id, name: "".into(), patterns: role.patterns.clone(), scope }
        });
        let is_owner = |held: &super::Assignment| held.role == self.role("enterprise_owner").id;
        let owned =
            if employee.assignments().iter().any(is_owner) { vec![self.main, self.downtown] } else { vec![] };
        let holdings =
            Holdings { tree: self.tree(), owned, assignments: assignments.collect(), ..Holdings::default() };
        let actor = Actor::User { user, session: SessionId::generate(NOW) };
        let grants: Arc<Grants> = Grants::compile(actor, TenantId::generate(NOW), None, &holdings);
        grants.permit().unwrap()
    }

    fn tree(&self) -> Vec<OrganizationNode> {
        [self.main, self.downtown]
            .map(|organization| OrganizationNode { organization, parent: None })
            .to_vec()
    }

    fn form(&self, preset: &str, email: &str, at: OrganizationId) -> InvitationForm {
        let role = self.role(preset);
        InvitationForm {
            name: "Ada".into(),
            email: email.into(),
            phone: None,
            role: role.id,
            primary_organization: at,
            other_organizations: vec![],
            reviewed_permissions: names(role.permissions()).into_iter().map(Into::into).collect(),
        }
    }

    fn kinds(&self) -> Vec<&str> {
        self.published.iter().map(|event| &*event.kind).collect()
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> String {
    match outcome.unwrap_err() {
        UseCaseError::Denied(denial) => denial.code.into_owned(),
        other => other.to_string(),
    }
}

#[test]
fn onb_09_an_invitation_is_sent_linked_and_accepted() {
    let mut store = TestStore::new();
    let owner = store.hire("enterprise_owner", store.main);
    let (permit, main) = (store.permit(owner), store.main);
    let draft = store.form("trainer", "ada@example.com", main).check().unwrap();
    let Ok(Invited::Invitation(sent)) = block_on(invite(&permit, &mut store, draft, NOW)) else { panic!() };
    assert_eq!(
        (store.kinds(), sent.token),
        (vec!["tenancy.invitation_due"], None),
        "the mailer asks for the link"
    );
    let system = Permit::system(permit.tenant(), SystemActor::Onboarding);
    let link = block_on(issue_link(&system, &mut store, sent.id, [9; 32], NOW)).unwrap();
    let (ada, eve) = (UserId::generate(NOW), UserId::generate(NOW));
    store.users.push(("eve@example.com".parse().unwrap(), eve));
    let early = block_on(accept(&system, &mut store, &link.token, NOW));
    assert_eq!(code(early), "staff.accept.unclaimed");
    store.users.push((link.email, ada));
    let closed =
        [(TenantStatus::Suspended, "tenants.suspended"), (TenantStatus::Deleted, "no such invitation")];
    for (status, expected) in closed {
        store.tenant = status;
        assert_eq!(code(block_on(accept(&system, &mut store, &link.token, NOW))), expected, "TEN-04");
    }
    store.tenant = TenantStatus::Active;
    for _ in 0..2 {
        let joined = block_on(accept(&system, &mut store, &link.token, NOW)).unwrap();
        assert_eq!((joined.home, joined.employee.user), (Some(main), ada));
    }
    let kinds = store.kinds();
    assert_eq!(&kinds[1..], ["tenancy.employee_joined", "rbac.grants_changed"], "accepting is idempotent");
    assert_eq!(store.members, [(ada, main)]);
    assert_eq!(code(block_on(resend(&permit, &mut store, sent.id, NOW))), "staff.invitation.accepted");
    assert_eq!(code(block_on(revoke(&permit, &mut store, sent.id, NOW))), "staff.invitation.accepted");
}

#[test]
fn onb_09_an_invitation_of_someone_who_was_dismissed_hires_nobody_until_a_colleague_sends_it_again() {
    let mut store = TestStore::new();
    let (owner, main) = (store.hire("enterprise_owner", store.main), store.main);
    let manager = store.hire("location_owner", store.main);
    let (permit, of_owner) = (store.permit(manager), store.permit(owner));
    let draft = store.form("trainer", "second@example.com", main).check().unwrap();
    let Ok(Invited::Invitation(sent)) = block_on(invite(&permit, &mut store, draft, NOW)) else { panic!() };
    let system = Permit::system(permit.tenant(), SystemActor::Onboarding);
    let link = block_on(issue_link(&system, &mut store, sent.id, [9; 32], NOW)).unwrap();
    store.users.push((link.email, UserId::generate(NOW)));
    block_on(dismiss(&of_owner, &mut store, manager, NOW)).unwrap();
    let refused = block_on(accept(&system, &mut store, &link.token, NOW));
    assert_eq!(code(refused), "staff.accept.inviter_lost_rights");
    block_on(resend(&of_owner, &mut store, sent.id, NOW)).unwrap();
    let link = block_on(issue_link(&system, &mut store, sent.id, [8; 32], NOW)).unwrap();
    assert!(block_on(accept(&system, &mut store, &link.token, NOW)).is_ok());
}

#[test]
fn onb_09_a_role_that_grew_since_the_invitation_is_not_accepted() {
    let mut store = TestStore::new();
    let (owner, main) = (store.hire("enterprise_owner", store.main), store.main);
    let (permit, role) = (store.permit(owner), store.role("trainer").id);
    let draft = store.form("trainer", "ada@example.com", main).check().unwrap();
    let Ok(Invited::Invitation(sent)) = block_on(invite(&permit, &mut store, draft, NOW)) else { panic!() };
    assert_eq!(sent.reviewed_scope, RoleScope::Organization);
    let system = Permit::system(permit.tenant(), SystemActor::Onboarding);
    let link = block_on(issue_link(&system, &mut store, sent.id, [9; 32], NOW)).unwrap();
    store.users.push((link.email, UserId::generate(NOW)));
    let trainer = store.roles.iter().position(|known| known.id == role).unwrap();
    let before = store.roles[trainer].clone();
    store.roles[trainer].scope = RoleScope::Subtree;
    let farther = block_on(accept(&system, &mut store, &link.token, NOW));
    assert_eq!(code(farther), "staff.accept.role_changed");
    store.roles[trainer] = Role { patterns: vec!["events.*".parse().unwrap()], ..before.clone() };
    let more = block_on(accept(&system, &mut store, &link.token, NOW));
    assert_eq!(code(more), "staff.accept.role_changed");
    store.roles[trainer] = before;
    assert!(block_on(accept(&system, &mut store, &link.token, NOW)).is_ok());
}

#[test]
fn ten_06_assignments_at_hidden_locations_are_not_revealed() {
    let mut store = TestStore::new();
    let (main, downtown) = (store.main, store.downtown);
    let (boss, trainer) = (store.hire("location_owner", main), store.hire("trainer", main));
    let permit = store.permit(boss);
    let ask = |store: &mut TestStore| code(block_on(unassign(&permit, store, trainer, downtown, NOW)));
    let before = ask(&mut store);
    let role = store.role("trainer").id;
    let employee = store.staff.iter_mut().find(|employee| employee.user == trainer).unwrap();
    *employee = employee.assign(downtown, role, false, NOW);
    assert_eq!((before.as_str(), ask(&mut store)), ("no such assignment", "no such assignment".into()));
}

#[test]
fn onb_09_the_denial_names_the_permissions_that_the_inviter_lacks() {
    let mut store = TestStore::new();
    let (boss, main, downtown) = (store.hire("location_owner", store.main), store.main, store.downtown);
    let permit = store.permit(boss);
    let mut ask = |preset: &str, at| {
        let draft = store.form(preset, "ada@example.com", at).check().unwrap();
        block_on(invite(&permit, &mut store, draft, NOW))
    };
    assert_eq!(code(ask("trainer", downtown)), "no such organization");
    assert_eq!(code(ask("enterprise_owner", main)), "staff.role.comes_with_owning");
    assert!(ask("location_owner", main).is_ok(), "the caller holds all of it");
    assert_eq!(store.denied.len(), 1, "a hidden location leaves no decision");
}

#[test]
fn ten_06_nobody_dismisses_an_employee_with_more_permissions() {
    let mut store = TestStore::new();
    let (owner, boss) =
        (store.hire("enterprise_owner", store.main), store.hire("location_owner", store.main));
    let (permit, all, main) = (store.permit(boss), store.permit(owner), store.main);
    assert_eq!(code(block_on(dismiss(&permit, &mut store, owner, NOW))), "rbac.give.exceeds_own");
    let form = AssignmentForm { organization: main, role: store.role("trainer").id, is_primary: false };
    assert_eq!(code(block_on(assign(&permit, &mut store, owner, form, NOW))), "rbac.give.exceeds_own");
    assert_eq!(
        code(block_on(assign(&all, &mut store, owner, form, NOW))),
        "staff.last_owner",
        "the last owner cannot change their own role either"
    );
    assert_eq!(block_on(dismiss(&all, &mut store, boss, NOW)), Ok(()));
}

#[test]
fn ten_06_the_last_role_ends_the_employment() {
    let mut store = TestStore::new();
    let (owner, trainer) = (store.hire("enterprise_owner", store.main), store.hire("trainer", store.main));
    let (permit, main, downtown) = (store.permit(owner), store.main, store.downtown);
    let form = AssignmentForm { organization: downtown, role: store.role("front_desk").id, is_primary: true };
    let employee = block_on(assign(&permit, &mut store, trainer, form, NOW)).unwrap();
    assert_eq!((employee.home(), store.members.clone()), (Some(downtown), vec![(trainer, downtown)]));
    assert_eq!(
        block_on(assign(&permit, &mut store, trainer, form, NOW)).unwrap(),
        employee,
        "repeating the assignment changes nothing"
    );
    assert_eq!(store.kinds(), ["tenancy.employee_assigned", "rbac.grants_changed"]);
    let left = block_on(unassign(&permit, &mut store, trainer, downtown, NOW)).unwrap().unwrap();
    assert_eq!(left.home(), Some(main));
    assert_eq!(block_on(unassign(&permit, &mut store, trainer, main, NOW)), Ok(None));
    assert_eq!((store.members.len(), store.staff.len()), (0, 1));
    assert_eq!(code(block_on(unassign(&permit, &mut store, trainer, main, NOW))), "no such employee");
}
