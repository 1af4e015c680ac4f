//! Locations, settings and hours on real Postgres (TEN-03, TEN-07, TEN-09, TEN-10, TEN-13).

use crate::tenancy_brand::{TestBrand, TestPlatform, address, code, location};
use chrono::Duration;
use futures::future::join_all;
use serde_json::json;
use tryzore_kernel::{Currency, Limit, Money, OrganizationId, Problem, UserId};
use tryzore_rbac::{
    Permit,
    catalogue::{OwnProfile, ViewAnalytics},
};
use tryzore_tenancy::{
    Cloned, HoursForm, Organization, OrganizationForm, OrganizationSettings, SettingsForm, SettingsStore,
    clone_settings, close_organization, create_organization, edit_hours, edit_organization, edit_settings,
    permission::{CreateOrganization, DeleteOrganization, EditOrganization, EditSettings, ViewOrganizations},
};
use tryzore_tenancy_postgres::OrganizationView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::Service;

async fn create(brand: &TestBrand, by: UserId, form: OrganizationForm) -> Result<Organization, Problem> {
    let (permit, now): (Permit<CreateOrganization>, _) = (brand.permit(by).await, brand.now());
    let draft = form.check()?;
    brand.tx(&permit, async |tx| create_organization(&permit, &mut tx.tenancy(), draft, now).await).await
}

fn under(name: &str, parent: OrganizationId) -> OrganizationForm {
    OrganizationForm { parent: Some(parent), ..location(name) }
}

async fn edit(
    brand: &TestBrand,
    by: UserId,
    id: OrganizationId,
    version: i32,
    form: OrganizationForm,
) -> Result<Organization, Problem> {
    let (permit, now): (Permit<EditOrganization>, _) = (brand.permit(by).await, brand.now());
    let draft = form.check()?;
    brand
        .tx(&permit, async |tx| edit_organization(&permit, &mut tx.tenancy(), id, version, draft, now).await)
        .await
}

async fn close(brand: &TestBrand, id: OrganizationId, version: i32) -> Result<Organization, Problem> {
    let (permit, now): (Permit<DeleteOrganization>, _) = (brand.permit(brand.owner).await, brand.now());
    brand.tx(&permit, async |tx| close_organization(&permit, &mut tx.tenancy(), id, version, now).await).await
}

async fn current(brand: &TestBrand, at: OrganizationId) -> OrganizationSettings {
    let permit: Permit<EditSettings> = brand.system();
    brand
        .tx(&permit, async |tx| Ok::<_, Problem>(tx.tenancy().settings_find(at).await?.unwrap()))
        .await
        .unwrap()
}

async fn list(
    brand: &TestBrand,
    by: UserId,
    rows: u8,
    cursor: Option<&str>,
) -> (Vec<OrganizationView>, Option<String>) {
    let permit: Permit<ViewOrganizations> = brand.permit(by).await;
    let limit = Limit::try_new(rows).unwrap();
    let page = brand
        .tx(&permit, async |tx| tx.tenancy().organization_list(&permit, limit, cursor).await)
        .await
        .unwrap();
    (page.data, page.next_cursor)
}

/// Adds an employee who has the preset role `role` at `at`.
async fn hire(brand: &TestBrand, role: &str, at: OrganizationId) -> UserId {
    let user = UserId::generate(brand.now());
    let (tenant, id, at) = (brand.tenant.uuid(), user.uuid(), at.uuid());
    let insert = "WITH e AS (INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
                      VALUES ($1, $2, 'Grace', $5, now()))
                  INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, is_primary, created_at)
                  SELECT $1, $2, $3, id, true, now() FROM rbac.roles WHERE preset = $4";
    brand.sql.execute(insert, &[&tenant, &id, &at, &role, &address()]).await.unwrap();
    user
}

