//! Clients over HTTP, as staff use them (MEM-10).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on ends")]

#[allow(dead_code, reason = "each test uses its part")]
use crate::caller::{Caller, across};
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{OrganizationId, UserId};
use tryzore_rbac::catalogue::OwnProfile;
use tryzore_testkit::{Database, Dispatch, TestTenant, http::Api};

const ALL: &[&str] = &["clients.*"];

fn ada() -> Value {
    json!({
        "given_name": "Ada", "family_name": "Rossi", "email": mailbox("ada"), "phone": "333 1234567",
        "locale": "it", "birth_date": "1990-12-25", "marketing_consent": false, "external_ref": "A-1",
    })
}

/// An address that no other run of the tests has used: users are global.
fn mailbox(name: &str) -> String {
    format!("{name}.{}@example.com", UserId::generate(chrono::DateTime::UNIX_EPOCH).uuid().simple())
}

#[tokio::test]
async fn mem_10_a_client_is_added_read_changed_put_away_and_brought_back() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);

    let body = ada();
    let added = staff.send(Method::POST, "/clients", &[("Idempotency-Key", "k1")], Some(&body)).await;
    assert_eq!((added.status, &added.body["phone"]), (201, &json!("+393331234567")), "{:?}", added.body);
    assert_eq!(added.body["home_organization_id"], json!(studio.main));
    assert_eq!(added.body["joined_on"], "2026-03-02", "the day in Rome");
    let again = staff.send(Method::POST, "/clients", &[("Idempotency-Key", "k1")], Some(&body)).await;
    assert_eq!((again.status, &again.body), (201, &added.body));
    assert_eq!(studio.count("SELECT count(*) FROM crm.clients").await, 1);

    let path = format!("/clients/{}", added.id());
    let read = staff.get(&path).await;
    assert_eq!((read.status, read.etag.as_deref()), (200, Some("\"v1\"")));
    assert_eq!(read.body["external_ref"], "A-1");
    assert_eq!(read.body["activity"]["visits"], 0);

    let changed = staff.put(&path, "\"v1\"", &json!({"family_name": null, "phone": "06 1234 5678"})).await;
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("\"v2\"")), "{:?}", changed.body);
    assert_eq!(
        (&changed.body["family_name"], &changed.body["phone"]),
        (&json!(null), &json!("+390612345678"))
    );
    assert_eq!(changed.body["email"], added.body["email"], "what is left out stays");
    let stale = staff.put(&path, "\"v1\"", &json!({"given_name": "Bea"})).await;
    assert_eq!(stale.refusal(), (412, "request.stale"));
    let unread = staff.send(Method::PUT, &path, &[], Some(&json!({"given_name": "Bea"}))).await;
    assert_eq!(unread.refusal(), (428, "request.version_missing"));

    let away = staff.send(Method::DELETE, &path, &[("If-Match", "\"v2\"")], None).await;
    assert_eq!(
        (away.status, &away.body["status"], away.etag.as_deref()),
        (200, &json!("archived"), Some("\"v3\""))
    );
    assert_eq!(staff.get("/clients").await.body["data"], json!([]), "lists leave it out");
    assert_eq!(staff.get("/clients?status=archived").await.column("id"), [json!(added.id())]);
    let refused = staff.put(&path, "\"v3\"", &json!({"given_name": "Bea"})).await;
    assert_eq!(refused.refusal(), (409, "crm.edit.archived"));
    let back = staff.send(Method::POST, &format!("{path}/restore"), &[("If-Match", "\"v3\"")], None).await;
    assert_eq!(
        (back.status, &back.body["status"], &back.body["version"]),
        (200, &json!("active"), &json!(4))
    );
    api.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_reason() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    let added = staff.post("/clients", &ada()).await;
    let path = format!("/clients/{}", added.id());

    let all = json!({
        "given_name": "", "family_name": "a@b", "email": "x", "phone": "12", "locale": "italian",
        "birth_date": "2026-03-03", "external_ref": "x".repeat(101), "joined_on": "1949-12-31",
    });
    let wrong = [
        "/given_name",
        "/family_name",
        "/email",
        "/phone",
        "/locale",
        "/external_ref",
        "/birth_date",
        "/joined_on",
    ];
    let answer = staff.post("/clients", &all).await;
    assert_eq!(answer.wrong(), (422, wrong.to_vec()));
    let details: Vec<_> =
        answer.body["errors"].as_array().unwrap().iter().map(|e| e["detail"].as_str().unwrap()).collect();
    assert!(
        details.iter().all(|detail| detail.contains("expected") || detail.contains("no such phone")),
        "{details:?}"
    );

    for (body, pointer) in [
        (json!({"given_name": "Ada"}), "/email"),
        (json!({"email": "a@example.com"}), ""),
        (json!({"given_name": "Ada", "mail": "a@example.com"}), "/mail"),
        (json!({"given_name": "Ada", "home_organization_id": "cli_1"}), "/home_organization_id"),
        (json!({"given_name": "Ada", "email": "a@example.com", "birth_date": "25/12/1990"}), "/birth_date"),
    ] {
        let answer = staff.post("/clients", &body).await;
        assert_eq!(
            (answer.wrong().0, answer.wrong().1.first().copied()),
            (422, Some(pointer)),
            "{body} {:?}",
            answer.body
        );
    }
    for (body, pointer) in [
        (json!({"given_name": null}), "/given_name"),
        (json!({"joined_on": null}), "/joined_on"),
        (json!({"marketing_consent": null}), "/marketing_consent"),
        (json!({"home_organization_id": null}), "/home_organization_id"),
        (json!({"email": null, "phone": null}), "/email"),
        (json!({"phone": "112"}), "/phone"),
    ] {
        assert_eq!(staff.put(&path, "\"v1\"", &body).await.wrong(), (422, vec![pointer]), "{body}");
    }
    assert_eq!(staff.put(&path, "1", &json!({})).await.wrong(), (422, vec!["If-Match"]));
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("presence=gone", "presence"),
        ("status=gone", "status"),
        ("q=", "q"),
        ("q=%00", "q"),
        ("q=%20", "q"),
        ("organization=x", "organization"),
        ("colour=red", "colour"),
    ] {
        assert_eq!(staff.get(&format!("/clients?{query}")).await.wrong(), (422, vec![name]), "{query}");
    }
    assert_eq!(staff.get("/clients/x").await.refusal(), (400, "request.path"));
    let history = format!("{path}/cross-location-history?cursor=bm9wZQ");
    assert_eq!(staff.get(&history).await.wrong(), (422, vec!["cursor"]));
    let nowhere = json!({"given_name": "A", "email": mailbox("a"), "home_organization_id": OrganizationId::generate(studio.now())});
    assert_eq!(staff.post("/clients", &nowhere).await.refusal(), (404, "not_found"));
    api.stop().await;
}

