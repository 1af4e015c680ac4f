//! Tenants as operators see them, and setting their status, on real Postgres (TEN-04, TEN-11).

use crate::tenancy_brand::{TestBrand, TestPlatform, code};
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_postgres::error::SqlState;
use tryzore_governance_postgres::{check_audit, seal_audit};
use tryzore_kernel::{Limit, Page, Problem, TenantId};
use tryzore_postgres::PlatformTx;
use tryzore_rbac::{
    PlatformPermit,
    platform::{SetTenantStatus, ViewTenants},
};
use tryzore_tenancy::{SetStatus, Tenant, TenantStatus, set_tenant_status};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_tenancy_postgres::tenant_views::{TenantDetail, TenantFilter, TenantKey, TenantLine};
use tryzore_testkit::{
    Service,
    operator::{operator, set_status},
};

async fn status_change(
    env: &TestPlatform,
    permit: &PlatformPermit<SetTenantStatus>,
    tenant: TenantId,
    to: TenantStatus,
    version: i32,
) -> Result<Tenant, Problem> {
    let (now, set_status) = (env.now(), SetStatus { to, reason: "unpaid since May".into(), version });
    env.db
        .operator_tx(permit, async |tx| {
            set_tenant_status(permit, &mut tx.tenancy(), tenant, set_status, now).await
        })
        .await
}

async fn open(env: &TestPlatform, tenant: TenantId) -> Option<TenantDetail> {
    let permit: PlatformPermit<ViewTenants> = operator();
    env.db
        .operator_tx(&permit, async |tx: &mut PlatformTx| tx.tenancy().tenant_open(tenant).await)
        .await
        .unwrap()
}

async fn list(
    env: &TestPlatform,
    status: Option<TenantStatus>,
    start: Option<&str>,
    after: Option<TenantKey>,
    rows: u8,
) -> Page<TenantLine> {
    let permit: PlatformPermit<ViewTenants> = operator();
    let filter = TenantFilter { status, name: start.map(Into::into) };
    let limit = Limit::try_new(rows).unwrap();
    let list = async |tx: &mut PlatformTx| tx.tenancy().tenants_list(filter, after, limit).await;
    env.db.operator_tx(&permit, list).await.unwrap()
}

fn names(page: &Page<TenantLine>) -> Vec<&str> {
    page.data.iter().map(|line| &*line.name).collect()
}

#[tokio::test]
async fn ten_04_a_change_of_status_is_recorded_in_the_trail_of_the_tenant_and_by_the_platform() {
    let brand = TestBrand::open_in(TestPlatform::own().await, &["Main"]).await;
    let (env, permit) = (&brand.env, operator::<SetTenantStatus>());
    let suspended = status_change(env, &permit, brand.tenant, TenantStatus::Suspended, 1).await.unwrap();
    let stored = open(env, brand.tenant).await.unwrap();
    assert_eq!((&*stored.tenant.status, stored.tenant.version), ("suspended", suspended.version));
    let by = stored.status_change.unwrap();
    assert_eq!((by.user_id, &*by.because), (permit.user(), "unpaid since May"));
    assert_eq!(stored.tenant.since, brand.now());
    assert_eq!(
        code(status_change(env, &permit, brand.tenant, TenantStatus::Active, 1).await),
        "request.stale"
    );

    let line = "SELECT actor, details, target_id, ip_address FROM governance.audit_log WHERE action = 'tenants.set_status'";
    let line = brand.sql.query_one(line, &[]).await.unwrap();
    assert_eq!(line.get::<_, Value>(0)["user"], json!(permit.user()));
    let details = json!({ "from": "active", "to": "suspended", "reason": "unpaid since May" });
    assert_eq!((line.get::<_, Value>(1), line.get(2)), (details, brand.tenant.uuid()));
    assert_eq!(line.get::<_, Option<String>>(3), None);
    let work = env.database.as_service(Service::Work, env.clock.clone());
    let sealed = timeout(Duration::from_secs(60), async {
        loop {
            seal_audit(&work).await.unwrap();
            let checked = check_audit(&work, brand.tenant, None).await.unwrap();
            // The test waits for transactions of other databases in the cluster.
            if checked.unsealed == 0 {
                return checked;
            }
            sleep(Duration::from_millis(50)).await;
        }
    });
    let sealed = sealed.await.unwrap();
    assert!(sealed.outcome.is_ok() && sealed.lines > 1, "the line is sealed like any other: {sealed:?}");

    let events = "SELECT kind FROM runtime.outbox WHERE aggregate_id = $1 AND tenant_id IS NULL ORDER BY seq";
    let sql = env.database.client(Service::Work).await;
    let events = sql.query(events, &[&brand.tenant.uuid()]).await.unwrap();
    let kinds: Vec<String> = events.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        kinds,
        ["tenancy.tenant_status_changed", "journal.audited", "journal.audited"],
        "the change of status, its audit event, and the audit event of reading the tenant"
    );
}

