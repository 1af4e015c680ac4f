//! Operators over HTTP: what providers sent, and work that was given up (RBA-04, WHK-01).

use crate::office::{Caller, TestStaff};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio_postgres::Client;
use tryzore_kernel::{JobId, UserId, WebhookId};
use tryzore_testkit::{Database, Service, operator};

const ALL: &[&str] =
    &["platform.view_webhooks", "platform.replay_webhooks", "platform.view_jobs", "platform.replay_jobs"];

/// Someone without any right in a tenant, appointed with `permissions`.
async fn appoint(office: &TestStaff, permissions: &[&str]) -> Caller {
    let user = operator::appoint(&office.studio, permissions).await;
    office.caller(user, &[], &[])
}

async fn worker(office: &TestStaff) -> Client {
    office.studio.database.client(Service::Work).await
}

/// A delivery that was given up, of a provider that no other test has.
async fn delivery(office: &TestStaff, provider: &str) -> WebhookId {
    let (id, now): (_, DateTime<Utc>) = (WebhookId::generate(office.studio.now()), office.studio.now());
    let owner = office.studio.database.owner_client().await;
    let insert =
        "INSERT INTO webhooks.deliveries (id, provider, external_id, event_type, headers, raw_payload,
                      received_at, dead_at, error_message)
                  VALUES ($1, $2, 'event_' || $1::uuid, 'user.updated', '{\"sig\":\"t=1\"}',
                      convert_to('{\"email\":\"ada@example.com\"}', 'UTF8'), $3, $3, 'it cannot be read')";
    owner.execute(insert, &[&id.uuid(), &provider, &now]).await.unwrap();
    id
}

/// Work that was given up, of a kind that no other test has.
async fn dead_job(office: &TestStaff, kind: &str) -> JobId {
    let (id, now): (_, DateTime<Utc>) = (JobId::generate(office.studio.now()), office.studio.now());
    let insert = "INSERT INTO runtime.jobs (id, queue, kind, payload, run_at, attempts, last_error, dead_at, created_at)
                  VALUES ($1, 'nobody', $2, '{\"to\":\"ada@example.com\"}', $3, 12, 'no such thing', $3, $3)";
    worker(office).await.execute(insert, &[&id.uuid(), &kind, &now]).await.unwrap();
    id
}

