//! Explanations agree with compiled grants (RBA-03), for any holdings.

use crate::{
    Actor, Assignment, Effect, Grants, Holdings, OrganizationNode, Override, Pattern, Permission, Permit,
    Reach, Scope, Slug, SystemActor,
    catalogue::{BookEvent, CancelEvent, EditEvent, ManageRoles, OwnProfile},
    explain::Ground,
    manage::{EmployeeHoldings, HoldingsStore, who_can},
};
use chrono::DateTime;
use futures::executor::block_on;
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};
use std::sync::Arc;
use tryzore_kernel::{OrganizationId, StoreResult, TenantId, UserId};
use uuid::Uuid;

const LOCATIONS: u128 = 4;

fn at(nth: u128) -> OrganizationId {
    Uuid::from_u128(nth).into()
}

fn location() -> impl Strategy<Value = OrganizationId> {
    // One more location than the tree has: an assignment can outlive its location.
    (0..=LOCATIONS).prop_map(at)
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let wildcards = ["*", "organizations.*", "events.*", "events.view_*", "clients.*", "financials.view_*"];
    let slugs = Slug::ALL.iter().filter(|slug| slug.is_assignable()).map(|slug| slug.as_str());
    // Wildcards and slugs are equally likely.
    let texts = prop_oneof![select(wildcards.to_vec()), select(slugs.collect::<Vec<_>>())];
    texts.prop_map(|text| text.parse().unwrap())
}

fn assignment() -> impl Strategy<Value = Assignment> {
    let scope = prop_oneof![
        location().prop_map(Scope::Organization),
        location().prop_map(Scope::Subtree),
        Just(Scope::Owned)
    ];
    (vec(pattern(), 1..4), scope).prop_map(|(patterns, scope)| Assignment {
        role: Uuid::nil().into(),
        name: "Test".into(),
        patterns,
        scope,
        expires_at: None,
    })
}

fn permission_override() -> impl Strategy<Value = Override> {
    let effect = select(vec![Effect::Allow, Effect::Deny]);
    (pattern(), effect, option::of(location())).prop_map(|(pattern, effect, organization)| Override {
        pattern,
        effect,
        organization,
        expires_at: None,
    })
}

// Parents are arbitrary, so that cycles are among them.
fn tree() -> impl Strategy<Value = Vec<OrganizationNode>> {
    let parents = vec(option::of((0..LOCATIONS).prop_map(at)), LOCATIONS as usize);
    parents.prop_map(|parents| {
        let node = |(nth, parent)| OrganizationNode { organization: at(nth), parent };
        (0..LOCATIONS).zip(parents).map(node).collect()
    })
}

fn holdings(tree: Vec<OrganizationNode>) -> impl Strategy<Value = Holdings> {
    let all: Vec<_> = tree.iter().map(|node| node.organization).collect();
    let owned = subsequence(all, 0..=tree.len());
    (owned, vec(assignment(), 0..4), vec(permission_override(), 0..4), any::<bool>()).prop_map(
        move |(owned, assignments, overrides, is_client)| Holdings {
            tree: tree.clone(),
            owned,
            assignments,
            overrides,
            is_client,
            ..Holdings::default()
        },
    )
}

fn compiled(holdings: &Holdings) -> Arc<Grants> {
    let nobody = Actor::User { user: Uuid::nil().into(), session: Uuid::nil().into() };
    Grants::compile(nobody, Uuid::nil().into(), None, holdings)
}

fn holds(grants: &Grants, slug: Slug, at: OrganizationId) -> bool {
    *grants.reach(slug) == Reach::Own || grants.reach(slug).covers(at)
}

fn permits<P: Permission>(grants: &Arc<Grants>, at: OrganizationId) -> bool {
    grants.permit::<P>().is_ok_and(|permit| {
        permit.at(at).is_ok() || permit.reach() == &Reach::Own || permit.limited().covers(at)
    })
}

struct Staff(Vec<EmployeeHoldings>);

