//! Manual overrides that nobody confirms, and the mail about them (SUP-09).

use crate::{
    letters::{book, member},
    relay::Relay,
    stage::{eventually, nothing_is_left, with_worker},
};
use chrono::{Duration, TimeDelta};
use serde_json::{Value, json};
use tryzore_kernel::{EventId, OverrideId, UserId, uuid_at};
use tryzore_rbac::Permit;
use tryzore_support::{OverrideForm, execute, permission::ManualOverrides, propose};
use tryzore_support_postgres::OverrideTx;
use tryzore_testkit::{Database, TestTenant, test_tenant::Member};
use tryzore_worker::overrides::OVERRIDES;

struct Stage {
    studio: TestTenant,
    relay: Relay,
    permit: Permit<ManualOverrides>,
    member: Member,
    event: EventId,
}

impl Stage {
    /// A class in three hours that Ada booked, and Grace, who manages roles.
    async fn open() -> Self {
        let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
        let ada = member(&studio, None, None).await;
        let event = studio.class(studio.main, 1, Duration::hours(3)).await;
        book(&studio, ada, event).await;
        let (grace, role) = (UserId::generate(studio.now()), uuid_at(studio.now()));
        let (tenant, main) = (studio.tenant.uuid(), studio.main.uuid());
        for (query, values) in [
            (
                "INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
                 VALUES ($1, $2, 'Manager', 'organization', true, now(), now())",
                vec![tenant, role],
            ),
            (
                "INSERT INTO rbac.role_permissions (tenant_id, role_id, pattern) VALUES ($1, $2, '*')",
                vec![tenant, role],
            ),
            (
                "INSERT INTO tenancy.employees (tenant_id, user_id, name, email, joined_at)
                 VALUES ($1, $2, 'Grace', 'grace@example.com', now())",
                vec![tenant, grace.uuid()],
            ),
            (
                "INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, created_at)
                 VALUES ($1, $2, $3, $4, now())",
                vec![tenant, grace.uuid(), main, role],
            ),
        ] {
            let values: Vec<_> =
                values.iter().map(|id| id as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
            studio.sql.execute(query, &values).await.unwrap();
        }
        let grants = studio.verified(studio.as_staff(grace, studio.main, &["*"]));
        let permit = grants.permit_at(studio.now()).unwrap();
        Self { studio, relay, permit, member: ada, event }
    }

    async fn set(&self, state: &str) {
        let changed = format!("UPDATE events.bookings SET {state} WHERE client_id = $1");
        self.studio.sql.execute(&changed, &[&self.member.client.uuid()]).await.unwrap();
    }

    async fn booking(&self) -> String {
        let query = "SELECT b.id FROM events.bookings b WHERE b.client_id = $1";
        let row = self.studio.sql.query_one(query, &[&self.member.client.uuid()]).await.unwrap();
        format!("bkg_{}", row.get::<_, uuid::Uuid>(0).simple())
    }

    /// Grace overrides something, and executes it at once.
    async fn override_now(&self, kind: &str, target: String, change: Value) -> OverrideId {
        let (kind, reason) = (kind.to_owned(), "The door did not open".to_owned());
        let form = OverrideForm { kind, target, change, reason, confirm_within_hours: Some(1) };
        let (permit, now) = (&self.permit, self.studio.now());
        let made = self.studio.db.tenant_tx(permit, async |tx| {
            let mut tx = OverrideTx::new(tx, OVERRIDES, permit);
            let proposed = propose(permit, &mut tx, form, now).await?;
            execute(permit, &mut tx, proposed.id, now).await
        });
        made.await.unwrap().id
    }

    async fn status(&self, id: OverrideId) -> String {
        let query = "SELECT status FROM support.manual_overrides WHERE id = $1";
        self.studio.sql.query_one(query, &[&id.uuid()]).await.unwrap().get(0)
    }

    fn mails(&self, subject: &str) -> usize {
        let mails = self.relay.mails();
        mails.iter().filter(|mail| mail.contains("grace@example.com") && mail.contains(subject)).count()
    }
}

#[tokio::test]
async fn sup_09_what_nobody_confirms_is_taken_back_once_and_those_who_manage_roles_hear_of_it() {
    let stage = Stage::open().await;
    stage.set("status = 'no_show', fee_minor = 1000").await;
    let booking = stage.booking().await;
    let id = stage.override_now("fee", booking, json!({ "action": "waive" })).await;
    let fee = "SELECT fee_minor::bigint FROM events.bookings";
    assert_eq!(stage.studio.count(fee).await, 0);
    with_worker(&stage.studio, &stage.relay, async |_| {
        eventually("a mail", async || stage.mails("Subject: Grace set a rule aside at Main") == 1).await;
        stage.studio.clock.pass(TimeDelta::hours(1));
        eventually("the fee is back", async || stage.studio.count(fee).await == 1000).await;
        eventually("another mail", async || stage.mails("was taken back") == 1).await;
        assert_eq!(stage.status(id).await, "reverted");
        stage.studio.clock.pass(TimeDelta::minutes(2));
        nothing_is_left(&stage.studio).await;
        assert_eq!(stage.mails("was taken back"), 1, "once only");
    })
    .await;
    let steps = "SELECT count(*) FROM support.override_steps WHERE step = 'revert' AND by_user_id IS NULL";
    assert_eq!(stage.studio.count(steps).await, 1);
}

#[tokio::test]
async fn sup_09_a_change_that_cannot_be_taken_back_any_more_raises_an_alarm() {
    let stage = Stage::open().await;
    stage.set("status = 'canceled'").await;
    let freed = "UPDATE events.events SET spots_booked = 0 WHERE id = $1";
    stage.studio.sql.execute(freed, &[&stage.event.uuid()]).await.unwrap();
    let booking = stage.booking().await;
    let id = stage.override_now("booking", booking, json!({ "action": "restore" })).await;
    // The class has begun when the hour is over.
    let sooner = "UPDATE events.events SET starts_at = starts_at - interval '150 minutes' WHERE id = $1";
    stage.studio.sql.execute(sooner, &[&stage.event.uuid()]).await.unwrap();
    stage.studio.clock.pass(TimeDelta::hours(1));
    with_worker(&stage.studio, &stage.relay, async |_| {
        eventually("the alarm", async || stage.status(id).await == "revert_failed").await;
        eventually("a mail", async || stage.mails("could not be taken back") == 1).await;
    })
    .await;
    let failure =
        "SELECT count(*) FROM support.manual_overrides WHERE failure = 'events.override.revert_over'";
    assert_eq!(stage.studio.count(failure).await, 1);
    let booked = "SELECT count(*) FROM events.bookings WHERE status = 'booked'";
    assert_eq!(stage.studio.count(booked).await, 1, "the client keeps the spot until somebody decides");
}
