//! How the audit trail is read when there is much of it (CMP-03).

use tryzore_postgres::governance::trail::TRAIL;
use tryzore_testkit::{Database, TestTenant};

#[tokio::test]
async fn cmp_03_a_page_of_the_trail_is_a_range_of_the_primary_key_and_never_sorted() {
    // Statistics of a table of some size, which others do not change meanwhile.
    let studio = TestTenant::open_in(Database::own().await).await;
    let many = "INSERT INTO governance.audit_log (tenant_id, id, actor, action, target_id, organization_ids, details, at)
                SELECT $1, lpad(to_hex(n), 32, '0')::uuid, '{}', 'roles.edit', gen_random_uuid(), ARRAY[$2::uuid], '{}',
                    to_timestamp(n)
                FROM generate_series(1, 20000) n";
    studio.sql.execute(many, &[&studio.tenant.uuid(), &studio.main.uuid()]).await.unwrap();
    studio.database.owner_client().await.batch_execute("ANALYZE governance.audit_log").await.unwrap();
    let prepare = format!(
        "SET plan_cache_mode = force_generic_plan;
         PREPARE trail (uuid, uuid, uuid, timestamptz, timestamptz, text, text, uuid, uuid[], bigint) AS {TRAIL}"
    );
    studio.sql.batch_execute(&prepare).await.unwrap();
    let ids = [studio.tenant.uuid(), uuid::Uuid::max(), uuid::Uuid::nil()];
    let explain = format!(
        "EXPLAIN EXECUTE trail ('{}', '{}', '{}', NULL, NULL, NULL, NULL, NULL, ARRAY['{}'::uuid], 51)",
        ids[0],
        ids[1],
        ids[2],
        studio.main.uuid()
    );
    let rows = studio.sql.query(&explain, &[]).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let has = |text: &str| plan.iter().any(|line| line.contains(text));
    assert!(has("Index Scan Backward using audit_log_pkey"), "{plan:#?}");
    assert!(has("Index Cond: ((tenant_id = $1) AND (id < $2) AND (id >= $3))"), "{plan:#?}");
    assert!(!has("Sort"), "{plan:#?}");
}
