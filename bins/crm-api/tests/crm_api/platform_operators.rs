//! Operators manage operators over HTTP (RBA-04).

use crate::caller::{Answer, Caller};
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_kernel::UserId;
use tryzore_rbac::{PlatformRole, PlatformSlug};
use tryzore_testkit::{
    Service, TestTenant,
    http::Api,
    operator::{appoint, appoint_as, candidate},
};

struct Platform {
    studio: TestTenant,
    api: Api,
}

impl Platform {
    async fn open() -> Self {
        let studio = TestTenant::open().await;
        let api = Api::start(&studio, tryzore_crm_api::routes::routes);
        Self { studio, api }
    }

    /// Whoever `user` is, without any right in the tenant.
    fn caller(&self, user: UserId) -> Caller {
        Caller::new(&self.api, self.studio.as_staff(user, self.studio.main, &[]))
    }

    async fn operator(&self, role: PlatformRole) -> (UserId, Caller) {
        let (user, _) = appoint_as(&self.studio, role).await;
        (user, self.caller(user))
    }

    /// What the event log says about `target`: kinds and payloads.
    async fn log(&self, target: UserId) -> Vec<(String, Value)> {
        let log = "SELECT kind, payload FROM runtime.outbox
                   WHERE aggregate_id = $1 AND tenant_id IS NULL ORDER BY seq";
        let work = self.studio.database.client(Service::Work).await;
        let rows = work.query(log, &[&target.uuid()]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// Changes what was read as `version`.
async fn change(caller: &Caller, operator: UserId, what: &str, version: i32, body: Value) -> Answer {
    let (path, read) = (format!("/platform/operators/{operator}/{what}"), format!("\"v{version}\""));
    caller.send(Method::POST, &path, &[("If-Match", &read)], Some(&body)).await
}

/// The ground on which `opened` has or has not `permission`.
fn ground<'a>(opened: &'a Answer, permission: &str) -> (bool, &'a Value) {
    let all = opened.body["permissions"].as_array().unwrap();
    let one = all.iter().find(|one| one["permission"] == permission).unwrap();
    (one["allowed"].as_bool().unwrap(), &one["because"])
}

#[tokio::test]
async fn rba_04_an_operator_is_appointed_changed_and_dismissed_and_each_takes_effect_at_once() {
    let platform = Platform::open().await;
    let (_, root) = platform.operator(PlatformRole::SuperAdmin).await;
    let (user, email) = candidate(&platform.studio).await;
    let cleo = platform.caller(user);
    assert_eq!(cleo.get("/platform/tenants").await.refusal(), (403, "rbac.operator.required"));

    let body = json!({ "email": email.to_uppercase(), "role": "support_admin", "reason": "first line" });
    let appointed = root.post("/platform/operators", &body).await;
    assert_eq!((appointed.status, appointed.etag.as_deref()), (201, Some("\"v1\"")), "{appointed:?}");
    assert_eq!(appointed.body["id"], json!(user));
    assert_eq!(cleo.get("/platform/tenants").await.status, 200);
    assert_eq!(cleo.get("/platform/webhooks").await.refusal(), (403, "rbac.permission.missing"));
    assert_eq!(cleo.get("/clients").await.status, 403, "nothing in a tenant");

    let allow = json!({ "pattern": "platform.replay_*", "effect": "allow", "reason": "on call" });
    let allowed = change(&root, user, "overrides", 1, allow).await;
    let overrides = json!([{ "pattern": "platform.replay_*", "effect": "allow" }]);
    assert_eq!(
        (allowed.status, &allowed.body["overrides"], &allowed.body["version"]),
        (200, &overrides, &json!(2))
    );
    let deny =
        json!({ "pattern": "platform.view_tenants", "effect": "deny", "reason": "conflict of interest" });
    assert_eq!(change(&root, user, "overrides", 2, deny).await.status, 200);
    assert_eq!(cleo.get("/platform/tenants").await.refusal(), (403, "rbac.permission.missing"));

    let opened = root.get(&format!("/platform/operators/{user}")).await;
    assert_eq!((opened.status, opened.etag.as_deref()), (200, Some("\"v3\"")));
    assert_eq!((&opened.body["name"], &opened.body["email"]), (&json!("Cleo Candidate"), &json!(email)));
    assert_eq!((&opened.body["because"], &opened.body["overrides"]), (&json!("first line"), &json!(2)));
    assert_eq!(opened.body["set_overrides"][1]["reason"], "conflict of interest");
    let role = json!({
        "by": "role", "role": "Support Admin", "pattern": "platform.view_jobs", "scope": "platform"
    });
    assert_eq!(ground(&opened, "platform.view_jobs"), (true, &role));
    let denied = json!({ "by": "deny_override", "pattern": "platform.view_tenants" });
    assert_eq!(ground(&opened, "platform.view_tenants"), (false, &denied));
    let allowed = json!({ "by": "allow_override", "pattern": "platform.replay_*" });
    assert_eq!(ground(&opened, "platform.replay_jobs"), (true, &allowed));
    assert_eq!(ground(&opened, "platform.set_tenant_status"), (false, &json!({ "by": "default" })));
    assert_eq!(opened.body["permissions"].as_array().unwrap().len(), PlatformSlug::ALL.len());

    let clear = json!({ "pattern": "platform.view_tenants", "reason": "resolved" });
    assert_eq!(change(&root, user, "overrides/clear", 3, clear.clone()).await.status, 200);
    assert_eq!(cleo.get("/platform/tenants").await.status, 200);
    assert_eq!(change(&root, user, "overrides/clear", 4, clear).await.status, 404);
    let promoted = json!({ "role": "platform_admin", "reason": "promoted" });
    assert_eq!(change(&root, user, "role", 4, promoted).await.body["version"], 5);
    assert_eq!(cleo.get("/platform/webhooks").await.status, 200);

    let dismissed = change(&root, user, "dismiss", 5, json!({ "reason": "left" })).await;
    assert_eq!(
        (&dismissed.body["status"], &dismissed.body["permissions"]),
        (&json!("dismissed"), &json!([]))
    );
    assert_eq!(cleo.get("/platform/tenants").await.refusal(), (403, "rbac.operator.required"), "at once");
    let opened = root.get(&format!("/platform/operators/{user}")).await;
    assert_eq!((&opened.body["set_overrides"], ground(&opened, "platform.view_jobs").0), (&json!([]), false));
    let changed = change(&root, user, "role", 6, json!({ "role": "limited", "reason": "r" })).await;
    assert_eq!(changed.refusal(), (409, "operators.dismissed"));
    let again = root.post("/platform/operators", &body).await;
    assert_eq!(
        (again.status, &again.body["version"], &again.body["overrides"]),
        (201, &json!(7), &json!([]))
    );

    let log = platform.log(user).await;
    let kinds: Vec<_> =
        log.iter().map(|(kind, _)| kind.as_str()).filter(|kind| kind.starts_with("rbac.")).collect();
    let kind = |what: &str| format!("rbac.operator_{what}");
    let overrides = || kind("overrides_changed");
    let expected = [
        kind("appointed"),
        overrides(),
        overrides(),
        overrides(),
        kind("role_changed"),
        kind("dismissed"),
        kind("appointed"),
    ];
    assert_eq!(kinds, expected, "a domain event for each change");
    // What the operator did themselves and who looked at them is in the log as well, without a reason.
    let audited: Vec<_> = log
        .iter()
        .filter_map(|(_, payload)| {
            Some((payload["action"].as_str()?, payload["details"]["reason"].as_str()?))
        })
        .collect();
    let expected = [
        ("operators.appoint", "first line"),
        ("operators.set_override", "on call"),
        ("operators.set_override", "conflict of interest"),
        ("operators.clear_override", "resolved"),
        ("operators.change_role", "promoted"),
        ("operators.dismiss", "left"),
        ("operators.appoint", "first line"),
    ];
    assert_eq!(audited, expected, "a line of the platform's trail for each change");
    assert!(!serde_json::to_string(&log).unwrap().contains(&email), "no address in the log");
    platform.api.stop().await;
}

#[tokio::test]
async fn rba_04_nobody_changes_themselves_or_gives_or_takes_what_they_do_not_hold() {
    let platform = Platform::open().await;
    let (me, my_email) = appoint_as(&platform.studio, PlatformRole::SuperAdmin).await;
    let root = platform.caller(me);
    let again = json!({ "email": my_email, "role": "limited", "reason": "r" });
    assert_eq!(root.post("/platform/operators", &again).await.refusal(), (403, "operators.own"));
    let manager = appoint(&platform.studio, &["platform.manage_operators", "platform.view_jobs"]).await;
    let manager = platform.caller(manager);
    let (admin, plain) = platform.operator(PlatformRole::PlatformAdmin).await;

    for (what, body) in [
        ("role", json!({ "role": "limited", "reason": "r" })),
        ("overrides", json!({ "pattern": "platform.view_jobs", "effect": "deny", "reason": "r" })),
        ("dismiss", json!({ "reason": "r" })),
    ] {
        assert_eq!(
            change(&root, me, what, 1, body.clone()).await.refusal(),
            (403, "operators.own"),
            "{what}"
        );
        let refused = change(&manager, admin, what, 1, body.clone()).await;
        assert_eq!(refused.refusal(), (403, "rbac.give.exceeds_own"), "{what}");
        assert!(refused.body["denial"]["decision_id"].is_string(), "it is recorded");
        let refused = change(&plain, me, what, 1, body).await;
        assert_eq!(refused.refusal(), (403, "rbac.permission.missing"), "{what}");
    }
    let (_, email) = candidate(&platform.studio).await;
    let as_role = |role: &str| json!({ "email": email, "role": role, "reason": "r" });
    let refused = manager.post("/platform/operators", &as_role("support_admin")).await;
    assert_eq!(refused.refusal(), (403, "rbac.give.exceeds_own"));
    let missing =
        json!(["platform.view_tenants", "platform.view_overview", "platform.request_support_access"]);
    assert_eq!(refused.body["denial"]["because"][0]["value"], missing, "exactly what is missing");
    let limited = manager.post("/platform/operators", &as_role("limited")).await;
    assert_eq!(limited.status, 201);
    let newcomer: UserId = limited.body["id"].as_str().unwrap().parse().unwrap();
    let own = json!({ "pattern": "platform.view_jobs", "effect": "allow", "reason": "r" });
    assert_eq!(change(&manager, newcomer, "overrides", 1, own).await.status, 200, "what one holds");
    let more = json!({ "pattern": "platform.view_*", "effect": "allow", "reason": "r" });
    assert_eq!(
        change(&manager, newcomer, "overrides", 2, more).await.refusal(),
        (403, "rbac.give.exceeds_own")
    );
    platform.api.stop().await;
}

#[tokio::test]
async fn rba_04_only_a_user_with_a_proven_address_is_appointed_and_only_once() {
    let platform = Platform::open().await;
    let (_, root) = platform.operator(PlatformRole::SuperAdmin).await;
    let appoint = async |email: &str| {
        root.post("/platform/operators", &json!({ "email": email, "role": "limited", "reason": "r" })).await
    };
    let owner = platform.studio.database.owner_client().await;
    let mut answers = Vec::new();
    let (unproven, email) = candidate(&platform.studio).await;
    let status = "UPDATE identity.users SET status = 'pending_claim', email_verified_at = NULL WHERE id = $1";
    owner.execute(status, &[&unproven.uuid()]).await.unwrap();
    for email in [email, "nobody.at.all@example.com".into()] {
        let mut refused = appoint(&email).await;
        assert_eq!(refused.refusal(), (409, "operators.appoint.unknown_user"));
        let denial = refused.body["denial"].as_object_mut().unwrap();
        denial.remove("decision_id");
        answers.push(refused.body["denial"].clone());
    }
    assert_eq!(answers[0], answers[1], "who has an address without a proof is not told");
    let (_, email) = candidate(&platform.studio).await;
    assert_eq!(appoint(&email).await.status, 201);
    assert_eq!(appoint(&email).await.refusal(), (409, "operators.appoint.already"));

    let wrong = json!({ "email": "ada", "role": "limited", "reason": " " });
    assert_eq!(root.post("/platform/operators", &wrong).await.wrong(), (422, vec!["/email", "/reason"]));
    let (user, _) = platform.operator(PlatformRole::Limited).await;
    let long = |length: usize| json!({ "reason": "r".repeat(length) });
    assert_eq!(change(&root, user, "dismiss", 1, long(501)).await.wrong(), (422, vec!["/reason"]));
    let pattern = json!({ "pattern": "events.*", "effect": "allow", "reason": "r" });
    assert_eq!(change(&root, user, "overrides", 1, pattern).await.wrong(), (422, vec!["/pattern"]));
    let role = json!({ "role": "owner", "reason": "r" });
    assert_eq!(change(&root, user, "role", 1, role).await.wrong(), (422, vec!["/role"]));
    assert_eq!(change(&root, user, "dismiss", 1, long(500)).await.status, 200);
    let nobody = UserId::generate(platform.studio.now());
    assert_eq!(change(&root, nobody, "dismiss", 1, long(1)).await.status, 404);
    assert_eq!(root.get(&format!("/platform/operators/{nobody}")).await.status, 404);
    platform.api.stop().await;
}

#[tokio::test]
async fn rba_04_a_change_takes_the_version_that_was_read_and_happens_once() {
    let platform = Platform::open().await;
    let (_, root) = platform.operator(PlatformRole::SuperAdmin).await;
    let (user, _) = platform.operator(PlatformRole::SupportAdmin).await;
    let path = format!("/platform/operators/{user}/role");
    let body = json!({ "role": "platform_admin", "reason": "promoted" });
    let blind = root.send(Method::POST, &path, &[], Some(&body)).await;
    assert_eq!(blind.refusal(), (428, "request.version_missing"));
    assert_eq!(change(&root, user, "role", 2, body.clone()).await.refusal(), (412, "request.stale"));
    let once = [("If-Match", "\"v1\""), ("Idempotency-Key", "promotion")];
    let first = root.send(Method::POST, &path, &once, Some(&body)).await;
    let again = root.send(Method::POST, &path, &once, Some(&body)).await;
    assert_eq!((first.status, first.body["version"].as_i64()), (200, Some(2)));
    assert_eq!((again.status, &again.body, again.etag), (200, &first.body, first.etag.clone()));
    let other = json!({ "role": "limited", "reason": "promoted" });
    assert_eq!(root.send(Method::POST, &path, &once, Some(&other)).await.status, 422, "another request");
    let same = change(&root, user, "role", 1, body).await;
    assert_eq!((same.status, &same.body["version"]), (200, &json!(2)), "nothing changes");

    let (_, email) = candidate(&platform.studio).await;
    let body = json!({ "email": email, "role": "limited", "reason": "r" });
    let appoint = async || {
        root.send(Method::POST, "/platform/operators", &[("Idempotency-Key", "new")], Some(&body)).await
    };
    let (first, again) = (appoint().await, appoint().await);
    assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
    platform.api.stop().await;
}

#[tokio::test]
async fn rba_04_operators_are_listed_in_pages_with_the_roles_and_permissions_that_there_are() {
    let platform = Platform::open().await;
    let (_, root) = platform.operator(PlatformRole::SuperAdmin).await;
    let mut made = Vec::new();
    for role in [PlatformRole::SupportAdmin, PlatformRole::SupportAdmin, PlatformRole::PlatformAdmin] {
        made.push(platform.operator(role).await.0);
    }
    let dismissed = change(&root, made[1], "dismiss", 1, json!({ "reason": "left" })).await;
    assert_eq!(dismissed.status, 200);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = root.get(&format!("/platform/operators?limit=1&role=support_admin{cursor}")).await;
        seen.extend(page.column("id"));
        let Some(next) = page.body["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(seen.contains(&json!(made[0])), "pages of one have all");
    assert!(!seen.contains(&json!(made[1])), "the dismissed are listed only on request");
    assert!(!seen.contains(&json!(made[2])), "another role");
    let mut all = seen.clone();
    all.sort_by_key(ToString::to_string);
    all.dedup();
    assert_eq!(all.len(), seen.len(), "nobody twice");
    let gone = root.get("/platform/operators?limit=200&status=dismissed&role=support_admin").await;
    assert!(gone.column("id").contains(&json!(made[1])));

    let roles = root.get("/platform/roles").await;
    assert_eq!(roles.column("role"), ["super_admin", "platform_admin", "support_admin", "limited"]);
    assert_eq!(roles.body["data"][0]["patterns"], json!(["platform.*"]));
    let permissions = root.get("/platform/permissions").await;
    assert_eq!(permissions.column("permission"), PlatformSlug::ALL.map(|slug| json!(slug.as_str())));
    let blind = appoint(&platform.studio, &["platform.view_jobs"]).await;
    for path in ["operators", "roles", "permissions", "overview"] {
        let refused = platform.caller(blind).get(&format!("/platform/{path}")).await;
        assert_eq!(refused.refusal(), (403, "rbac.permission.missing"), "{path}");
    }
    platform.api.stop().await;
}

#[tokio::test]
async fn ana_02_an_operator_reads_the_numbers_of_the_platform_and_the_use_is_audited() {
    let platform = Platform::open().await;
    let (user, _) = platform.operator(PlatformRole::SupportAdmin).await;
    let overview = platform.caller(user).get("/platform/overview").await;
    assert_eq!(overview.status, 200);
    assert!(
        overview.body["tenants"]["active"].as_i64() >= Some(1)
            && overview.body["operators"].as_i64() >= Some(1)
    );
    let log = platform.log(user).await;
    assert_eq!(log.last().unwrap().1["action"], "platform.view_overview");
    platform.api.stop().await;
}
