//! May this person cancel an event at that location? Our evaluation, which every request needs, compared with
//! `cedar-policy` and `casbin` on the same roles and the same question.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark that cannot be set up ends")]

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi, RbacApi};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use std::{hint::black_box, sync::Arc};
use tryzore_kernel::{OrganizationId, RoleId, SessionId, TenantId, UserId, id::uuid_at};
use tryzore_rbac::{
    Actor, Assignment, Grants, Holdings, OrganizationNode, Scope, catalogue::CancelEvent, preset::PRESETS,
};

const LOCATIONS: usize = 100;

fn id<T: From<uuid::Uuid>>() -> T {
    uuid_at(DateTime::UNIX_EPOCH).into()
}

// A regional manager of a region with a hundred locations, and a trainer's role at one of them.
fn grants() -> (Arc<Grants>, OrganizationId) {
    let region: OrganizationId = id();
    let mut tree = vec![OrganizationNode { organization: region, parent: None }];
    tree.extend((0..LOCATIONS).map(|_| OrganizationNode { organization: id(), parent: Some(region) }));
    let at = tree[LOCATIONS / 2].organization;
    let assignment = |key: &str, scope| {
        let preset = PRESETS.iter().find(|preset| preset.key == key).expect("a preset");
        let patterns = preset.patterns.iter().filter_map(|pattern| pattern.parse().ok()).collect();
        Assignment { role: id::<RoleId>(), name: preset.name.into(), patterns, scope, expires_at: None }
    };
    let assignments = vec![
        assignment("regional_manager", Scope::Subtree(region)),
        assignment("trainer", Scope::Organization(at)),
    ];
    let actor = Actor::User { user: id::<UserId>(), session: id::<SessionId>() };
    let holdings = Holdings { tree, assignments, ..Holdings::default() };
    (Grants::compile(actor, id::<TenantId>(), Some(at), &holdings), at)
}

fn cedar() -> (Authorizer, PolicySet, Entities, Request) {
    let policies = PRESETS
        .iter()
        .map(|preset| {
            let (role, actions) = (
                preset.key,
                tryzore_rbac::Slug::ALL.iter().filter(|slug| {
                    preset
                        .patterns
                        .iter()
                        .filter_map(|p| p.parse::<tryzore_rbac::Pattern>().ok())
                        .any(|p| p.matches(**slug))
                }),
            );
            let actions: Vec<_> = actions.map(|slug| format!("Action::\"{slug}\"")).collect();
            format!(
                "permit(principal in Role::\"{role}\", action in [{}], resource in Region::\"r\");",
                actions.join(",")
            )
        })
        .collect::<Vec<_>>()
        .join("\n");
    let entities: Vec<_> = (0..LOCATIONS)
        .map(|n| format!(r#"{{"uid":{{"type":"Location","id":"l{n}"}},"attrs":{{}},"parents":[{{"type":"Region","id":"r"}}]}}"#))
        .chain([r#"{"uid":{"type":"User","id":"u"},"attrs":{},"parents":[{"type":"Role","id":"regional_manager"},{"type":"Role","id":"trainer"}]}"#.to_owned()])
        .collect();
    let entities = Entities::from_json_str(&format!("[{}]", entities.join(",")), None).expect("entities");
    let uid = |text: &str| text.parse::<EntityUid>().expect("a uid");
    let request = Request::new(
        uid("User::\"u\""),
        uid("Action::\"events.cancel\""),
        uid("Location::\"l50\""),
        Context::empty(),
        None,
    );
    (Authorizer::new(), policies.parse().expect("policies"), entities, request.expect("a request"))
}

async fn casbin() -> Enforcer {
    let model = DefaultModel::from_str(
        "[request_definition]\nr = sub, dom, act\n[policy_definition]\np = sub, act\n[role_definition]\ng = _, _, _\n\
         [policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = g(r.sub, p.sub, r.dom) && r.act == p.act",
    );
    let mut enforcer =
        Enforcer::new(model.await.expect("a model"), MemoryAdapter::default()).await.expect("an enforcer");
    for preset in PRESETS {
        let patterns: Vec<tryzore_rbac::Pattern> =
            preset.patterns.iter().filter_map(|p| p.parse().ok()).collect();
        for slug in tryzore_rbac::Slug::ALL.iter().filter(|slug| patterns.iter().any(|p| p.matches(**slug))) {
            enforcer.add_policy(vec![preset.key.into(), slug.to_string()]).await.expect("a policy");
        }
    }
    for n in 0..LOCATIONS {
        enforcer.add_role_for_user("u", "regional_manager", Some(&format!("l{n}"))).await.expect("a role");
    }
    enforcer
}

fn permission(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("permission");
    let (grants, at) = grants();
    assert!(grants.permit::<CancelEvent>().is_ok_and(|permit| permit.at(at).is_ok()));
    group.bench_function("tryzore", |bench| {
        bench.iter(|| {
            black_box(&grants).permit::<CancelEvent>().is_ok_and(|permit| permit.at(black_box(at)).is_ok())
        });
    });

    let (authorizer, policies, entities, request) = cedar();
    assert_eq!(authorizer.is_authorized(&request, &policies, &entities).decision(), Decision::Allow);
    group.bench_function("cedar-policy", |bench| {
        bench.iter(|| authorizer.is_authorized(black_box(&request), &policies, &entities).decision());
    });

    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let enforcer = runtime.block_on(casbin());
    assert!(enforcer.enforce(("u", "l50", "events.cancel")).is_ok_and(|allowed| allowed));
    group.bench_function("casbin", |bench| {
        bench
            .iter(|| enforcer.enforce(black_box(("u", "l50", "events.cancel"))).is_ok_and(|allowed| allowed));
    });
    group.finish();
}

criterion_group!(benches, permission);
criterion_main!(benches);
