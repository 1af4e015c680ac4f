//! The numbers of the platform, and that they are all that an operator sees of tenants (ANA-02, RBA-04).

use chrono::Duration;
use std::collections::BTreeMap;
use tryzore_kernel::{BookingId, JobId, WebhookId};
use tryzore_platform_postgres::{Platform, PlatformOverview, TenantCounts};
use tryzore_rbac::{PlatformRole, platform::ViewOverview};

use tryzore_tenancy::TenantStatus;
use tryzore_testkit::{
    Database, Service, TestTenant,
    operator::{appoint_as, operator, set_status},
};

async fn overview(studio: &TestTenant) -> PlatformOverview {
    let permit = operator::<ViewOverview>();
    studio.db.operator_tx(&permit, async |tx| tx.platform().overview().await).await.unwrap()
}

/// A booking that was made `ago`.
async fn booked(studio: &TestTenant, ago: Duration) {
    let (event, member) =
        (studio.class(studio.main, 1, Duration::hours(3)).await, studio.member(studio.main).await);
    let (id, at) = (BookingId::generate(studio.now()), studio.now() - ago);
    let insert =
        "INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
             attended_organization_id, status, status_at, is_first_timer, currency, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, 'booked', $7, false, 'EUR', $7)";
    let values: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        &studio.tenant.uuid(),
        &id.uuid(),
        &event.uuid(),
        &member.client.uuid(),
        &member.user.uuid(),
        &studio.main.uuid(),
        &at,
    ];
    studio.sql.execute(insert, values).await.unwrap();
}

async fn employed(studio: &TestTenant) {
    let made = "WITH role AS (
                    INSERT INTO rbac.roles
                        (tenant_id, id, name, description, scope, is_editable, created_at, updated_at)
                    VALUES ($1, gen_random_uuid(), gen_random_uuid()::text, '', 'organization', true, now(), now())
                    RETURNING id)
                INSERT INTO rbac.assignments
                    (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                SELECT $1, gen_random_uuid(), $2, role.id, true, now() FROM role";
    studio.sql.execute(made, &[&studio.tenant.uuid(), &studio.main.uuid()]).await.unwrap();
}

#[tokio::test]
async fn ana_02_the_overview_counts_each_kind_within_its_window() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let none = overview(&studio).await;
    assert_eq!((none.bookings_30_days, none.dead_jobs, none.failed_sign_ins_24_hours), (0, 0, 0));

    let second = Duration::seconds(1);
    for ago in [
        Duration::zero(),
        Duration::days(7) - second,
        Duration::days(7),
        Duration::days(30) - second,
        Duration::days(30),
    ] {
        booked(&studio, ago).await;
    }
    employed(&studio).await;
    appoint_as(&studio, PlatformRole::SupportAdmin).await;
    let (dismissed, _) = appoint_as(&studio, PlatformRole::SupportAdmin).await;
    let owner = studio.database.owner_client().await;
    let dismiss = "UPDATE platform.operators SET status = 'dismissed' WHERE user_id = $1";
    owner.execute(dismiss, &[&dismissed.uuid()]).await.unwrap();

    let (now, work) = (studio.now(), studio.database.client(Service::Work).await);
    let job = "INSERT INTO runtime.jobs (id, queue, kind, payload, run_at, dead_at, created_at)
               VALUES ($1, 'nobody', 'test', '{}', $2, $3, $2)";
    for dead in [Some(now), None] {
        work.execute(job, &[&JobId::generate(now).uuid(), &now, &dead]).await.unwrap();
    }
    let delivery =
        "INSERT INTO webhooks.deliveries (id, provider, external_id, event_type, headers, raw_payload,
                        received_at, processed_at, processed_by, result)
                    VALUES ($1, 'test', $1::uuid::text, 'test', '{}', '', $2, $3,
                        CASE WHEN $4 THEN 'job' END, CASE WHEN $4 THEN 'applied' END)";
    for processed in [Some(now), None] {
        let id = WebhookId::generate(now).uuid();
        owner.execute(delivery, &[&id, &now, &processed, &processed.is_some()]).await.unwrap();
    }
    let failed = "INSERT INTO runtime.outbox (id, kind, aggregate_id, actor, payload, occurred_at)
                  VALUES (gen_random_uuid(), $1, gen_random_uuid(), '{}', '{}', $2)";
    for (kind, ago) in [
        ("auth.sign_in_failed", Duration::hours(24) - second),
        ("auth.sign_in_failed", Duration::hours(24)),
        ("auth.signed_in", Duration::zero()),
    ] {
        work.execute(failed, &[&kind, &(now - ago)]).await.unwrap();
    }

    // Members are the clients; each class has one.
    let clients = none.clients + 5;
    let expected = PlatformOverview {
        tenants: TenantCounts { active: 1, suspended: 0, deleted: 0 },
        staff: none.staff + 1,
        clients,
        bookings_7_days: 2,
        bookings_30_days: 4,
        dead_jobs: 1,
        open_deliveries: 1,
        failed_sign_ins_24_hours: 1,
        operators: 1,
        ..none
    };
    assert_eq!(overview(&studio).await, expected);

    let other = TestTenant::open_in(Database::at(&studio.database.owner_url()).await).await;
    booked(&other, Duration::zero()).await;
    let both = overview(&studio).await;
    assert_eq!(
        (both.tenants.active, both.bookings_7_days, both.clients),
        (2, 3, clients + 1),
        "over all tenants"
    );
    set_status(&studio.db, other.tenant, TenantStatus::Suspended, "unpaid").await;
    let suspended = overview(&studio).await;
    assert_eq!((suspended.tenants.suspended, suspended.bookings_7_days), (1, 3), "a suspended tenant counts");
    set_status(&studio.db, other.tenant, TenantStatus::Deleted, "closed").await;
    let deleted = TenantCounts { active: 1, suspended: 0, deleted: 1 };
    assert_eq!(
        overview(&studio).await,
        PlatformOverview { tenants: deleted, ..expected },
        "a deleted tenant does not"
    );
}

