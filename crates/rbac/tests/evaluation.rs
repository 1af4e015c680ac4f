//! The order of evaluation (RBA-03), and every default role against every permission (RBA-02).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

use chrono::DateTime;
use std::fmt::Write;
use tryzore_kernel::{OrganizationId, RoleId, SessionId, TenantId, UserId};
use tryzore_rbac::{
    Actor, Assignment, Effect, Grants, Holdings, OrganizationNode, Override, Reach, Scope, Slug,
    catalogue::{CancelEvent, EditEvent, EditSettings, ManageRoles, ManageStaff, OwnProfile},
    explain::Ground,
    permit::OutOfReach,
    preset::{PRESETS, PresetScope},
};

fn id<T: From<uuid::Uuid>>() -> T {
    tryzore_kernel::id::uuid_at(DateTime::UNIX_EPOCH).into()
}

/// The test tenant: Region above Main and Downtown, and Westside by itself.
struct TestTenant {
    region: OrganizationId,
    main: OrganizationId,
    downtown: OrganizationId,
    westside: OrganizationId,
}

impl TestTenant {
    fn new() -> Self {
        Self { region: id(), main: id(), downtown: id(), westside: id() }
    }

    fn holding(&self, role: &str, scope: Scope) -> Holdings {
        let preset = PRESETS.iter().find(|p| p.key == role).unwrap();
        let node = |organization, parent| OrganizationNode { organization, parent };
        Holdings {
            tree: vec![
                node(self.region, None),
                node(self.main, Some(self.region)),
                node(self.downtown, Some(self.region)),
                node(self.westside, None),
            ],
            assignments: vec![Assignment {
                role: id::<RoleId>(),
                name: preset.name.into(),
                patterns: preset.patterns.iter().map(|p| p.parse().unwrap()).collect(),
                scope,
                expires_at: None,
            }],
            ..Holdings::default()
        }
    }

    fn grants(&self, holdings: &Holdings) -> std::sync::Arc<Grants> {
        let actor = Actor::User { user: id::<UserId>(), session: id::<SessionId>() };
        Grants::compile(actor, id::<TenantId>(), Some(self.main), holdings)
    }
}