#[tokio::test]
async fn ten_04_of_concurrent_changes_of_status_only_one_succeeds() {
    let brand = TestBrand::open(&["Main"]).await;
    let permit = operator::<SetTenantStatus>();
    let targets = [TenantStatus::Suspended, TenantStatus::Deleted, TenantStatus::Suspended];
    let changes = targets.map(|to| status_change(&brand.env, &permit, brand.tenant, to, 1));
    let outcomes = join_all(changes).await;
    let current = open(&brand.env, brand.tenant).await.unwrap().tenant;
    assert_eq!(current.version, 2, "changed once: {outcomes:?}");
    for outcome in outcomes {
        match outcome {
            Ok(tenant) => assert_eq!(tenant.status.as_str(), current.status),
            Err(refused) => assert!(["request.stale", "tenants.deleted"].contains(&&*refused.code)),
        }
    }
    let lines = "SELECT count(*) FROM governance.audit_log WHERE action = 'tenants.set_status'";
    assert_eq!(brand.count(lines).await, 1);
}

#[tokio::test]
async fn ten_04_tenants_are_listed_by_name_in_pages_and_found_by_the_start_of_the_name() {
    let env = TestPlatform::own().await;
    let owner = env.database.owner_client().await;
    for name in ["iron", "Beta", "Iron Works", "alpha", "I_on", "IRON"] {
        let id = TenantId::generate(env.now()).uuid();
        let made = "INSERT INTO tenancy.tenants (id, name, status, contact_email, created_at, updated_at)
                    VALUES ($1, $2, 'active', 'a@example.com', now(), now())";
        owner.execute(made, &[&id, &name]).await.unwrap();
    }
    let all = list(&env, None, None, None, 200).await;
    let lower: Vec<String> = names(&all).iter().map(|name| name.to_lowercase()).collect();
    assert!(lower.len() == 6 && lower.is_sorted_by(|a, b| a <= b || b.contains('_')), "{lower:?}");
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = list(&env, None, None, after.take(), 1).await;
        paged.extend(page.data);
        let Some(cursor) = page.next_cursor else { break };
        after = Some(tryzore_kernel::Cursor::decode(&cursor).unwrap());
    }
    assert_eq!(paged, all.data, "the pages together are the same list");

    let found = list(&env, None, Some("IRO"), None, 200).await;
    assert_eq!(found.data.len(), 3);
    assert_eq!(
        names(&list(&env, None, Some("i_"), None, 200).await),
        ["I_on"],
        "the start of the name is not a pattern"
    );
    let beta = all.data.iter().find(|line| line.name == "Beta").unwrap().id;
    set_status(&env.db, beta, TenantStatus::Suspended, "unpaid").await;
    assert_eq!(names(&list(&env, Some(TenantStatus::Suspended), None, None, 200).await), ["Beta"]);
    assert_eq!(list(&env, Some(TenantStatus::Active), None, None, 200).await.data.len(), 5);
    assert_eq!(list(&env, None, None, None, 200).await.data.len(), 6);
    set_status(&env.db, beta, TenantStatus::Deleted, "closed down").await;
    assert_eq!(
        list(&env, None, None, None, 200).await.data.len(),
        5,
        "a deleted tenant is listed only on request"
    );
    assert_eq!(names(&list(&env, Some(TenantStatus::Deleted), None, None, 200).await), ["Beta"]);
}

