//! The worker's actions for tenants that the platform has suspended or deleted (TEN-04).

use crate::{
    relay::Relay,
    stage::{eventually, nothing_is_left, with_worker},
};
use chrono::Duration;
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_tenancy::TenantStatus::{Deleted, Suspended};
use tryzore_testkit::{Database, Service, TestTenant, operator::set_status};

/// Books a class of two hours and ten seconds ahead for someone at `email`.
async fn book(studio: &TestTenant, email: &str) {
    let class = studio.class(studio.main, 10, Duration::hours(2) + Duration::seconds(10)).await;
    let member = studio.member(studio.main).await;
    let known = "UPDATE crm.clients SET email = $1 WHERE id = $2";
    studio.sql.execute(known, &[&email, &member.client.uuid()]).await.unwrap();
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), class, now).await)
        .await
        .unwrap();
}

#[tokio::test]
async fn ten_04_clients_of_a_suspended_tenant_are_reminded_and_those_of_a_deleted_one_are_not() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let gone = TestTenant::open_in(Database::at(&studio.database.owner_url()).await).await;
    book(&studio, "ada@example.com").await;
    book(&gone, "bob@example.com").await;
    with_worker(&studio, &relay, async |_| {
        eventually("both have a spot", async || relay.mails().len() == 2).await;
        nothing_is_left(&studio).await;
        set_status(&studio.db, studio.tenant, Suspended, "unpaid").await;
        set_status(&gone.db, gone.tenant, Deleted, "closed down").await;
        studio.clock.pass(Duration::minutes(1));
        let worker = studio.database.client(Service::Work).await;
        let ran =
            "SELECT count(*) FROM runtime.schedule_runs WHERE schedule = 'class_reminders' AND due_at = $1
                   AND outcome = 'done'";
        eventually("reminders are looked for", async || {
            worker.query_one(ran, &[&studio.now()]).await.unwrap().get::<_, i64>(0) == 1
        })
        .await;
        eventually("the reminder", async || relay.mails().len() == 3).await;
        nothing_is_left(&studio).await;
        let reminded: Vec<_> =
            relay.mails().into_iter().filter(|mail| mail.contains("See you soon")).collect();
        assert_eq!(reminded.len(), 1, "{reminded:#?}");
        assert!(reminded[0].contains("To: ada@example.com"));
        // Past events are completed all the same.
        studio.clock.pass(Duration::hours(4));
        let over = "SELECT count(*) FROM events.events WHERE tenant_id = '";
        let over = format!("{over}{}' AND status = 'completed'", gone.tenant.uuid());
        eventually("the class is completed", async || gone.count(&over).await == 1).await;
    })
    .await;
}