impl HoldingsStore for Staff {
    async fn organization_tree(&mut self) -> StoreResult<Vec<OrganizationNode>> {
        Ok(self.0[0].holdings.tree.clone())
    }

    async fn holdings_of(&mut self, user: UserId) -> StoreResult<Holdings> {
        Ok(self.0.iter().find(|staff| staff.user == user).unwrap().holdings.clone())
    }

    async fn offers_all(&mut self) -> StoreResult<Vec<Assignment>> {
        Ok(Vec::new())
    }

    async fn holdings_all(&mut self) -> StoreResult<Vec<EmployeeHoldings>> {
        Ok(self.0.clone())
    }
}

fn pattern_of(text: &str) -> Pattern {
    text.parse().unwrap()
}

#[test]
fn rba_03_no_override_takes_own_permissions_and_the_explanation_says_own() {
    let deny =
        Override { pattern: pattern_of("*"), effect: Effect::Deny, organization: None, expires_at: None };
    let tree = vec![OrganizationNode { organization: at(0), parent: None }];
    let holdings = Holdings { tree, overrides: vec![deny], is_client: true, ..Holdings::default() };
    for slug in [Slug::OWN_PROFILE, Slug::OWN_SCHEDULE, Slug::OWN_BOOK] {
        let explained = holdings.explain(slug, at(0));
        assert_eq!((explained.allowed, explained.because), (true, Ground::Own), "{slug}");
    }
    let explained = holdings.explain(Slug::CANCEL_EVENT, at(0));
    assert_eq!(explained.because, Ground::DenyOverride { pattern: "*".into(), until: None });
}

proptest! {
    #[test]
    fn rba_03_explanations_agree_with_compiled_grants(holdings in tree().prop_flat_map(holdings)) {
        let grants = compiled(&holdings);
        for node in &holdings.tree {
            let at = node.organization;
            let says = |slug: Slug| holdings.explain(slug, at).allowed;
            for slug in Slug::ALL.iter().copied() {
                prop_assert_eq!(says(slug), holds(&grants, slug, at), "{} at {}", slug, at);
                let all = holdings.permitted_at(at).union(holdings.own());
                prop_assert_eq!(says(slug), all.contains(slug), "{} at {}", slug, at);
            }
            prop_assert_eq!(says(Slug::CANCEL_EVENT), permits::<CancelEvent>(&grants, at));
            prop_assert_eq!(says(Slug::OWN_PROFILE), permits::<OwnProfile>(&grants, at));
            prop_assert_eq!(says(Slug::OWN_BOOK), permits::<BookEvent>(&grants, at));
            let edits = says(Slug::EDIT_ALL_EVENTS) || says(Slug::EDIT_OWN_EVENTS);
            prop_assert_eq!(edits, permits::<EditEvent>(&grants, at));
        }
    }

    #[test]
    fn rba_03_who_can_lists_exactly_those_whose_grants_allow_it(
        held in tree().prop_flat_map(|tree| vec(holdings(tree), 1..4)),
    ) {
        let staff: Vec<_> = held.into_iter().map(|holdings| {
            EmployeeHoldings { user: UserId::generate(DateTime::UNIX_EPOCH), name: None, holdings }
        }).collect();
        let permit: Permit<ManageRoles> = Permit::system(TenantId::from(Uuid::nil()), SystemActor::Seed);
        let grants: Vec<_> = staff.iter().map(|staff| (staff.user, compiled(&staff.holdings))).collect();
        let mut tx = Staff(staff.clone());
        for at in staff[0].holdings.tree.iter().map(|node| node.organization) {
            for slug in Slug::ALL.iter().copied() {
                let listed = block_on(who_can(&permit, &mut tx, slug, at)).unwrap();
                let listed: Vec<_> = listed.into_iter().map(|can| can.user).collect();
                let can = grants.iter().filter(|(_, grants)| holds(grants, slug, at));
                let mut can: Vec<_> = can.map(|(user, _)| *user).collect();
                can.sort_unstable();
                prop_assert_eq!(listed, can, "{} at {}", slug, at);
            }
        }
    }
}
