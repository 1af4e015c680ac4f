//! Expired rows are deleted, exactly at their limit.

use super::queue_test::TestQueue;
use chrono::TimeDelta;
use tryzore_auth::throttle::FORGET;
use tryzore_kernel::{OutboxId, uuid_at};
use tryzore_postgres::runtime::purge::{
    ARCHIVES, CHALLENGES, DEAD_DELIVERIES, DELIVERIES, EVENTS, IDEMPOTENCY_KEYS, LINKS, NOTES, Purged,
    SESSIONS, purge,
};

#[tokio::test]
async fn rows_exactly_as_old_as_their_limit_stay() {
    let queue_test = TestQueue::open().await;
    let (now, tick) = (queue_test.now(), TimeDelta::microseconds(1));
    let key = "INSERT INTO runtime.idempotency_keys (tenant_id, actor_id, key, fingerprint, status, body, created_at)
               VALUES ($1, $1, $2::text, '', 200, '{}', $3)";
    let tenant = queue_test.studio.tenant.uuid();
    for (name, at) in [("kept", now - IDEMPOTENCY_KEYS), ("gone", now - IDEMPOTENCY_KEYS - tick)] {
        queue_test.studio.sql.execute(key, &[&tenant, &name, &at]).await.unwrap();
    }
    let answer = "INSERT INTO platform.first_answers (user_id, key, fingerprint, status, body, created_at)
                  VALUES ($1, $2, '', 200, '{}', $3)";
    for (name, at) in [("kept", now - IDEMPOTENCY_KEYS), ("gone", now - IDEMPOTENCY_KEYS - tick)] {
        let operator = queue_test.studio.database.owner_client().await;
        operator.execute(answer, &[&tenant, &name, &at]).await.unwrap();
    }
    let note = "INSERT INTO runtime.followed VALUES ('s', $1, $2)";
    let run = "INSERT INTO runtime.schedule_runs (schedule, due_at, started_at) VALUES ($1, $2, $2)";
    for at in [now - NOTES, now - NOTES - tick] {
        queue_test.owner.execute(note, &[&uuid_at(now), &at]).await.unwrap();
        queue_test.owner.execute(run, &[&"often", &at]).await.unwrap();
    }
    queue_test.owner.execute(run, &[&"seldom", &(now - NOTES * 2)]).await.unwrap();
    let purged = purge(&queue_test.work).await.unwrap();
    assert_eq!(purged, Purged { idempotency_keys: 2, followed: 1, schedule_runs: 1, ..Purged::default() });
    assert_eq!(
        queue_test.studio.count("SELECT count(*) FROM runtime.idempotency_keys WHERE key = 'kept'").await,
        1
    );
    assert_eq!(queue_test.count("SELECT count(*) FROM platform.first_answers WHERE key = 'kept'").await, 1);
    let last = "SELECT count(*) FROM runtime.schedule_runs WHERE schedule = 'seldom'";
    assert_eq!(queue_test.count(last).await, 1, "the last run says where to go on");
    assert_eq!(purge(&queue_test.work).await.unwrap(), Purged::default());
}

#[tokio::test]
async fn whk_01_a_delivery_goes_30_days_after_it_was_processed_and_90_after_it_was_given_up() {
    let queue_test = TestQueue::open().await;
    let (now, tick) = (queue_test.now(), TimeDelta::microseconds(1));
    let long_ago = now - DEAD_DELIVERIES * 2;
    let insert =
        "INSERT INTO webhooks.deliveries (id, provider, external_id, event_type, headers, raw_payload,
            received_at, processed_at, processed_by, result, dead_at, error_message)
        VALUES ($1, 'workos', $2, 'user.updated', '{}', '', $3, $4::timestamptz,
            CASE WHEN $4 IS NOT NULL THEN 'job' END, CASE WHEN $4 IS NOT NULL THEN 'applied' END,
            $5::timestamptz, CASE WHEN $5 IS NOT NULL THEN 'no' END)";
    let deliveries = [
        ("waits", None, None),
        ("processed", Some(now - DELIVERIES), None),
        ("processed too long ago", Some(now - DELIVERIES - tick), None),
        ("dead", None, Some(now - DEAD_DELIVERIES)),
        ("dead too long", None, Some(now - DEAD_DELIVERIES - tick)),
    ];
    let database = queue_test.studio.database.owner_client().await;
    for (name, processed, dead) in deliveries {
        let id = uuid_at(now);
        database.execute(insert, &[&id, &name, &long_ago, &processed, &dead]).await.unwrap();
    }
    assert_eq!(purge(&queue_test.work).await.unwrap().deliveries, 2);
    let left = "SELECT external_id FROM webhooks.deliveries ORDER BY external_id";
    let left: Vec<String> =
        queue_test.owner.query(left, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(left, ["dead", "processed", "waits"]);
    assert_eq!((DELIVERIES.num_days(), DEAD_DELIVERIES.num_days()), (30, 90));
}

