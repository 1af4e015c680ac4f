//! The outbox: positions in commit order, each subscription once, each aggregate in order.

use super::queue_test::{PROGRAM, TestQueue, eventually, publish};
use serde_json::json;
use tryzore_kernel::{OutboxId, uuid_at};
use tryzore_postgres::runtime::{Follow, outbox::dispatch};

#[tokio::test]
async fn an_event_reaches_each_subscription_once_however_often_it_is_delivered() {
    let queue_test = TestQueue::open().await;
    let aggregate = uuid_at(queue_test.now());
    queue_test.publish(aggregate, json!({"n": 1})).await;
    let dispatched = dispatch(&queue_test.work, &PROGRAM).await.unwrap();
    assert_eq!((dispatched.events, dispatched.jobs, dispatched.last), (1, 2, Some(1)));
    assert_eq!(dispatch(&queue_test.work, &PROGRAM).await.unwrap().events, 0);
    // The worker died after the effect and before the job was deleted: the job is there again.
    queue_test.owner.batch_execute("CREATE TEMP TABLE kept AS SELECT * FROM runtime.jobs").await.unwrap();
    queue_test.drain().await;
    let again = "INSERT INTO runtime.jobs (id, tenant_id, kind, payload, dedupe_key, order_key, run_at, created_at)
                 SELECT gen_random_uuid(), tenant_id, kind, payload, dedupe_key, order_key, run_at, created_at FROM kept";
    queue_test.owner.execute(again, &[]).await.unwrap();
    queue_test.drain().await;
    let mut log = queue_test.log();
    log.sort();
    assert_eq!(log, ["after 1", "first 1", "second 1"]);
    assert_eq!(queue_test.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'test.followed'").await, 1);
}

#[tokio::test]
async fn what_a_subscription_did_is_undone_with_its_failure() {
    let queue_test = TestQueue::open().await;
    queue_test.publish(uuid_at(queue_test.now()), json!({"n": 1, "fails": true})).await;
    dispatch(&queue_test.work, &PROGRAM).await.unwrap();
    queue_test.drain().await;
    assert_eq!(queue_test.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'test.followed'").await, 0);
    assert_eq!(
        queue_test.count("SELECT count(*) FROM runtime.followed WHERE subscription = 'first'").await,
        0
    );
    let dead = queue_test
        .owner
        .query_one("SELECT last_error FROM runtime.jobs WHERE dead_at IS NOT NULL", &[])
        .await
        .unwrap();
    assert_eq!(dead.get::<_, &str>(0), "as told", "the reason is kept, not the answer for callers");
}

#[tokio::test]
async fn an_event_of_another_shape_is_given_up_with_the_reason() {
    let queue_test = TestQueue::open().await;
    queue_test.publish(uuid_at(queue_test.now()), json!({"n": "one"})).await;
    dispatch(&queue_test.work, &PROGRAM).await.unwrap();
    queue_test.drain().await;
    let mut log = queue_test.log();
    log.sort();
    assert_eq!(
        log,
        ["after \"one\"", "second \"one\""],
        "who takes the payload as it is has no shape to miss"
    );
    let dead = "SELECT last_error, attempts FROM runtime.jobs WHERE dead_at IS NOT NULL";
    let dead = queue_test.owner.query_one(dead, &[]).await.unwrap();
    assert!(dead.get::<_, &str>(0).starts_with("test.happened: invalid type"), "{}", dead.get::<_, &str>(0));
    assert_eq!(dead.get::<_, i32>(1), 1, "another attempt would not help");
}

#[tokio::test]
async fn events_of_an_aggregate_are_followed_in_order_by_several_runners() {
    let queue_test = TestQueue::open().await;
    let aggregates: Vec<_> = (0..5).map(|_| uuid_at(queue_test.now())).collect();
    for n in 0..60_usize {
        queue_test.publish(aggregates[n % 5], json!({"n": n})).await;
    }
    dispatch(&queue_test.work, &PROGRAM).await.unwrap();
    queue_test.run_with(3, TestQueue::settings(), async || queue_test.jobs_left().await == 0).await;
    for aggregate in 0..5 {
        let followed: Vec<usize> = queue_test
            .log()
            .iter()
            .filter_map(|line| line.strip_prefix("first ")?.parse().ok())
            .filter(|n| n % 5 == aggregate)
            .collect();
        assert!(followed.len() == 12 && followed.is_sorted(), "{followed:?}");
    }
}

#[tokio::test]
async fn an_event_of_no_tenant_reaches_only_who_needs_none() {
    let queue_test = TestQueue::open().await;
    queue_test
        .work
        .auth_tx(async |tx| {
            for kind in ["test.happened", "test.global"] {
                let event = tryzore_kernel::Published::new(
                    kind,
                    uuid_at(queue_test.now()),
                    None,
                    queue_test.now(),
                    &json!({"n": 1}),
                );
                tryzore_kernel::Journal::event_publish(tx, event);
            }
            Ok::<_, tryzore_kernel::Problem>(())
        })
        .await
        .unwrap();
    assert!(matches!(PROGRAM.subscriptions[1].follow, Follow::Anywhere(_)));
    assert_eq!(dispatch(&queue_test.work, &PROGRAM).await.unwrap().jobs, 2);
    queue_test.drain().await;
    assert!(queue_test.log().iter().all(|line| line.starts_with("second") || line.starts_with("after")));
}

#[tokio::test]
async fn a_transaction_that_commits_late_gets_a_late_position() {
    let queue_test = TestQueue::open().await;
    // Draws its number first and commits last.
    let late = queue_test.studio.database.client(tryzore_testkit::Service::Api).await;
    let insert = "INSERT INTO runtime.outbox (id, tenant_id, kind, aggregate_id, actor, payload, occurred_at)
                  VALUES ($1, $2, 'test.late', $1, '{}', '{}', now())";
    late.batch_execute(&format!("BEGIN; SET LOCAL app.tenant_id = '{}'", queue_test.studio.tenant.uuid()))
        .await
        .unwrap();
    late.execute(insert, &[&OutboxId::generate(queue_test.now()).uuid(), &queue_test.studio.tenant.uuid()])
        .await
        .unwrap();
    queue_test.publish(uuid_at(queue_test.now()), json!({"n": 1})).await;
    assert_eq!(dispatch(&queue_test.work, &PROGRAM).await.unwrap().last, Some(1));
    late.batch_execute("COMMIT").await.unwrap();
    assert_eq!(dispatch(&queue_test.work, &PROGRAM).await.unwrap().last, Some(2));
    let order =
        queue_test.owner.query("SELECT kind FROM runtime.outbox ORDER BY position", &[]).await.unwrap();
    assert_eq!(order.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["test.happened", "test.late"]);
}

#[tokio::test]
async fn a_reader_never_finds_a_position_below_one_that_it_has_seen() {
    let queue_test = TestQueue::open().await;
    let (db, tenant, now) = (queue_test.studio.db.clone(), queue_test.studio.tenant, queue_test.now());
    let publishing = async {
        let publish_some = |writer: usize| {
            let db = db.clone();
            async move {
                for n in 0..60 {
                    publish(&db, tenant, uuid_at(now), json!({"n": writer * 100 + n}), now).await;
                }
            }
        };
        futures::future::join_all((0..4).map(publish_some)).await;
    };
    // Two dispatchers compete for the events; a reader goes by position.
    let dispatching = async {
        eventually(async || {
            let (one, two) =
                futures::join!(dispatch(&queue_test.work, &PROGRAM), dispatch(&queue_test.work, &PROGRAM));
            one.unwrap();
            two.unwrap();
            queue_test.count("SELECT count(*) FROM runtime.outbox WHERE position IS NOT NULL").await == 240
        })
        .await;
    };
    let reader = queue_test.studio.database.client(tryzore_testkit::Service::Work).await;
    let reading = async {
        let (mut seen, mut last) = (0, 0_i64);
        eventually(async || {
            let query = "SELECT position FROM runtime.outbox WHERE position > $1 ORDER BY position LIMIT 7";
            for row in reader.query(query, &[&last]).await.unwrap() {
                last = row.get(0);
                seen += 1;
            }
            seen == 240
        })
        .await;
        (seen, last)
    };
    let ((), (), (seen, last)) = futures::join!(publishing, dispatching, reading);
    assert_eq!((seen, last), (240, 240));
    assert_eq!(queue_test.count("SELECT count(*) FROM runtime.jobs WHERE kind = 'follow'").await, 480);
}
