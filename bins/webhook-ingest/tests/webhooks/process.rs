//! Processing: once, given up after failures, and again after a replay.

use crate::post_office::PostOffice;
use chrono::TimeDelta;
use serde_json::json;
use tryzore_kernel::WebhookId;
use tryzore_postgres::runtime::Backoff;

#[tokio::test]
async fn user_deleted_closes_the_user_and_ends_every_session() {
    let office = PostOffice::open().await;
    let (ada, bob) =
        (office.user("user_01", "ada@example.com").await, office.user("user_02", "bob@example.com").await);
    let (first, second) = (office.session(ada, "session_01").await, office.session(ada, "session_02").await);
    let other = office.session(bob, "session_03").await;
    let id = office.deliver("event_01", "user.deleted", json!({ "id": "user_01" })).await;
    office.drain().await;
    assert_eq!(office.standing(id).await, "applied||1|f");
    assert_eq!((office.status(ada).await, office.status(bob).await), ("deactivated".into(), "active".into()));
    for session in [first, second] {
        assert_eq!(office.ended(session).await.as_deref(), Some("deactivated"));
    }
    assert_eq!(office.ended(other).await, None);
    let told = "SELECT count(*) FROM runtime.outbox
                WHERE kind = 'auth.user_deactivated' AND actor = '{\"type\":\"system\",\"system\":\"webhook\"}'";
    assert_eq!(office.count(told).await, 1);
    office.close().await;
}

#[tokio::test]
async fn session_revoked_ends_the_session_of_the_provider_and_no_other() {
    let office = PostOffice::open().await;
    let ada = office.user("user_01", "ada@example.com").await;
    let (ours, other) = (office.session(ada, "session_01").await, office.session(ada, "session_02").await);
    let id = office.deliver("event_01", "session.revoked", json!({ "id": "session_01" })).await;
    office.drain().await;
    assert_eq!(office.standing(id).await, "applied||1|f");
    assert_eq!((office.ended(ours).await.as_deref(), office.ended(other).await), (Some("provider"), None));
    assert_eq!(office.status(ada).await, "active");
    office.close().await;
}

#[tokio::test]
async fn whk_01_a_delivery_is_processed_once_however_often_its_job_runs() {
    let office = PostOffice::open().await;
    let ada = office.user("user_01", "ada@example.com").await;
    let id = office.deliver("event_01", "user.deleted", json!({ "id": "user_01" })).await;
    office.drain().await;
    // The worker died before it could record the success.
    reopen(&office, ada).await;
    let again = "INSERT INTO runtime.jobs (id, kind, payload, run_at, created_at)
                 VALUES (gen_random_uuid(), 'webhooks.process', jsonb_build_object('delivery', $1::uuid::text), $2, $2)";
    office.sql.execute(again, &[&id.uuid(), &office.now()]).await.unwrap();
    office.drain().await;
    assert_eq!(office.standing(id).await, "applied||1|f");
    assert_eq!(office.status(ada).await, "active", "it had no effect again");
    office.close().await;
}

#[tokio::test]
async fn an_unsupported_event_is_recorded_as_ignored() {
    let office = PostOffice::open().await;
    for (external, event) in [("event_01", "dsync.activated"), ("event_02", "of.tomorrow")] {
        let id = office.deliver(external, event, json!({ "id": 7 })).await;
        office.drain().await;
        assert_eq!(office.standing(id).await, "ignored||1|f", "{event}");
    }
    let by = "SELECT count(*) FROM webhooks.deliveries WHERE processed_by ~ '^job_[0-9a-f]{32}$' AND processed_at IS NOT NULL";
    assert_eq!(office.count(by).await, 2);
    office.close().await;
}