#[tokio::test]
async fn an_address_is_one_client_and_a_number_may_be_a_family() {
    let studio = TestTenant::open().await;
    let there = studio.location("There").await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    let elsewhere = Caller::staff(&api, &studio, there, ALL);
    let body = ada();
    let first = staff.post("/clients", &body).await;
    let again = staff.post("/clients", &body).await;
    assert_eq!(again.refusal(), (409, "crm.add.duplicate"));
    assert_eq!(again.body["denial"]["because"][0]["value"], json!(first.id()));
    assert!(again.body["denial"]["decision_id"].as_str().unwrap().starts_with("dec_"));
    let unseen = elsewhere.post("/clients", &body).await;
    assert_eq!(unseen.refusal(), (409, "crm.add.duplicate"));
    assert!(!unseen.body.to_string().contains("Rossi"), "{:?}", unseen.body);
    let family = json!({"given_name": "Ugo", "family_name": "Rossi", "phone": "+39 333 123 4567"});
    let family = staff.post("/clients", &family).await;
    assert_eq!((family.status, &family.body["possible_duplicate_ids"]), (201, &json!([first.id()])));
    api.stop().await;
}

#[tokio::test]
async fn another_location_and_another_tenant_see_nothing() {
    let studio = TestTenant::open().await;
    let there = studio.location("There").await;
    let other = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    let path = format!("/clients/{}", staff.post("/clients", &ada()).await.id());
    let restore = format!("{path}/restore");
    let history = format!("{path}/cross-location-history");
    let v1: &[(&'static str, &str)] = &[("If-Match", "\"v1\"")];
    let strangers = [
        Caller::staff(&api, &studio, there, ALL),
        Caller::new(&api, other.as_staff(UserId::generate(other.now()), other.main, ALL)),
    ];
    for stranger in &strangers {
        for answer in [
            stranger.get(&path).await,
            stranger.get(&history).await,
            stranger.send(Method::PUT, &path, v1, Some(&json!({}))).await,
            stranger.send(Method::DELETE, &path, v1, None).await,
            stranger.send(Method::POST, &restore, v1, None).await,
            stranger.get(&format!("/clients?organization_id={}", studio.main)).await,
        ] {
            assert_eq!(answer.refusal(), (404, "not_found"));
        }
        assert_eq!(stranger.get("/clients").await.body["data"], json!([]));
        assert_eq!(stranger.get("/clients?q=ross").await.body["data"], json!([]));
        let body = json!({"given_name": "A", "email": mailbox("a"), "home_organization_id": studio.main});
        assert_eq!(stranger.post("/clients", &body).await.refusal(), (404, "not_found"));
    }
    // Who sees the location and lacks the right is told so.
    let held: &[(OrganizationId, &[&str])] = &[(there, ALL), (studio.main, &["events.view_all"])];
    let both = Caller::new(&api, across(&studio, held));
    let body = json!({"given_name": "A", "email": mailbox("a"), "home_organization_id": studio.main});
    assert_eq!(both.post("/clients", &body).await.refusal(), (403, "rbac.permission.missing"));
    let none = Caller::staff(&api, &studio, studio.main, &["events.*"]);
    for answer in [
        none.get("/clients").await,
        none.get(&path).await,
        none.get(&history).await,
        none.post("/clients", &ada()).await,
    ] {
        assert_eq!(answer.refusal(), (403, "rbac.permission.missing"));
    }
    api.stop().await;
}

#[tokio::test]
async fn who_sees_names_only_gets_and_finds_nothing_else() {
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    let trainer = Caller::staff(&api, &studio, studio.main, &["clients.view_basic"]);
    let added = staff.post("/clients", &ada()).await;
    let email = added.body["email"].as_str().unwrap().to_owned();

    let seen = trainer.get(&format!("/clients/{}", added.id())).await;
    assert_eq!(
        (seen.status, &seen.body["given_name"], &seen.body["is_limited"]),
        (200, &json!("Ada"), &json!(true))
    );
    let listed = trainer.get("/clients?q=ROSSI").await;
    assert_eq!(listed.column("family_name"), [json!("Rossi")]);
    for body in [&seen.body, &listed.body["data"][0]] {
        for hidden in [
            "email",
            "phone",
            "birth_date",
            "marketing_consent",
            "external_ref",
            "joined_on",
            "activity",
            "last_visit_at",
        ] {
            assert!(body[hidden].is_null(), "{hidden}: {body}");
        }
    }
    for found_by in [email.as_str(), "333%201234567", "%2B39333"] {
        let query = format!("/clients?q={found_by}");
        assert_eq!(trainer.get(&query).await.column("id"), Vec::<Value>::new(), "{found_by} would tell");
        assert_eq!(staff.get(&query).await.column("id"), [json!(added.id())], "{found_by}");
    }
    api.stop().await;
}

#[tokio::test]
async fn a_client_moves_home_only_to_where_the_mover_may_edit() {
    let studio = TestTenant::open().await;
    let there = studio.location("There").await;
    let api = Api::start(&studio, routes);
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    let path = format!("/clients/{}", staff.post("/clients", &ada()).await.id());
    let to = json!({"home_organization_id": there});
    assert_eq!(staff.put(&path, "\"v1\"", &to).await.refusal(), (404, "not_found"));
    let both = Caller::new(&api, across(&studio, &[(studio.main, ALL), (there, ALL)]));
    let moved = both.put(&path, "\"v1\"", &to).await;
    assert_eq!((moved.status, &moved.body["home_organization_id"]), (200, &json!(there)));
    studio
        .sql
        .execute("UPDATE tenancy.organizations SET status = 'closed' WHERE id = $1", &[&studio.main.uuid()])
        .await
        .unwrap();
    let back = json!({"home_organization_id": studio.main});
    assert_eq!(both.put(&path, "\"v2\"", &back).await.refusal(), (404, "not_found"), "a closed location");
    api.stop().await;
}

#[tokio::test]
async fn a_client_hears_of_each_change_to_herself_and_of_none_to_others() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let (api, _dispatch) = (Api::start(&studio, routes), Dispatch::start(&studio));
    let staff = Caller::staff(&api, &studio, studio.main, ALL);
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    for member in [bea, ada] {
        let path = format!("/clients/{}", member.client);
        let edited = staff.put(&path, "\"v1\"", &json!({"given_name": "Grace"})).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        for (method, tag) in [(Method::DELETE, "\"v2\""), (Method::POST, "\"v3\"")] {
            let path = if method == Method::POST { format!("{path}/restore") } else { path.clone() };
            let turned = staff.send(method, &path, &[("If-Match", tag)], Some(&json!({}))).await;
            assert_eq!(turned.status, 200, "{turned:?}");
        }
    }
    let permit = studio.as_client(ada, studio.main).permit::<OwnProfile>().unwrap();
    let heard = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            let stretch = studio.db.tenant_tx(&permit, async |tx| tx.stream_after(0, permit.grants()).await);
            let events = stretch.await.unwrap().events;
            if events.len() == 3 {
                return events;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    let heard = heard.await.expect("three events");
    let kinds: Vec<_> = heard.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["crm.client_edited", "crm.client_archived", "crm.client_restored"]);
    assert!(heard.iter().all(|event| event.payload["user"] == json!(ada.user)));
    let about = format!("SELECT count(*) FROM governance.audit_log WHERE subject_id = '{}'", ada.user.uuid());
    assert_eq!(studio.count(&about).await, 3, "CMP-03: the trail names whom it concerns");
    api.stop().await;
}
