//! Tests of managing roles, with a test tenant in memory (RBA-02, RBA-03).

use super::testing::{NOW, TestTenant};
use crate::{
    Effect, Slug,
    explain::Ground,
    manage::{
        PermissionOverride, RoleDraft, RoleScope, UseCaseError, clear_override, create_role, delete_role,
        edit_role, explain, seed_presets, set_override, who_can,
    },
};
use futures::executor::block_on;
use tryzore_kernel::{OrganizationId, UserId};

fn draft(name: &str, patterns: &[&str]) -> RoleDraft {
    RoleDraft {
        name: name.into(),
        description: String::new(),
        scope: RoleScope::Organization,
        patterns: patterns.iter().map(|p| p.parse().unwrap()).collect(),
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> String {
    match outcome.unwrap_err() {
        UseCaseError::Denied(denial) => denial.code.into_owned(),
        other => other.to_string(),
    }
}

fn permission_override(
    user: UserId,
    pattern: &str,
    effect: Effect,
    organization: Option<OrganizationId>,
) -> PermissionOverride {
    PermissionOverride {
        user,
        pattern: pattern.parse().unwrap(),
        effect,
        organization,
        reason: "why".into(),
        created_at: NOW,
        expires_at: None,
    }
}

#[test]
fn rba_02_seeding_is_idempotent() {
    let mut chain = TestTenant::new();
    chain.roles.clear();
    let first = block_on(seed_presets(&mut chain, NOW)).unwrap();
    let keys: Vec<_> = first.iter().map(|role| role.preset.clone().unwrap()).collect();
    let expected =
        ["enterprise_owner", "location_owner", "regional_manager", "admin", "trainer", "front_desk"];
    assert_eq!(keys, expected);
    assert_eq!(block_on(seed_presets(&mut chain, NOW)).unwrap(), first);
    assert_eq!(chain.roles.len(), 6);
}

#[test]
fn rba_03_a_role_contains_at_most_the_permissions_of_its_creator() {
    let mut chain = TestTenant::new();
    let manager = chain.hire("admin", chain.main);
    chain.overrides.push(permission_override(
        manager,
        "settings.manage_roles",
        Effect::Allow,
        Some(chain.main),
    ));
    let permit = chain.manager(manager);
    let refused = block_on(create_role(&permit, &mut chain, draft("Boss", &["*"]), NOW));
    assert_eq!(code(refused), "rbac.give.exceeds_own");
    assert_eq!(chain.decisions.len(), 1);
    let role = block_on(create_role(&permit, &mut chain, draft("Scheduler", &["events.*"]), NOW)).unwrap();
    assert_eq!(chain.audit[0].target, role.id.uuid());
    let again = block_on(create_role(&permit, &mut chain, draft("SCHEDULER", &["events.*"]), NOW));
    assert_eq!(code(again), "rbac.role.name_taken");
}

#[test]
fn rba_03_presets_can_be_assigned_but_not_changed() {
    let mut chain = TestTenant::new();
    let owner = chain.owner(&[chain.main]);
    let (permit, trainer) = (chain.manager(owner), chain.roles[4].id);
    let edit = block_on(edit_role(&permit, &mut chain, trainer, 1, draft("T", &["events.*"]), NOW));
    assert_eq!(code(edit), "rbac.role.preset");
    assert_eq!(code(block_on(delete_role(&permit, &mut chain, trainer, 1))), "rbac.role.preset");
}

#[test]
fn rba_03_a_role_in_use_is_not_deleted_and_its_change_reaches_those_who_have_it() {
    let mut chain = TestTenant::new();
    let owner = chain.owner(&[chain.main, chain.downtown]);
    let permit = chain.manager(owner);
    let role = block_on(create_role(&permit, &mut chain, draft("Guide", &["events.view_all"]), NOW)).unwrap();
    let guide = chain.hire("Guide", chain.downtown);
    assert_eq!(code(block_on(delete_role(&permit, &mut chain, role.id, 1))), "rbac.role.in_use");
    let stale = block_on(edit_role(&permit, &mut chain, role.id, 2, draft("Guide", &["events.*"]), NOW));
    assert_eq!(stale, Err(UseCaseError::Stale));
    let edited =
        block_on(edit_role(&permit, &mut chain, role.id, 1, draft("Guide", &["events.*"]), NOW)).unwrap();
    assert_eq!((edited.version, chain.changed()), (2, vec![guide]));
    chain.assigned.retain(|(user, ..)| *user != guide);
    chain.offers = vec![(role.id, chain.downtown)];
    assert_eq!(code(block_on(delete_role(&permit, &mut chain, role.id, 2))), "rbac.role.in_use");
    chain.offers.clear();
    assert_eq!(block_on(delete_role(&permit, &mut chain, role.id, 2)), Ok(()));
}

#[test]
fn a_role_in_use_at_other_locations_cannot_be_changed() {
    let mut chain = TestTenant::new();
    let owner = chain.owner(&[chain.main, chain.westside]);
    let all = chain.manager(owner);
    let role = block_on(create_role(&all, &mut chain, draft("Guide", &["events.view_all"]), NOW)).unwrap();
    chain.hire("Guide", chain.westside);
    let local = chain.hire("location_owner", chain.main);
    let permit = chain.manager(local);
    let edit = block_on(edit_role(&permit, &mut chain, role.id, 1, draft("Guide", &["events.*"]), NOW));
    assert_eq!(code(edit), "rbac.role.used_elsewhere");
    assert!(block_on(edit_role(&all, &mut chain, role.id, 1, draft("Guide", &["events.*"]), NOW)).is_ok());
}

#[test]
fn rba_03_an_offered_role_is_changed_under_the_same_rules_as_an_assigned_role() {
    let mut chain = TestTenant::new();
    let boss = chain.hire("location_owner", chain.region);
    let permit = chain.manager(boss);
    let role = block_on(create_role(&permit, &mut chain, draft("Second", &["*"]), NOW)).unwrap();
    let wide = || RoleDraft { scope: RoleScope::Subtree, ..draft("Second", &["*"]) };
    chain.offers = vec![(role.id, chain.region)];
    let widened = block_on(edit_role(&permit, &mut chain, role.id, 1, wide(), NOW));
    assert_eq!(code(widened), "rbac.role.used_elsewhere", "it would reach main and downtown");
    let narrowed = draft("Second", &["events.*"]);
    assert!(block_on(edit_role(&permit, &mut chain, role.id, 1, narrowed, NOW)).is_ok(), "all within reach");
    assert_eq!(chain.audit.last().unwrap().organizations, [chain.region]);
    chain.offers = vec![(role.id, chain.westside)];
    let elsewhere = block_on(edit_role(&permit, &mut chain, role.id, 2, draft("Second", &["*"]), NOW));
    assert_eq!(code(elsewhere), "rbac.role.used_elsewhere", "offered where the caller manages nothing");
    chain.offers = vec![(role.id, OrganizationId::generate(NOW))];
    let closed = block_on(edit_role(&permit, &mut chain, role.id, 2, wide(), NOW));
    assert!(closed.is_ok(), "an invitation to a closed location grants nothing");
}

#[test]
fn rba_03_a_person_at_other_locations_is_hidden() {
    let mut chain = TestTenant::new();
    let (main, downtown) = (chain.main, chain.downtown);
    let (boss, colleague) = (chain.hire("location_owner", downtown), chain.hire("trainer", main));
    let (permit, stranger) = (chain.manager(boss), UserId::generate(NOW));
    for user in [colleague, stranger] {
        let granted = permission_override(user, "events.create", Effect::Allow, Some(downtown));
        let pattern = granted.pattern.clone();
        assert_eq!(code(block_on(set_override(&permit, &mut chain, granted, NOW))), "no such employee");
        let undone = block_on(clear_override(&permit, &mut chain, user, pattern, Some(downtown), NOW));
        assert_eq!(code(undone), "no such employee");
        let why = block_on(explain(&permit, &mut chain, user, Slug::CREATE_EVENT, downtown));
        assert_eq!(code(why), "no such employee");
    }
    assert_eq!(chain.decisions.len(), 0, "a hidden person leaves no decision");
    // An override that somebody else set at Downtown makes the person visible to those who manage roles
    // there.
    let granted = permission_override(colleague, "events.create", Effect::Allow, Some(downtown));
    chain.overrides.push(granted.clone());
    assert!(block_on(explain(&permit, &mut chain, colleague, Slug::CREATE_EVENT, downtown)).unwrap().allowed);
    let undo = clear_override(&permit, &mut chain, colleague, granted.pattern, Some(downtown), NOW);
    assert_eq!(block_on(undo), Ok(()));
}

#[test]
fn rba_03_an_override_grants_and_takes_only_what_its_author_holds() {
    let mut chain = TestTenant::new();
    let (main, downtown) = (chain.main, chain.downtown);
    let boss = chain.hire("location_owner", main);
    let trainer = chain.hire("trainer", main);
    let permit = chain.manager(boss);
    let mut set = |permission_override| {
        chain.published.clear();
        block_on(set_override(&permit, &mut chain, permission_override, NOW)).map(|_| chain.changed())
    };
    assert_eq!(
        set(permission_override(trainer, "events.cancel", Effect::Allow, Some(main))),
        Ok(vec![trainer])
    );
    assert_eq!(
        code(set(permission_override(trainer, "events.cancel", Effect::Allow, Some(downtown)))),
        "no such organization"
    );
    assert_eq!(
        code(set(permission_override(trainer, "events.cancel", Effect::Deny, None))),
        "no such organization"
    );
    assert_eq!(
        code(set(permission_override(boss, "events.cancel", Effect::Deny, Some(main)))),
        "rbac.override.own"
    );
    let stranger = UserId::generate(NOW);
    assert_eq!(
        code(set(permission_override(stranger, "events.cancel", Effect::Allow, Some(main)))),
        "no such employee"
    );
}

#[test]
fn no_override_takes_permissions_from_an_owner_at_an_owned_location() {
    let mut chain = TestTenant::new();
    let owner = chain.owner(&[chain.main]);
    let boss = chain.hire("location_owner", chain.main);
    let permit = chain.manager(boss);
    let deny = permission_override(owner, "*", Effect::Deny, Some(chain.main));
    assert_eq!(code(block_on(set_override(&permit, &mut chain, deny, NOW))), "rbac.override.owner");
}

#[test]
fn clearing_an_override_lets_roles_decide_again() {
    let mut chain = TestTenant::new();
    let (boss, trainer) = (chain.hire("location_owner", chain.main), chain.hire("trainer", chain.main));
    let (permit, at) = (chain.manager(boss), chain.main);
    let deny = permission_override(trainer, "events.edit_own", Effect::Deny, Some(at));
    block_on(set_override(&permit, &mut chain, deny.clone(), NOW)).unwrap();
    let because = |chain: &mut TestTenant| {
        block_on(explain(&permit, chain, trainer, Slug::EDIT_OWN_EVENTS, at)).unwrap().because
    };
    assert_eq!(because(&mut chain), Ground::DenyOverride { pattern: "events.edit_own".into(), until: None });
    block_on(clear_override(&permit, &mut chain, trainer, deny.pattern.clone(), Some(at), NOW)).unwrap();
    assert!(matches!(because(&mut chain), Ground::Role { .. }));
    let again = block_on(clear_override(&permit, &mut chain, trainer, deny.pattern, Some(at), NOW));
    assert_eq!(code(again), "no such override");
}

#[test]
fn who_can_lists_everyone_with_the_ground() {
    let mut chain = TestTenant::new();
    let owner = chain.owner(&[chain.main]);
    let (admin, trainer) = (chain.hire("admin", chain.main), chain.hire("trainer", chain.main));
    chain.hire("admin", chain.westside);
    chain.overrides.push(permission_override(trainer, "events.cancel", Effect::Allow, Some(chain.main)));
    let (permit, at) = (chain.manager(owner), chain.main);
    let can = block_on(who_can(&permit, &mut chain, Slug::CANCEL_EVENT, at)).unwrap();
    let mut users: Vec<_> = can.iter().map(|who| who.user).collect();
    users.sort_unstable();
    let mut expected = [owner, admin, trainer];
    expected.sort_unstable();
    assert_eq!(users, expected);
    let by = &can.iter().find(|who| who.user == trainer).unwrap().because;
    assert_eq!(by, &Ground::AllowOverride { pattern: "events.cancel".into(), until: None });
    let westside = chain.westside;
    let out_of_reach = block_on(who_can(&permit, &mut chain, Slug::CANCEL_EVENT, westside));
    assert_eq!(code(out_of_reach), "no such organization");
}