#[tokio::test]
async fn ten_04_a_tenant_is_shown_with_its_owners_and_the_names_of_its_open_locations() {
    let brand = TestBrand::open(&["Main", "Downtown", "Annex"]).await;
    let change =
        "UPDATE tenancy.organizations SET status = $3, plan_tier = $4 WHERE tenant_id = $1 AND id = $2";
    for (at, status, plan) in [(1, "active", "pro"), (2, "closed", "enterprise")] {
        let (tenant, id) = (brand.tenant.uuid(), brand.at[at].uuid());
        brand.sql.execute(change, &[&tenant, &id, &status, &plan]).await.unwrap();
    }
    let seen = open(&brand.env, brand.tenant).await.unwrap();
    assert_eq!(seen.location_names, ["Downtown", "Main"]);
    assert_eq!((seen.tenant.locations, seen.tenant.plan_tiers), (2, vec!["free".into(), "pro".into()]));
    assert_eq!((seen.status_change, seen.tenant.since), (None, seen.tenant.created_at));
    let [owner] = &seen.owners[..] else { panic!("{:?}", seen.owners) };
    assert_eq!((&*owner.email, &*owner.role), (brand.email.as_str(), "owner"));
    assert_eq!(open(&brand.env, TenantId::generate(brand.now())).await, None);
}

#[tokio::test]
async fn rba_04_an_operator_reads_what_the_screens_show_of_a_tenant_and_nothing_else() {
    let brand = TestBrand::open(&["Main"]).await;
    let (database, tenant) = (&brand.env.database, brand.tenant.uuid());
    let refused = [
        "SELECT address FROM tenancy.organizations".to_owned(),
        "UPDATE tenancy.organizations SET name = 'mine'".into(),
        "SELECT organization_id FROM tenancy.owner_organizations".into(),
        "SELECT user_id FROM tenancy.owner_accounts".into(),
        "SELECT user_id FROM tenancy.employees".into(),
        "SELECT user_id FROM tenancy.memberships".into(),
        "SELECT id FROM crm.clients".into(),
        "SELECT id FROM events.bookings".into(),
        "SELECT name FROM identity.users".into(),
        "SELECT id FROM governance.audit_log".into(),
        "SELECT key FROM runtime.idempotency_keys".into(),
        "SELECT code FROM runtime.decisions".into(),
        "UPDATE tenancy.tenants SET name = 'mine'".into(),
        "DELETE FROM tenancy.tenants".into(),
        "INSERT INTO tenancy.tenants (id) VALUES (gen_random_uuid())".into(),
        // Lines of the audit trail that are not about a change of the tenant's status.
        trail(tenant, "roles.edit", tenant),
        trail(tenant, "tenants.set_status", uuid::Uuid::nil()),
    ];
    for statement in refused {
        let sql = database.client(Service::Api).await;
        let statement = format!("BEGIN; SET LOCAL ROLE tryzore_operator; {statement}");
        let error = sql.batch_execute(&statement).await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}: {error}");
    }
    let sql = database.client(Service::Api).await;
    let line = trail(tenant, "tenants.set_status", tenant);
    sql.batch_execute(&format!("BEGIN; SET LOCAL ROLE tryzore_operator; {line}; ROLLBACK")).await.unwrap();
    // Other services cannot read what operators may read.
    for service in [Service::Api, Service::Inbound] {
        let sql = database.client(service).await;
        let set_status = "UPDATE tenancy.tenants SET status = 'deleted'";
        let error = sql.batch_execute(set_status).await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
    }
    let api = database.client(Service::Api).await;
    let others = "SELECT count(*) FROM tenancy.organizations";
    assert_eq!(
        api.query_one(others, &[]).await.unwrap().get::<_, i64>(0),
        0,
        "only operators see other tenants"
    );
    let names = api.batch_execute("SELECT name FROM platform.operator_names").await.unwrap_err();
    assert_eq!(names.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
}

fn trail(tenant: uuid::Uuid, action: &str, target: uuid::Uuid) -> String {
    format!(
        "INSERT INTO governance.audit_log (tenant_id, id, actor, action, target_id, organization_ids, details, at)
         VALUES ('{tenant}', gen_random_uuid(), '{{}}', '{action}', '{target}', '{{}}', '{{}}', now())"
    )
}