/// What `user` did, as the event log tells it: actions and whom they were done to.
async fn uses(office: &TestStaff, user: UserId) -> Vec<(String, String)> {
    let answer = "SELECT payload->>'action', aggregate_id::text FROM runtime.outbox
                WHERE kind = 'journal.audited' AND actor->>'user' = $1 AND tenant_id IS NULL ORDER BY seq";
    let rows = worker(office).await.query(answer, &[&user.to_string()]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn cmp_03_what_is_audited_of_no_tenant_says_from_where_too() {
    let office = TestStaff::open().await;
    let operator = appoint(&office, ALL).await;
    let webhook = delivery(&office, &format!("p{}", operator.user.uuid().simple())).await;
    let url = format!("{}/platform/webhooks/{webhook}", operator.base);
    let opened =
        reqwest::Client::new().get(url).bearer_auth(&operator.token).header("User-Agent", "Console/2.1");
    assert_eq!(opened.send().await.unwrap().status(), 200);
    let answer =
        "SELECT payload->>'action', payload->>'ip_address', payload->>'user_agent' FROM runtime.outbox
                WHERE kind = 'journal.audited' AND actor->>'user' = $1 AND tenant_id IS NULL ORDER BY seq";
    let rows = worker(&office).await.query(answer, &[&operator.user.to_string()]).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|row| [0, 1, 2].map(|column| row.get::<_, String>(column))).collect();
    assert_eq!(rows, [["webhooks.open", "127.0.0.1", "Console/2.1"].map(str::to_owned)]);
    office.api.stop().await;
}

#[tokio::test]
async fn whk_01_an_operator_lists_opens_and_replays_and_each_use_is_audited() {
    let office = TestStaff::open().await;
    let operator = appoint(&office, ALL).await;
    let provider = format!("p{}", operator.user.uuid().simple());
    let (first, second) = (delivery(&office, &provider).await, delivery(&office, &provider).await);

    let list = format!("/platform/webhooks?provider={provider}&status=dead");
    let page = operator.get(&format!("{list}&limit=1")).await;
    assert_eq!((page.status, page.rows().len()), (200, 1));
    assert_eq!(page.rows()[0].get("body").or(page.rows()[0].get("headers")), None);
    let next = page.body["next_cursor"].as_str().unwrap();
    let rest = operator.get(&format!("{list}&limit=1&cursor={next}")).await;
    assert_eq!((rest.rows().len(), &rest.body["next_cursor"]), (1, &Value::Null));
    assert_eq!(
        operator.get(&format!("/platform/webhooks?provider={provider}&status=processed")).await.rows().len(),
        0
    );
    assert_eq!(operator.get("/platform/webhooks?status=lost").await.wrong(), (422, "status"));

    let opened = operator.get(&format!("/platform/webhooks/{first}")).await;
    assert_eq!((opened.status, opened.id()), (200, first.to_string().as_str()));
    assert_eq!(opened.body["headers"], json!({"sig": "t=1"}));
    assert_eq!(opened.body["body"], "{\"email\":\"ada@example.com\"}");

    let replay = format!("/platform/webhooks/{second}/replay");
    assert_eq!(operator.post(&replay, &json!({})).await.status, 202);
    assert_eq!(operator.post(&replay, &json!({})).await.status, 202);
    let jobs = "SELECT count(*) FROM runtime.jobs WHERE dedupe_key = 'webhooks.replay:' || $1";
    let waiting: i64 = worker(&office).await.query_one(jobs, &[&second.to_string()]).await.unwrap().get(0);
    assert_eq!(waiting, 1, "asked for twice, it happens once");
    let gone = WebhookId::generate(office.studio.now());
    assert_eq!(operator.get(&format!("/platform/webhooks/{gone}")).await.status, 404);
    assert_eq!(operator.post(&format!("/platform/webhooks/{gone}/replay"), &json!({})).await.status, 404);

    let me = operator.user.uuid().to_string();
    let listed = || ("platform.view_webhooks".to_owned(), me.clone());
    let (open, replayed) = ("webhooks.open".to_owned(), "webhooks.replay".to_owned());
    let (first, second) = (first.uuid().to_string(), second.uuid().to_string());
    let expected = [
        listed(),
        listed(),
        listed(),
        (open, first),
        (replayed.clone(), second.clone()),
        (replayed, second),
        // What was not there was looked for all the same.
        listed(),
    ];
    assert_eq!(uses(&office, operator.user).await, expected);
    office.api.stop().await;
}

#[tokio::test]
async fn an_operator_sees_work_that_was_given_up_and_has_it_done_again() {
    let office = TestStaff::open().await;
    let operator = appoint(&office, ALL).await;
    let kind = format!("test.{}", operator.user.uuid().simple());
    let job = dead_job(&office, &kind).await;
    let list = format!("/platform/jobs/dead?kind={kind}");
    let page = operator.get(&list).await;
    assert_eq!((page.rows().len(), &page.rows()[0]["last_error"]), (1, &json!("no such thing")));
    assert_eq!(page.rows()[0].get("payload"), None, "it may hold personal data");

    let replay = format!("/platform/jobs/{job}/replay");
    assert_eq!(operator.post(&replay, &json!({})).await.status, 202);
    assert_eq!(operator.get(&list).await.rows().len(), 0);
    assert_eq!(operator.post(&replay, &json!({})).await.status, 404, "it is not given up any more");
    let uses = uses(&office, operator.user).await;
    assert!(uses.contains(&("runtime.replay".into(), job.uuid().to_string())), "{uses:?}");
    office.api.stop().await;
}

#[tokio::test]
async fn rba_04_who_is_no_operator_is_refused_the_same_whatever_there_is() {
    let office = TestStaff::open().await;
    let provider = format!("p{}", office.owner.uuid().simple());
    let (there, gone) = (delivery(&office, &provider).await, WebhookId::generate(office.studio.now()));
    // Everything in a tenant is nothing over the platform.
    let owner = office.as_owner();
    for path in ["/platform/webhooks", "/platform/jobs/dead"] {
        assert_eq!(owner.get(path).await.refusal(), (403, "rbac.operator.required"), "{path}");
    }
    let mut answer = Vec::new();
    for id in [there, gone] {
        let mut opened = owner.get(&format!("/platform/webhooks/{id}")).await;
        assert_eq!(opened.refusal(), (403, "rbac.operator.required"));
        let unlike = opened.body.as_object_mut().unwrap();
        let denial = unlike.get_mut("denial").unwrap().as_object_mut().unwrap();
        assert!(denial.remove("decision_id").is_some(), "the refusal is recorded");
        unlike.remove("trace_id");
        answer.push(opened.body);
        let replayed = owner.post(&format!("/platform/webhooks/{id}/replay"), &json!({})).await;
        assert_eq!(replayed.refusal(), (403, "rbac.operator.required"));
    }
    assert_eq!(answer[0], answer[1]);
    let job = dead_job(&office, "test.refused").await;
    assert_eq!(owner.post(&format!("/platform/jobs/{job}/replay"), &json!({})).await.status, 403);
    assert_eq!(uses(&office, office.owner).await, []);
    office.api.stop().await;
}

#[tokio::test]
async fn rba_04_an_operator_needs_each_permission_and_gets_nothing_in_a_tenant() {
    let office = TestStaff::open().await;
    let viewer = appoint(&office, &["platform.view_webhooks", "platform.unheard_of"]).await;
    let provider = format!("p{}", viewer.user.uuid().simple());
    let delivery = delivery(&office, &provider).await;
    assert_eq!(viewer.get(&format!("/platform/webhooks/{delivery}")).await.status, 200);
    let replayed = viewer.post(&format!("/platform/webhooks/{delivery}/replay"), &json!({})).await;
    assert_eq!(replayed.refusal(), (403, "rbac.permission.missing"));
    assert_eq!(viewer.get("/platform/jobs/dead").await.refusal(), (403, "rbac.permission.missing"));
    assert_eq!(viewer.get("/staff").await.status, 403);

    let owner = Database::shared().await.owner_client().await;
    let dismissed = "DELETE FROM platform.operators WHERE user_id = $1";
    owner.execute(dismissed, &[&viewer.user.uuid()]).await.unwrap();
    let path = format!("/platform/webhooks/{delivery}");
    assert_eq!(viewer.get(&path).await.refusal(), (403, "rbac.operator.required"), "at once");
    office.api.stop().await;
}