#[tokio::test]
async fn an_event_is_deleted_after_90_days_unless_a_subscription_must_still_process_it() {
    let queue_test = TestQueue::open().await;
    let (now, tick) = (queue_test.now(), TimeDelta::microseconds(1));
    let old = now - EVENTS - tick;
    let insert = "INSERT INTO runtime.outbox (id, kind, aggregate_id, actor, payload, occurred_at, position)
                  VALUES ($1, $2, $1, '{}', '{}', $3, $4)";
    let follow = "INSERT INTO runtime.jobs (id, kind, payload, run_at, dead_at, created_at)
                  VALUES ($1, 'follow', jsonb_build_object('subscription', 's', 'message', $2::text), $3, $4, $3)";
    let kept = [
        ("as old as it may be", now - EVENTS, true),
        ("handed to nobody", old, false),
        ("its job waits", old, true),
        ("its job was given up", old, true),
        ("journal.audited", old, true),
    ];
    for (n, (kind, at, is_placed)) in kept.into_iter().chain([("too old", old, true)]).enumerate() {
        let id = OutboxId::generate(now);
        let position = is_placed.then_some(i64::try_from(n).unwrap());
        queue_test.owner.execute(insert, &[&id.uuid(), &kind, &at, &position]).await.unwrap();
        if kind.starts_with("its job") {
            let dead_at = kind.ends_with("given up").then_some(old);
            let job = uuid_at(now);
            queue_test.owner.execute(follow, &[&job, &id.to_string(), &old, &dead_at]).await.unwrap();
        }
    }
    assert_eq!(purge(&queue_test.work).await.unwrap(), Purged { events: 1, ..Purged::default() });
    assert_eq!(queue_test.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'too old'").await, 0);
    assert_eq!(
        queue_test.count("SELECT count(*) FROM runtime.outbox").await,
        i64::try_from(kept.len()).unwrap()
    );
    assert_eq!(EVENTS.num_days(), 90);
}

#[tokio::test]
async fn expired_sessions_links_and_attempts_are_deleted() {
    let queue_test = TestQueue::open().await;
    let (now, tick, later) =
        (queue_test.now(), TimeDelta::microseconds(1), queue_test.now() + TimeDelta::days(1));
    let user = uuid_at(now);
    let insert = "INSERT INTO identity.users (id, name, status, created_at, updated_at)
                  VALUES ($1, 'Ada', 'invited', $2, $2)";
    queue_test.owner.execute(insert, &[&user, &now]).await.unwrap();
    let session = "INSERT INTO identity.sessions (id, user_id, tenant_id, device_name, created_at, last_active,
                       expires_at, revoked_at, revoked_because)
                   VALUES ($1, $2, $2, $3, $4, $4, $4, $5::timestamptz, CASE WHEN $5 IS NOT NULL THEN 'x' END)";
    let refresh = "INSERT INTO identity.refresh_tokens (hash, session_id, generation, issued_at, expires_at)
                   VALUES (sha256($1::uuid::text::bytea), $1, 0, $2, $2)";
    let link = "INSERT INTO identity.one_time_tokens (hash, user_id, email, purpose, issued_at, expires_at, spent_at)
                VALUES (sha256($1::text::bytea), $2, $1, 'invitation', $3, $3, $4)";
    let (session_end, link_end) = (now - SESSIONS, now - LINKS);
    let over = [
        ("kept: expired", session_end, None, link_end, None),
        ("gone: expired", session_end - tick, None, link_end - tick, None),
        ("kept: ended", later, Some(session_end), later, Some(link_end)),
        ("gone: ended", later, Some(session_end - tick), later, Some(link_end - tick)),
        ("kept: good", later, None, later, None),
    ];
    for (name, expires_at, revoked_at, link_expires_at, spent_at) in over {
        let id = uuid_at(now);
        queue_test.owner.execute(session, &[&id, &user, &name, &expires_at, &revoked_at]).await.unwrap();
        queue_test.owner.execute(refresh, &[&id, &expires_at]).await.unwrap();
        queue_test.owner.execute(link, &[&name, &user, &link_expires_at, &spent_at]).await.unwrap();
    }
    let throttle = "INSERT INTO identity.throttles (key, failures, lockouts, last_at)
                    VALUES (sha256($1::text::bytea), 1, 0, $2)";
    // Who works counts no attempts.
    let database = queue_test.studio.database.owner_client().await;
    for (name, at) in [("kept", now - FORGET), ("gone", now - FORGET - tick)] {
        database.execute(throttle, &[&name, &at]).await.unwrap();
    }
    let challenge =
        "INSERT INTO identity.login_challenges (hash, user_id, device_name, issued_at, expires_at, guesses)
                     VALUES (sha256($1::text::bytea), $2, $1, $3, $3, 0)";
    for (name, at) in [("kept", now - CHALLENGES), ("gone", now - CHALLENGES - tick)] {
        database.execute(challenge, &[&name, &user, &at]).await.unwrap();
    }
    let purged = purge(&queue_test.work).await.unwrap();
    let expected = Purged { sessions: 2, links: 2, challenges: 1, throttles: 1, ..Purged::default() };
    assert_eq!(purged, expected);
    let names = async |query: &str| -> Vec<String> {
        queue_test.owner.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let kept = ["kept: ended", "kept: expired", "kept: good"];
    assert_eq!(names("SELECT device_name FROM identity.sessions ORDER BY 1").await, kept);
    assert_eq!(names("SELECT email FROM identity.one_time_tokens ORDER BY 1").await, kept);
    assert_eq!(
        queue_test.count("SELECT count(*) FROM identity.refresh_tokens").await,
        3,
        "they go with theirs"
    );
    let left = "SELECT count(*) FROM identity.login_challenges WHERE device_name = 'kept'";
    assert_eq!(queue_test.count(left).await, 1);
    let left = "SELECT count(*) FROM identity.throttles WHERE key = sha256('kept')";
    assert_eq!(queue_test.count(left).await, 1);
    assert_eq!((SESSIONS.num_days(), LINKS.num_days(), FORGET.num_hours()), (90, 30, 24));
}

#[tokio::test]
async fn onb_08_an_unfinished_sign_up_is_deleted_90_days_after_it_was_archived() {
    let queue_test = TestQueue::open().await;
    let (now, tick) = (queue_test.now(), TimeDelta::microseconds(1));
    let database = queue_test.studio.database.owner_client().await;
    let session = "INSERT INTO tenancy.archived_onboarding_sessions
                       (id, current_step, step_data, expires_at, created_at, archived_at)
                   VALUES ($1, $2, '{}', $3, $3, $3)";
    let signup = "INSERT INTO tenancy.archived_incomplete_signups
                      (id, email, name, is_enterprise, created_at, archived_at)
                  VALUES ($1, $2, $2, false, $3, $3)";
    for (name, at) in [("kept", now - ARCHIVES), ("gone", now - ARCHIVES - tick)] {
        database.execute(session, &[&uuid_at(now), &name, &at]).await.unwrap();
        database.execute(signup, &[&uuid_at(now), &name, &at]).await.unwrap();
    }
    assert_eq!(purge(&queue_test.work).await.unwrap(), Purged { archives: 2, ..Purged::default() });
    for left in [
        "SELECT current_step FROM tenancy.archived_onboarding_sessions",
        "SELECT email FROM tenancy.archived_incomplete_signups",
    ] {
        let left: Vec<String> =
            database.query(left, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(left, ["kept"]);
    }
    assert_eq!(ARCHIVES.num_days(), 90);
}
