//! What is not kept goes, at its boundary.

use super::shop::Shop;
use chrono::TimeDelta;
use tryzore_kernel::uuid_at;
use tryzore_postgres::runtime::purge::{DEAD_DELIVERIES, DELIVERIES, IDEMPOTENCY_KEYS, NOTES, Purged, purge};

#[tokio::test]
async fn what_is_exactly_as_old_as_it_may_be_stays() {
    let shop = Shop::open().await;
    let (now, tick) = (shop.now(), TimeDelta::microseconds(1));
    let key = "INSERT INTO runtime.idempotency_keys (tenant_id, actor_id, key, fingerprint, status, body, created_at)
               VALUES ($1, $1, $2, '', 200, '{}', $3)";
    let tenant = shop.studio.tenant.uuid();
    for (name, at) in [("kept", now - IDEMPOTENCY_KEYS), ("gone", now - IDEMPOTENCY_KEYS - tick)] {
        shop.studio.sql.execute(key, &[&tenant, &name, &at]).await.unwrap();
    }
    let note = "INSERT INTO runtime.followed VALUES ('s', $1, $2)";
    let run = "INSERT INTO runtime.schedule_runs (schedule, due_at, started_at) VALUES ($1, $2, $2)";
    for at in [now - NOTES, now - NOTES - tick] {
        shop.owner.execute(note, &[&uuid_at(now), &at]).await.unwrap();
        shop.owner.execute(run, &[&"often", &at]).await.unwrap();
    }
    shop.owner.execute(run, &[&"seldom", &(now - NOTES * 2)]).await.unwrap();
    let purged = purge(&shop.work).await.unwrap();
    assert_eq!(purged, Purged { idempotency_keys: 1, followed: 1, schedule_runs: 1, deliveries: 0 });
    assert_eq!(
        shop.studio.count("SELECT count(*) FROM runtime.idempotency_keys WHERE key = 'kept'").await,
        1
    );
    let last = "SELECT count(*) FROM runtime.schedule_runs WHERE schedule = 'seldom'";
    assert_eq!(shop.count(last).await, 1, "the last run says where to go on");
    assert_eq!(purge(&shop.work).await.unwrap(), Purged::default());
}

#[tokio::test]
async fn whk_01_a_delivery_goes_30_days_after_it_was_processed_and_90_after_it_was_given_up() {
    let shop = Shop::open().await;
    let (now, tick) = (shop.now(), TimeDelta::microseconds(1));
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
    let database = shop.studio.database.owner_client().await;
    for (name, processed, dead) in deliveries {
        let id = uuid_at(now);
        database.execute(insert, &[&id, &name, &long_ago, &processed, &dead]).await.unwrap();
    }
    assert_eq!(purge(&shop.work).await.unwrap().deliveries, 2);
    let left = "SELECT external_id FROM webhooks.deliveries ORDER BY external_id";
    let left: Vec<String> = shop.owner.query(left, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(left, ["dead", "processed", "waits"]);
    assert_eq!((DELIVERIES.num_days(), DEAD_DELIVERIES.num_days()), (30, 90));
}
