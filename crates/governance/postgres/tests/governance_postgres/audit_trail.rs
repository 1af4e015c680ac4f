//! Reading a large audit trail (CMP-03).

use tryzore_governance_postgres::trail::TRAIL;
use tryzore_testkit::{Database, TestTenant};

#[tokio::test]
async fn cmp_03_a_page_of_the_trail_is_a_range_of_the_primary_key_and_never_sorted() {
    // The test needs statistics of a table with many rows that other tests do not change meanwhile.
    let test_tenant = TestTenant::open_in(Database::own().await).await;
    let many = "INSERT INTO governance.audit_log (tenant_id, id, actor, action, target_id, organization_ids, details, at)
                SELECT $1, lpad(to_hex(n), 32, '0')::uuid, '{}', 'roles.edit', gen_random_uuid(), ARRAY[$2::uuid], '{}',
                    to_timestamp(n)
                FROM generate_series(1, 20000) n";
    test_tenant.sql.execute(many, &[&test_tenant.tenant.uuid(), &test_tenant.main.uuid()]).await.unwrap();
    test_tenant.database.owner_client().await.batch_execute("ANALYZE governance.audit_log").await.unwrap();
    let prepare = format!(
        "SET plan_cache_mode = force_generic_plan;
         PREPARE trail (uuid, uuid, uuid, timestamptz, timestamptz, text, text, uuid, uuid[], bigint) AS {TRAIL}"
    );
    test_tenant.sql.batch_execute(&prepare).await.unwrap();
    let ids = [test_tenant.tenant.uuid(), uuid::Uuid::max(), uuid::Uuid::nil()];
    let explain = format!(
        "EXPLAIN EXECUTE trail ('{}', '{}', '{}', NULL, NULL, NULL, NULL, NULL, ARRAY['{}'::uuid], 51)",
        ids[0],
        ids[1],
        ids[2],
        test_tenant.main.uuid()
    );
    let rows = test_tenant.sql.query(&explain, &[]).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let has = |text: &str| plan.iter().any(|line| line.contains(text));
    assert!(has("Index Scan Backward using audit_log_pkey"), "{plan:#?}");
    assert!(has("Index Cond: ((tenant_id = $1) AND (id < $2) AND (id >= $3))"), "{plan:#?}");
    assert!(!has("Sort"), "{plan:#?}");
}
