//! What is not kept goes, at its boundary.

use super::shop::Shop;
use chrono::TimeDelta;
use tryzore_kernel::uuid_at;
use tryzore_postgres::runtime::purge::{IDEMPOTENCY_KEYS, NOTES, Purged, purge};

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
    assert_eq!(purged, Purged { idempotency_keys: 1, followed: 1, schedule_runs: 1 });
    assert_eq!(
        shop.studio.count("SELECT count(*) FROM runtime.idempotency_keys WHERE key = 'kept'").await,
        1
    );
    let last = "SELECT count(*) FROM runtime.schedule_runs WHERE schedule = 'seldom'";
    assert_eq!(shop.count(last).await, 1, "the last run says where to go on");
    assert_eq!(purge(&shop.work).await.unwrap(), Purged::default());
}