#[tokio::test]
async fn whk_01_a_failing_delivery_is_given_up_after_twelve_attempts_and_can_be_replayed() {
    let office = PostOffice::open().await;
    // A row that no use case could have written: reading it fails until the test repairs it.
    let ada = office.user("user_01", "nobody").await;
    let id = office.deliver("event_01", "user.deleted", json!({ "id": "user_01" })).await;
    let slow = Backoff { base: TimeDelta::days(1), cap: TimeDelta::days(1) };
    for attempt in 1..=12 {
        let due = "UPDATE runtime.jobs SET run_at = $1";
        office.sql.execute(due, &[&office.now()]).await.unwrap();
        let tried =
            format!("SELECT count(*) FROM runtime.jobs WHERE attempts = {attempt} AND locked_by IS NULL");
        office.work_until(slow, async || office.count(&tried).await == 1).await;
        let dead = if attempt == 12 { "t" } else { "f" };
        let reason = "the database failed: users.email has an invalid value";
        assert_eq!(office.standing(id).await, format!("|{reason}|{attempt}|{dead}"));
    }
    assert_eq!(office.count("SELECT count(*) FROM runtime.jobs WHERE dead_at IS NOT NULL").await, 1);

    let mend = "UPDATE identity.users SET email = 'ada@example.com' WHERE id = $1";
    office.sql.execute(mend, &[&ada.uuid()]).await.unwrap();
    office.replay(id).await.unwrap();
    office.drain().await;
    assert_eq!(office.standing(id).await, "applied||13|f");
    assert_eq!(office.status(ada).await, "deactivated");
    office.close().await;
}

#[tokio::test]
async fn an_unreadable_delivery_is_given_up_at_once() {
    let office = PostOffice::open().await;
    assert_eq!(office.send(b"not json").await, 202);
    office.drain().await;
    let id: WebhookId = office
        .sql
        .query_one("SELECT id FROM webhooks.deliveries", &[])
        .await
        .unwrap()
        .get::<_, uuid::Uuid>(0)
        .into();
    assert_eq!(office.standing(id).await, "|it cannot be read: the body is not a delivery|1|t");
    office.close().await;
}

#[tokio::test]
async fn whk_01_a_replay_processes_a_processed_delivery_once_more() {
    let office = PostOffice::open().await;
    let ada = office.user("user_01", "ada@example.com").await;
    let id = office.deliver("event_01", "user.deleted", json!({ "id": "user_01" })).await;
    office.drain().await;
    reopen(&office, ada).await;
    for _ in 0..2 {
        office.replay(id).await.unwrap();
    }
    let waiting = "SELECT count(*) FROM runtime.jobs";
    assert_eq!(office.count(waiting).await, 1, "asked for twice before it happened");
    let keep = "CREATE TEMPORARY TABLE kept AS SELECT * FROM runtime.jobs";
    office.sql.batch_execute(keep).await.unwrap();
    office.drain().await;
    assert_eq!(office.standing(id).await, "applied||2|f");
    assert_eq!(office.status(ada).await, "deactivated");

    // Its worker died before it could record the success: the same job again.
    reopen(&office, ada).await;
    let again = "INSERT INTO runtime.jobs (id, kind, payload, run_at, created_at) SELECT id, kind, payload, run_at, created_at FROM kept";
    office.sql.batch_execute(again).await.unwrap();
    office.drain().await;
    assert_eq!(
        (office.standing(id).await.as_str(), office.status(ada).await.as_str()),
        ("applied||2|f", "active")
    );

    assert_eq!(office.replay(WebhookId::generate(office.now())).await, Err(404));
    let audited = "SELECT count(*) FROM runtime.outbox WHERE kind = 'journal.audited' AND payload ->> 'action' = 'webhooks.replay'";
    assert_eq!(office.count(audited).await, 2);
    office.close().await;
}

// As an administrator of the tenant would.
async fn reopen(office: &PostOffice, user: tryzore_kernel::UserId) {
    let reopened = "UPDATE identity.users SET status = 'active', deactivated_at = NULL, workos_user_id = 'user_01' WHERE id = $1";
    office.sql.execute(reopened, &[&user.uuid()]).await.unwrap();
}
