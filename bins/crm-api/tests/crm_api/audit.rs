//! The audit trail over HTTP (CMP-03): what a line says, who sees it, and page by page.

use crate::{
    caller::{Answer, Caller, across},
    office::TestStaff,
};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_kernel::{OrganizationId, UserId};

fn owner(office: &TestStaff) -> Caller {
    let held: [(_, &[&str]); 2] = [(office.studio.main, &["*"]), (office.downtown, &["*"])];
    Caller::new(&office.api, across(&office.studio, &held))
}

/// Someone who works at the first location, and so can be given something.
async fn clerk(office: &TestStaff) -> UserId {
    let clerk = UserId::generate(office.studio.now());
    office.hire(clerk, "trainer").await;
    clerk
}

async fn give(who: &Caller, clerk: UserId, at: Option<OrganizationId>, agent: &str) {
    let gift =
        json!({"pattern": "events.create", "effect": "allow", "organization_id": at, "reason": "plans"});
    let path = format!("/staff/{clerk}/overrides");
    let given = who.send(Method::PUT, &path, &[("User-Agent", agent)], Some(&gift)).await;
    assert_eq!(given.status, 200, "{given:?}");
}

async fn role(who: &Caller, name: &str) {
    let role = json!({"name": name, "description": "", "scope": "organization", "patterns": ["events.*"]});
    assert_eq!(who.post("/roles", &role).await.status, 201);
}

fn tree(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.column("organization_ids")
}

#[tokio::test]
async fn cmp_03_a_line_says_who_did_what_to_whom_and_from_where() {
    let office = TestStaff::open().await;
    let (owner, clerk) = (owner(&office), clerk(&office).await);
    give(&owner, clerk, Some(office.studio.main), "Desk/1.0 (iPad)").await;
    let answer = owner.get("/audit?limit=1").await;
    let line = &answer.body["data"][0];
    assert_eq!(line["action"], "overrides.set", "{answer:?}");
    assert_eq!((&line["subject_id"], &line["target_id"]), (&json!(clerk), &json!(clerk.uuid())));
    assert_eq!(line["organization_ids"], json!([office.studio.main]));
    assert_eq!((&line["ip_address"], &line["user_agent"]), (&json!("127.0.0.1"), &json!("Desk/1.0 (iPad)")));
    assert_eq!((&line["actor"]["type"], &line["details"]["reason"]), (&json!("user"), &json!("plans")));
    assert_eq!(line["at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), office.studio.now());
    office.api.stop().await;
}

#[tokio::test]
async fn cmp_03_a_line_is_for_those_who_manage_roles_at_every_location_that_it_touches() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let (main, downtown) = (office.studio.main, office.downtown);
    let (owner, clerk) = (owner(&office), clerk(&office).await);
    give(&owner, clerk, Some(main), "Desk").await;
    give(&owner, clerk, Some(downtown), "Desk").await;
    give(&owner, clerk, None, "Desk").await;
    role(&owner, "Planner").await;
    let all = tree(&owner.get("/audit").await);
    assert_eq!(all.len(), 4, "{all:?}");
    assert!(all.contains(&json!([])), "what touches no location");

    let one = |at| {
        let held: [(_, &[&str]); 1] = [(at, &["settings.manage_roles"])];
        Caller::new(&office.api, across(&office.studio, &held))
    };
    assert_eq!(tree(&one(main).get("/audit").await), [json!([main])]);
    assert_eq!(tree(&one(downtown).get("/audit").await), [json!([downtown])]);
    let unseen = one(main).get(&format!("/audit?organization_id={downtown}")).await;
    assert_eq!(unseen.refusal(), (404, "not_found"));
    let held: [(_, &[&str]); 2] = [(main, &["settings.manage_roles"]), (downtown, &["events.*"])];
    let seen = Caller::new(&office.api, across(&office.studio, &held));
    assert_eq!(seen.get(&format!("/audit?organization_id={downtown}")).await.status, 403);
    assert_eq!(tree(&seen.get("/audit").await), [json!([main])]);
    let rest: [(_, &[&str]); 1] = [(main, &["settings.manage_staff", "settings.edit_gym", "events.*"])];
    let without = Caller::new(&office.api, across(&office.studio, &rest));
    assert_eq!(without.get("/audit").await.refusal(), (403, "rbac.permission.missing"));
    let theirs = self::owner(&other).get("/audit").await;
    assert!(tree(&theirs).is_empty(), "another tenant");

    // A closed location is nobody's: its lines are for who manages all that are open.
    office
        .studio
        .sql
        .execute("UPDATE tenancy.organizations SET status = 'closed' WHERE id = $1", &[&downtown.uuid()])
        .await
        .unwrap();
    assert_eq!(tree(&one(main).get("/audit").await).len(), 4);
    office.api.stop().await;
    other.api.stop().await;
}

#[tokio::test]
async fn cmp_03_the_trail_is_told_newest_first_page_by_page_and_by_what_is_asked_for() {
    let office = TestStaff::open().await;
    let (first, clerk) = (owner(&office), clerk(&office).await);
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let mut moments = Vec::new();
    for n in 0..5 {
        moments.push(text(office.studio.now()));
        role(&first, &format!("Role {n}")).await;
        office.studio.clock.pass(Duration::microseconds(1_700));
    }
    let names = |answer: &Answer| -> Vec<Value> {
        answer.column("details").into_iter().map(|details| details["name"].clone()).collect()
    };
    let mut seen = Vec::new();
    let mut path = "/audit?limit=2".to_owned();
    loop {
        let answer = first.get(&path).await;
        assert!(answer.column("id").len() <= 2);
        seen.extend(names(&answer));
        let Some(cursor) = answer.body["next_cursor"].as_str() else { break };
        path = format!("/audit?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["Role 4", "Role 3", "Role 2", "Role 1", "Role 0"]);

    let between = first.get(&format!("/audit?from={}&to={}", moments[1], moments[3])).await;
    assert_eq!(names(&between), ["Role 2", "Role 1"], "from a moment on, and before another");
    let since = first.get(&format!("/audit?from={}", moments[4])).await;
    assert_eq!(names(&since), ["Role 4"]);

    let second = owner(&office);
    give(&second, clerk, Some(office.downtown), "Desk").await;
    let who = second.get("/audit?limit=1").await.body["data"][0]["actor"]["user_id"].clone();
    let by_actor = second.get(&format!("/audit?actor_user_id={}", who.as_str().unwrap())).await;
    assert_eq!(by_actor.column("action"), ["overrides.set"]);
    assert_eq!(names(&second.get("/audit?action=roles.create").await).len(), 5);
    let there = second.get(&format!("/audit?organization_id={}", office.downtown)).await;
    assert_eq!(there.column("action"), ["overrides.set"]);
    assert_eq!(second.get("/audit?action=roles.creat").await.column("id").len(), 0, "no part of a name");
    for query in ["actor=ada", "from=today", "target=x"] {
        assert_eq!(second.get(&format!("/audit?{query}")).await.status, 422, "{query}");
    }
    office.api.stop().await;
}
