//! The list of clients reads about as many rows as it shows, however many there are.

use serde_json::Value;
use tryzore_crm_postgres::views::list_sql;
use tryzore_kernel::OrganizationId;
use tryzore_testkit::{Database, TestTenant};

/// How many rows a plan read from tables when it was executed.
fn rows_read(plan: &Value) -> f64 {
    let number = |key: &str| plan[key].as_f64().unwrap_or_default();
    let is_scan = plan["Relation Name"].is_string();
    let here =
        (number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck"))
            * number("Actual Loops");
    let below = plan["Plans"].as_array().into_iter().flatten().map(rows_read).sum::<f64>();
    below + if is_scan { here } else { 0.0 }
}

async fn read(studio: &TestTenant, statement: &str, values: &str) -> f64 {
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {statement} ({values})");
    let row = studio.sql.query_one(&explain, &[]).await.unwrap();
    rows_read(&row.get::<_, Value>(0)[0]["Plan"])
}

#[tokio::test]
async fn a_page_of_the_list_does_not_read_all_clients_of_the_tenant() {
    // The statistics need a table of some size that no other test changes.
    let studio = TestTenant::open_in(Database::own().await).await;
    let owner = studio.database.owner_client().await;
    let small = OrganizationId::generate(studio.now());
    let (tenant, main) = (studio.tenant.uuid(), studio.main.uuid());
    studio
        .sql
        .execute(
            "INSERT INTO tenancy.organizations SELECT (jsonb_populate_record(o, jsonb_build_object('id', $2::uuid))).*
             FROM tenancy.organizations o WHERE o.tenant_id = $1 AND o.id = $3",
            &[&tenant, &small.uuid(), &main],
        )
        .await
        .unwrap();
    let many = "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, email,
                    phone, status, joined_on, created_at, updated_at)
                SELECT $1, gen_random_uuid(), gen_random_uuid(), CASE WHEN n % 1000 = 0 THEN $3::uuid ELSE $2::uuid END,
                    chr(97 + n % 26) || n, chr(97 + n * 7 % 26) || n, 'e' || n || '@example.com',
                    '+39333' || 1000000 + n, 'active', '2026-01-01', now(), now()
                FROM generate_series(1, 20000) n";
    studio.sql.execute(many, &[&tenant, &main, &small.uuid()]).await.unwrap();
    owner.batch_execute("ANALYZE crm.clients; ANALYZE events.bookings").await.unwrap();
    let prepare = format!(
        "SET plan_cache_mode = force_generic_plan;
         PREPARE everywhere (uuid, text, text, text, uuid, bigint, uuid[], text, text, text) AS {};
         PREPARE at_locations (uuid, uuid[], text, text, text, uuid, bigint, uuid[], text, text, text) AS {};
         PREPARE found (uuid, uuid[], text, text, text, uuid, bigint, uuid[], text, text, text) AS {}",
        list_sql::EVERYWHERE,
        list_sql::AT_LOCATIONS,
        list_sql::FOUND
    );
    studio.sql.batch_execute(&prepare).await.unwrap();
    let nil = "00000000-0000-0000-0000-000000000000";
    let page = |start: &str| format!("'active', '', '{nil}', 51, NULL, {start}, '~', '~'");
    let at = |organization: uuid::Uuid, presence: &str, start: &str| {
        format!("'{tenant}', '{{{organization}}}', '{presence}', {}", page(start))
    };
    let small = small.uuid();
    for (statement, values, most) in [
        ("everywhere", format!("'{tenant}', 'all', {}", page("NULL")), 100.0),
        // The search for one letter matches one client in 26 by each of two names.
        ("everywhere", format!("'{tenant}', 'all', {}", page("'a'")), 2_000.0),
        ("at_locations", at(small, "all", "NULL"), 100.0),
        ("at_locations", at(small, "home", "NULL"), 100.0),
        ("at_locations", at(small, "visiting", "NULL"), 100.0),
        ("at_locations", at(small, "all", "'a'"), 100.0),
        ("at_locations", at(main, "home", "NULL"), 100.0),
        ("found", format!("'{tenant}', NULL, 'all', {}", page("'a1'")), 2_000.0),
        ("found", format!("'{tenant}', NULL, 'all', {}", page("'a'")), 3_010.0),
        ("found", format!("'{tenant}', NULL, 'all', {}", page("'e123@example.com'")), 10.0),
    ] {
        let rows = read(&studio, statement, &values).await;
        assert!(rows <= most, "{statement} ({values}) reads {rows} rows");
    }
}