#[tokio::test]
async fn ana_02_the_overview_is_read_by_one_statement_however_many_tenants_there_are() {
    let mut studio = TestTenant::open_in(Database::own().await).await;
    let tap = studio.tap().await;
    overview(&studio).await;
    let mut costs = Vec::new();
    for tenants in [1, 4] {
        while overview(&studio).await.tenants.active < tenants {
            TestTenant::open_in(Database::at(&studio.database.owner_url()).await).await;
        }
        let before = (tap.statements(), tap.prepared());
        overview(&studio).await;
        costs.push((tap.statements() - before.0, tap.prepared() - before.1));
    }
    // BEGIN with its settings, the numbers, the line of the event log, COMMIT.
    assert_eq!(costs, [(4, 0); 2]);
}

#[tokio::test]
async fn rba_04_an_operator_sees_numbers_and_no_row_of_a_tenant() {
    let studio = TestTenant::open_in(Database::own().await).await;
    booked(&studio, Duration::zero()).await;
    let owner = studio.database.owner_client().await;
    // Every table with a row of a tenant, and the columns of it that operators may read.
    let readable = "SELECT n.nspname || '.' || c.relname, coalesce(string_agg(a.attname, ' ' ORDER BY a.attnum), '')
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                        AND has_column_privilege('tryzore_operator', c.oid, a.attnum, 'SELECT')
                    WHERE c.relkind IN ('r', 'p')
                        AND n.nspname IN ('tenancy', 'rbac', 'crm', 'events', 'governance', 'identity', 'runtime')
                    GROUP BY 1";
    let rows = owner.query(readable, &[]).await.unwrap();
    let readable: BTreeMap<String, String> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected = [
        // To end the sessions of an approval that an operator withdraws.
        ("identity.sessions", "id revoked_at acting_grant_id"),
        (
            "identity.support_grants",
            "tenant_id id requested_by requested_by_name reason ticket patterns organization_ids minutes status \
             requested_at decided_by decided_at decided_because expires_at version",
        ),
        ("runtime.jobs", "id tenant_id kind attempts last_error dead_at created_at"),
        ("tenancy.organizations", "tenant_id id name plan_tier status"),
        ("tenancy.owner_accounts", "id email name"),
        ("tenancy.owner_organizations", "tenant_id owner_account_id role"),
        (
            "tenancy.tenants",
            "id name status contact_email turned_at turned_by turned_because version created_at updated_at",
        ),
    ];
    assert_eq!(readable, expected.map(|(table, columns)| (table.to_owned(), columns.to_owned())).into());

    // Not even after the setting of the function, and not of other services either.
    let api = studio.database.client(Service::Api).await;
    for role in ["", "SET LOCAL ROLE tryzore_operator;"] {
        for table in ["crm.clients", "events.bookings", "rbac.assignments", "runtime.outbox"] {
            let rows = format!("BEGIN; {role} SET LOCAL app.counting = 'on'");
            api.batch_execute(&rows).await.unwrap();
            let seen = api
                .query_one(&format!("SELECT count(*) FROM {table} WHERE tenant_id IS NOT NULL"), &[])
                .await;
            assert!(seen.is_err() || seen.unwrap().get::<_, i64>(0) == 0, "{role} {table}");
            api.batch_execute("ROLLBACK").await.unwrap();
        }
    }
    // Row security holds for the owner too, except while the function counts.
    let count = "SELECT count(*) FROM crm.clients";
    let is_superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
    assert!(!owner.query_one(is_superuser, &[]).await.unwrap().get::<_, bool>(0));
    owner.batch_execute("BEGIN").await.unwrap();
    owner.query_one("SELECT clients FROM platform.overview(now())", &[]).await.unwrap();
    assert_eq!(owner.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 0);
    owner.batch_execute("ROLLBACK").await.unwrap();

    // What the function returns are numbers.
    let kinds = "SELECT DISTINCT t::regtype::text
                 FROM pg_proc p CROSS JOIN LATERAL unnest(p.proallargtypes, p.proargmodes) AS a (t, mode)
                 WHERE p.oid = 'platform.overview'::regproc AND a.mode = 't'";
    let kinds = owner.query(kinds, &[]).await.unwrap();
    assert_eq!(kinds.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(), ["bigint"]);
    for service in [Service::Api, Service::Work, Service::Inbound] {
        let sql = studio.database.client(service).await;
        assert!(
            sql.batch_execute("SELECT clients FROM platform.overview(now())").await.is_err(),
            "{service:?}"
        );
    }
}