#[test]
fn rba_02_every_default_role_against_every_permission() {
    let chain = TestTenant::new();
    let mut table = String::new();
    for preset in PRESETS {
        let scope = match preset.scope {
            PresetScope::Owned => Scope::Owned,
            PresetScope::Organization => Scope::Organization(chain.main),
            PresetScope::Subtree => Scope::Subtree(chain.region),
        };
        let mut holdings = chain.holding(preset.key, scope);
        holdings.owned = vec![chain.main, chain.westside];
        writeln!(table, "{}", preset.name).unwrap();
        for (name, at) in [("main", chain.main), ("downtown", chain.downtown), ("westside", chain.westside)] {
            let held: Vec<_> = holdings.permitted_at(at).iter().map(Slug::as_str).collect();
            writeln!(table, "  {name}: {}", if held.is_empty() { "-".into() } else { held.join(" ") })
                .unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_subtree_covers_the_locations_below_and_no_others() {
    let chain = TestTenant::new();
    let grants = chain.grants(&chain.holding("regional_manager", Scope::Subtree(chain.region)));
    let permit = grants.permit::<CancelEvent>().unwrap();
    assert_eq!(permit.reach(), &Reach::organizations([chain.region, chain.main, chain.downtown]));
    assert_eq!(permit.at(chain.downtown), Ok(()));
    assert_eq!(permit.at(chain.westside), Err(OutOfReach::Hidden), "not even its existence is revealed");
}

#[test]
fn a_deny_override_beats_an_allow_override_beats_a_role() {
    let chain = TestTenant::new();
    let mut holdings = chain.holding("trainer", Scope::Organization(chain.main));
    let permission_override = |pattern: &str, effect| Override {
        pattern: pattern.parse().unwrap(),
        effect,
        organization: None,
        expires_at: None,
    };

    let explained = holdings.explain(Slug::CANCEL_EVENT, chain.main);
    assert_eq!((explained.allowed, explained.because), (false, Ground::Default));

    holdings.overrides.push(permission_override("events.*", Effect::Allow));
    assert!(holdings.explain(Slug::CANCEL_EVENT, chain.main).allowed);

    holdings.overrides.push(permission_override("events.cancel", Effect::Deny));
    let explained = holdings.explain(Slug::CANCEL_EVENT, chain.main);
    assert_eq!(explained.because, Ground::DenyOverride { pattern: "events.cancel".into(), until: None });
    assert!(!chain.grants(&holdings).held().contains(Slug::CANCEL_EVENT));
    assert!(chain.grants(&holdings).held().contains(Slug::CREATE_EVENT), "the rest of the wildcard stays");
}

#[test]
fn an_override_at_one_location_leaves_the_others_alone() {
    let chain = TestTenant::new();
    let mut holdings = chain.holding("regional_manager", Scope::Subtree(chain.region));
    holdings.overrides.push(Override {
        pattern: "events.cancel".parse().unwrap(),
        effect: Effect::Deny,
        organization: Some(chain.main),
        expires_at: None,
    });
    let permit = chain.grants(&holdings).permit::<CancelEvent>().unwrap();
    assert!(
        matches!(permit.at(chain.main), Err(OutOfReach::Denied(denial)) if denial.code == "rbac.permission.missing")
    );
    assert_eq!(permit.at(chain.downtown), Ok(()));
}

#[test]
fn own_or_any_is_two_permissions() {
    let chain = TestTenant::new();
    let grants = chain.grants(&chain.holding("trainer", Scope::Organization(chain.main)));
    let me = grants.actor().user();
    let permit = grants.permit::<EditEvent>().unwrap();
    assert_eq!(permit.at_for(chain.main, me), Ok(()));
    assert!(permit.at_for(chain.main, Some(id())).is_err(), "someone else's event");
    assert!(permit.at_for(chain.main, None).is_err(), "nobody's event");
    assert!(permit.at_for(chain.downtown, me).is_err(), "one's own, where one does not work");
}

#[test]
fn default_is_deny_and_the_denial_explains_itself() {
    let chain = TestTenant::new();
    let grants = chain.grants(&Holdings::default());
    let denial = grants.permit::<EditSettings>().err().unwrap();
    assert_eq!(denial.because[0].value, "settings.edit_gym");
    assert!(denial.remedy.is_some());
    assert!(grants.permit::<OwnProfile>().is_ok(), "everyone has a profile");
}

#[test]
fn a_cycle_of_locations_ends() {
    let chain = TestTenant::new();
    let mut holdings = chain.holding("regional_manager", Scope::Subtree(chain.westside));
    holdings.tree[0].parent = Some(chain.main);
    assert!(!holdings.takes_in(Scope::Subtree(chain.westside), chain.downtown));
}

#[test]
fn aut_06_no_key_administers_staff_roles_or_keys_or_sets_rules_aside() {
    let chain = TestTenant::new();
    let everything = chain.holding("location_owner", Scope::Organization(chain.main));
    let (key, issuer): (tryzore_kernel::ApiKeyId, UserId) = (id(), id());
    let grants = Grants::compile_for_key(key, issuer, id(), chain.main, &everything, None);
    assert_eq!(grants.holder(), Some(issuer), "out of date when what the issuer holds changes");
    for slug in Slug::ALL.iter().filter(|slug| slug.is_assignable()) {
        let persons = [
            "settings.manage_staff",
            "settings.manage_roles",
            "support.impersonate",
            "support.manual_override",
        ];
        let held = !persons.contains(&slug.as_str());
        assert_eq!(
            (grants.held().contains(*slug), grants.reach(*slug).covers(chain.main)),
            (held, held),
            "{slug}"
        );
    }
    let codes = [grants.permit::<ManageStaff>().err(), grants.permit::<ManageRoles>().err()];
    for denial in codes.map(Option::unwrap) {
        assert_eq!(denial.code, "auth.person_required");
    }
    assert!(grants.permit::<EditEvent>().is_ok());
}

#[test]
fn rba_03_a_role_and_an_override_decide_until_the_moment_at_which_they_end() {
    let (chain, tick) = (TestTenant::new(), chrono::TimeDelta::microseconds(1));
    let (first, second) = (DateTime::UNIX_EPOCH + tick * 10, DateTime::UNIX_EPOCH + tick * 20);
    let mut stored = chain.holding("admin", Scope::Organization(chain.main));
    stored.assignments[0].expires_at = Some(second);
    let trainer = chain.holding("trainer", Scope::Organization(chain.downtown));
    stored.assignments.extend(trainer.assignments);
    stored.overrides.push(Override {
        pattern: "events.cancel".parse().unwrap(),
        effect: Effect::Deny,
        organization: None,
        expires_at: Some(first),
    });
    let at = |now| stored.clone().as_of(now);
    let cancels = |now| at(now).permitted_at(chain.main).contains(Slug::CANCEL_EVENT);
    assert_eq!([first - tick, first].map(cancels), [false, true], "denied until then");
    assert_eq!([second - tick, second].map(cancels), [true, false], "held until then");
    let changes = |now| chain.grants(&at(now)).changes_at();
    assert_eq!([first - tick, first, second].map(changes), [Some(first), Some(second), None]);
    let sees = |now| (at(now).sees(chain.main), at(now).has_seen(chain.main));
    assert_eq!([second - tick, second].map(sees), [(true, true), (false, true)]);
    assert!(at(second).sees(chain.downtown), "the other role is for good");
    assert_eq!(at(second).clone().as_of(second), at(second), "asking twice changes nothing");

    let explained = at(second - tick).explain(Slug::CANCEL_EVENT, chain.main);
    let role = |until| Ground::Role {
        role: "Admin".into(),
        pattern: "events.*".into(),
        scope: "organization",
        until,
    };
    assert_eq!((explained.allowed, explained.because), (true, role(Some(second))), "until when it holds");
    assert_eq!(
        explained.ended,
        [Ground::DenyOverride { pattern: "events.cancel".into(), until: Some(first) }]
    );
    let explained = at(second).explain(Slug::CANCEL_EVENT, chain.main);
    assert_eq!((explained.allowed, explained.because), (false, Ground::Default));
    assert_eq!(explained.ended[1], role(Some(second)), "and since when it does not");
    assert!(
        at(second).explain(Slug::CANCEL_EVENT, chain.westside).ended.len() == 1,
        "only where it was held"
    );
}
