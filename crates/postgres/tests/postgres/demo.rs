//! The size of the demo (TEN-18).

use tryzore_testkit::{Database, demo};

#[tokio::test]
async fn ten_18_three_locations_five_employees_each_and_a_hundred_and_fifty_clients() {
    let database = Database::own().await;
    let now = "2026-03-02T11:00:00Z".parse().unwrap();
    let accounts = demo::write(&database.owner_url(), now).await.unwrap();
    assert!(accounts.iter().any(|account| account.email == "owner@demo.com"));
    let sql = database.owner_client().await;
    let tenant: uuid::Uuid = sql.query_one("SELECT id FROM tenancy.tenants", &[]).await.unwrap().get(0);
    sql.batch_execute(&format!("SET app.tenant_id = '{tenant}'")).await.unwrap();
    let all = async |query: &str| -> Vec<i64> {
        sql.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let names = "SELECT name FROM tenancy.organizations ORDER BY name";
    let names: Vec<String> = sql.query(names, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["Downtown", "Main", "Westside"]);
    let staff = "SELECT count(*) FROM rbac.assignments a JOIN rbac.roles r ON r.id = a.role_id
                 WHERE a.is_primary AND r.preset <> 'enterprise_owner' GROUP BY a.organization_id";
    assert_eq!(all(staff).await, [5, 5, 5]);
    let across =
        "SELECT count(*) FROM (SELECT user_id FROM rbac.assignments GROUP BY 1 HAVING count(*) > 1) s";
    assert_eq!(all(across).await, [3], "one employee of each location works at the next one too");
    let clients =
        "SELECT count(*) FROM crm.clients GROUP BY cardinality(allowed_organization_ids) = 1 ORDER BY 1";
    assert_eq!(all(clients).await, [50, 100], "fifty who go to several locations, a hundred who don't");
    let ahead =
        "SELECT count(DISTINCT (starts_at AT TIME ZONE 'America/Los_Angeles')::date) FROM events.events
                 WHERE starts_at > '2026-03-02T11:00:00Z' GROUP BY organization_id";
    assert!(all(ahead).await.iter().all(|days| *days >= 14), "two weeks at each location");
    let history = "SELECT count(*) FROM events.bookings WHERE status = 'attended'
                   AND status_at <= '2026-03-02T11:00:00Z' GROUP BY attended_organization_id";
    assert!(all(history).await.iter().all(|visits| *visits > 100), "who came, at each location");
    let counted = "SELECT count(*) FROM events.events e WHERE e.spots_booked <> (
                       SELECT count(*) FROM events.bookings b WHERE b.event_id = e.id)";
    assert_eq!(all(counted).await, [0]);
    assert!(demo::write(&database.owner_url(), now).await.is_err(), "once");
}