#[tokio::test]
async fn ten_03_a_new_location_is_owned_by_the_owners_of_the_one_above() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let annex = create(&brand, brand.owner, under("Annex", brand.at[0])).await.unwrap();
    let (seen, _) = list(&brand, brand.owner, 50, None).await;
    let names: Vec<_> = seen.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["Annex", "Downtown", "Main"]);
    assert_eq!(brand.count("SELECT count(*) FROM tenancy.organization_settings").await, 3);
    let changes = format!(
        "SELECT count(*) FROM runtime.outbox WHERE kind = 'rbac.grants_changed' AND subject_id = '{}'",
        brand.owner.uuid()
    );
    assert_eq!(brand.count(&changes).await, 2, "at onboarding and now");
    let (first, cursor) = list(&brand, brand.owner, 2, None).await;
    let (second, end) = list(&brand, brand.owner, 2, cursor.as_deref()).await;
    assert_eq!((first.len(), second[0].name.as_str(), end), (2, "Main", None));
    assert_eq!(seen[0], OrganizationView::from(annex));
}

#[tokio::test]
async fn ten_03_the_owner_of_one_location_opens_locations_only_below_it() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let boss = hire(&brand, "location_owner", brand.at[0]).await;
    assert_eq!(code(create(&brand, boss, location("Beside")).await), "organizations.parent.needed");
    assert_eq!(code(create(&brand, boss, under("There", brand.at[1])).await), "not_found");
    assert!(create(&brand, boss, under("Annex", brand.at[0])).await.is_ok());
    assert_eq!(
        brand.count("SELECT count(*) FROM runtime.decisions WHERE command = 'organizations.create'").await,
        1
    );
}

#[tokio::test]
async fn ten_03_concurrent_moves_never_make_a_cycle() {
    let brand = TestBrand::open(&["A", "B", "C", "D"]).await;
    let moves = (0..4).map(|i| edit(&brand, brand.owner, brand.at[i], 1, under("X", brand.at[(i + 1) % 4])));
    let outcomes = join_all(moves).await;
    let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].code, "organizations.parent.cycle");
    assert_eq!(brand.count("SELECT count(*) FROM tenancy.organizations WHERE parent_id IS NULL").await, 1);
}

#[tokio::test]
async fn ten_03_an_outdated_edit_is_refused_and_an_edit_is_recorded_by_field() {
    let brand = TestBrand::open(&["Main"]).await;
    let form = || OrganizationForm { address: Some("Via Po 2".into()), ..location("Main") };
    assert_eq!(edit(&brand, brand.owner, brand.at[0], 1, form()).await.unwrap().version, 2);
    assert_eq!(code(edit(&brand, brand.owner, brand.at[0], 1, form()).await), "request.stale");
    let row = brand
        .sql
        .query_one("SELECT details FROM governance.audit_log WHERE action = 'organizations.edit'", &[])
        .await;
    let details: serde_json::Value = row.unwrap().get(0);
    assert_eq!(details["changed"], json!({"address": {"from": "Via Roma 1", "to": "Via Po 2"}}));
}

#[tokio::test]
async fn ten_03_a_location_with_booked_events_is_not_closed() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let (ends, event) = (brand.now() + Duration::hours(1), tryzore_kernel::EventId::generate(brand.now()));
    brand
        .sql
        .execute(
            "INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
                 spots_booked, status, created_at, updated_at)
             VALUES ($1, $2, $3, 'class', 'Yoga', $4, $5, 10, 1, 'scheduled', now(), now())",
            &[&brand.tenant.uuid(), &event.uuid(), &brand.at[0].uuid(), &(ends - Duration::hours(2)), &ends],
        )
        .await
        .unwrap();
    let refused = close(&brand, brand.at[0], 1).await.unwrap_err();
    assert_eq!(refused.code, "organizations.close.events_booked");
    assert_eq!(refused.denial.unwrap().because[1].value, 1, "one booking");
    brand.env.clock.set(ends);
    assert_eq!(close(&brand, brand.at[0], 1).await.unwrap().status.as_str(), "closed", "the event has ended");
    assert_eq!(list(&brand, brand.owner, 50, None).await.0.len(), 1);
    assert_eq!(code(close(&brand, brand.at[1], 1).await), "organizations.close.last");
    assert_eq!(
        code(edit(&brand, brand.owner, brand.at[0], 2, location("X")).await),
        "not_found",
        "nobody sees a closed location"
    );
}

#[tokio::test]
async fn ten_03_a_location_above_others_is_not_closed() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let annex = create(&brand, brand.owner, under("Annex", brand.at[0])).await.unwrap();
    assert_eq!(code(close(&brand, brand.at[0], 1).await), "organizations.close.has_children");
    close(&brand, annex.id, 1).await.unwrap();
    assert!(close(&brand, brand.at[0], 1).await.is_ok());
}

#[tokio::test]
async fn ten_07_ten_09_settings_and_hours_are_stored_and_copied() {
    let brand = TestBrand::open(&["Main", "Downtown"]).await;
    let (permit, now): (Permit<EditSettings>, _) = (brand.permit(brand.owner).await, brand.now());
    let [main, downtown] = [brand.at[0], brand.at[1]];
    assert_eq!(
        *current(&brand, main).await.settings,
        SettingsForm::new(Currency::EUR),
        "the defaults of code and database agree"
    );
    let mut form = SettingsForm {
        noshow_fee: Money::new(0, Currency::EUR),
        reservation_open_time: "06:00:00".parse().ok(),
        reservation_close_time: "22:00:00".parse().ok(),
        ..SettingsForm::new(Currency::EUR)
    };
    form.tax.registration_number = Some("IT123".into());
    let settings = form.check().unwrap();
    let set = async |version| {
        let settings = settings.clone();
        brand
            .tx(&permit, async |tx| {
                edit_settings(&permit, &mut tx.tenancy(), main, version, settings, now).await
            })
            .await
    };
    assert_eq!(set(1).await.unwrap().version, 2);
    assert_eq!(code(set(1).await), "request.stale");
    assert_eq!(set(2).await.unwrap().version, 2, "nothing changed");
    let hours: HoursForm =
        serde_json::from_value(json!({"mon": [["06:00", "12:00"], ["15:00", "02:00"]]})).unwrap();
    let hours = hours.check().unwrap();
    let opened = hours.clone();
    brand
        .tx(&permit, async |tx| edit_hours(&permit, &mut tx.tenancy(), main, 2, opened, now).await)
        .await
        .unwrap();
    assert_eq!((current(&brand, main).await.hours, current(&brand, main).await.version), (hours.clone(), 3));

    let copy = async |from, to| -> Result<Cloned, Problem> {
        brand.tx(&permit, async |tx| clone_settings(&permit, &mut tx.tenancy(), from, to, now).await).await
    };
    let cloned = copy(main, downtown).await.unwrap();
    let fields: Vec<_> = cloned.changed.keys().map(String::as_str).collect();
    assert_eq!(fields, ["business_hours", "noshow_fee", "reservation_close_time", "reservation_open_time"]);
    let copied = current(&brand, downtown).await;
    assert_eq!(
        (copied.hours, copied.settings.tax.registration_number.as_ref(), copied.settings.noshow_fee.minor),
        (hours, None, 0)
    );
    let audit = "SELECT details FROM governance.audit_log WHERE action = 'organizations.clone_settings'";
    let details: serde_json::Value = brand.sql.query_one(audit, &[]).await.unwrap().get(0);
    assert_eq!(details["changed"]["noshow_fee_minor"], json!({"from": 2500, "to": 0}));
    assert_eq!(brand.count("SELECT count(*) FROM tenancy.organizations WHERE name = 'Downtown'").await, 1);
    assert_eq!(code(copy(main, main).await), "organizations.clone_settings.same");
    let dollars = OrganizationForm { currency: "USD".into(), ..location("Boston") };
    let boston = create(&brand, brand.owner, dollars).await.unwrap().id;
    let permit: Permit<EditSettings> = brand.permit(brand.owner).await;
    let refused = brand
        .tx(&permit, async |tx| clone_settings(&permit, &mut tx.tenancy(), main, boston, now).await)
        .await;
    assert_eq!(code(refused), "organizations.clone_settings.other_currency");
}

#[tokio::test]
async fn ten_10_analytics_count_thirty_days() {
    let brand = TestBrand::open(&["Main"]).await;
    let now = brand.now();
    let event = async |starts: chrono::DateTime<chrono::Utc>, booked: i32, status: &str| {
        let id = tryzore_kernel::EventId::generate(now);
        brand.sql.execute(
            "INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at, spots_total,
                 spots_booked, status, created_at, updated_at)
             VALUES ($1, $2, $3, 'class', 'Yoga', $4, $5, 10, $6, $7::text, now(), now())",
            &[&brand.tenant.uuid(), &id.uuid(), &brand.at[0].uuid(), &starts, &(starts + Duration::hours(1)), &booked, &status],
        ).await.unwrap();
    };
    event(now - Duration::days(30), 5, "completed").await;
    event(now - Duration::days(30) - Duration::microseconds(1), 10, "completed").await;
    event(now - Duration::days(1), 0, "canceled").await;
    event(now, 1, "scheduled").await;
    let permit: Permit<ViewAnalytics> = brand.permit(brand.owner).await;
    let seen = brand
        .tx(&permit, async |tx| tx.tenancy().organization_analytics(&permit, brand.at[0], now).await)
        .await
        .unwrap();
    assert_eq!((seen.clients, seen.events, seen.upcoming_events, seen.bookings), (0, 1, 1, 0));
    assert_eq!(seen.utilization, Some(0.5));
    let other = TestBrand::open(&["Main"]).await;
    let refused = brand
        .tx(&permit, async |tx| tx.tenancy().organization_analytics(&permit, other.at[0], now).await)
        .await;
    assert_eq!(code(refused), "not_found");
}

#[tokio::test]
async fn ten_13_staff_switch_where_they_work_and_clients_where_they_may() {
    let brand = TestBrand::open(&["Main", "Downtown", "Westside"]).await;
    let trainer = hire(&brand, "trainer", brand.at[1]).await;
    let choices = async |user| {
        let permit: Permit<OwnProfile> = brand.permit(user).await;
        let choices = brand
            .tx(&permit, async |tx| Ok::<_, Problem>(tx.tenancy().location_choices(&permit).await?))
            .await
            .unwrap();
        choices.into_iter().map(|c| (c.name, c.is_home, c.as_staff, c.as_client)).collect::<Vec<_>>()
    };
    assert_eq!(choices(trainer).await, [("Downtown".into(), true, true, false)]);
    let client = async |user: UserId, allowed: &[OrganizationId]| {
        let allowed: Vec<_> = allowed.iter().map(|at| at.uuid()).collect();
        let id = tryzore_kernel::ClientId::generate(brand.now());
        brand.sql.execute(
            "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, email, status,
                 joined_on, created_at, updated_at, allowed_organization_ids)
             VALUES ($1, $2, $3, $4, 'Ada', 'Rossi', $2::uuid || '@example.com', 'active', '2026-01-01', now(), now(), $5)",
            &[&brand.tenant.uuid(), &id.uuid(), &user.uuid(), &brand.at[0].uuid(), &allowed],
        ).await.unwrap();
    };
    let free = UserId::generate(brand.now());
    client(free, &[]).await;
    assert_eq!(choices(free).await.len(), 3, "not restricted");
    client(trainer, &[brand.at[2]]).await;
    assert_eq!(
        choices(trainer).await,
        [
            ("Downtown".into(), true, true, false),
            ("Main".into(), false, false, true),
            ("Westside".into(), false, false, true)
        ]
    );
}

#[tokio::test]
async fn another_tenant_sees_and_changes_nothing() {
    let (ours, theirs) = (TestBrand::open(&["Main"]).await, TestBrand::open(&["Main"]).await);
    assert_eq!(code(edit(&ours, ours.owner, theirs.at[0], 1, location("Mine")).await), "not_found");
    assert_eq!(code(create(&ours, ours.owner, under("Annex", theirs.at[0])).await), "not_found");
    let permit: Permit<EditSettings> = ours.system();
    let found = ours
        .tx(&permit, async |tx| Ok::<_, Problem>(tx.tenancy().settings_find(theirs.at[0]).await?))
        .await
        .unwrap();
    assert_eq!(found, None, "row security, whatever a permit says");
}

#[tokio::test]
async fn only_the_worker_looks_over_all_tenants() {
    let (one, other) = (TestBrand::open(&["Main"]).await, TestBrand::open(&["Main"]).await);
    let env = TestPlatform::shared().await;
    for (service, sees) in [(Service::Work, true), (Service::Api, false)] {
        let sql = env.database.client(service).await;
        sql.batch_execute("BEGIN; SET LOCAL app.scan = 'on'").await.unwrap();
        let ids = [one.at[0].uuid(), other.at[0].uuid()];
        let row = sql
            .query_one("SELECT count(*) FROM tenancy.organizations WHERE id = ANY($1)", &[&ids.as_slice()])
            .await;
        assert_eq!(row.unwrap().get::<_, i64>(0), if sees { 2 } else { 0 });
    }
}
