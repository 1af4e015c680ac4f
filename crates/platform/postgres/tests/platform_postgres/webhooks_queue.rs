//! The queue of webhooks: the privileges of each group, and the list for operators.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use tryzore_kernel::{Clock, Cursor, Limit, Page, SessionId, UserId, WebhookId};
use tryzore_platform::{Arrival, Received, receive};
use tryzore_platform_postgres::Platform;
use tryzore_platform_postgres::{DeliveryFilter, DeliveryStatus, DeliveryView};
use tryzore_rbac::{Actor, PlatformGrants, PlatformPermit, PlatformSlug, platform::ViewWebhooks};
use tryzore_testkit::{Database, Service, TestTenant};

fn arrival(external_id: &str, event_type: &str) -> Arrival {
    Arrival {
        provider: "workos".into(),
        external_id: external_id.into(),
        event_type: event_type.into(),
        headers: BTreeMap::new(),
        raw_payload: b"{}".to_vec(),
    }
}

async fn keep(studio: &TestTenant, arrival: Arrival) -> Received {
    let inbound = studio.database.as_service(Service::Inbound, studio.clock.clone());
    let now = studio.clock.now();
    inbound.inbox_tx(async |tx| receive(&mut tx.platform(), arrival, now).await).await.unwrap()
}

async fn list(
    studio: &TestTenant,
    filter: DeliveryFilter,
    after: Option<(DateTime<Utc>, WebhookId)>,
    rows: u8,
) -> Page<DeliveryView> {
    let limit = Limit::try_new(rows).unwrap();
    let read =
        async |tx: &mut tryzore_postgres::PlatformTx| tx.platform().webhooks_list(filter, after, limit).await;
    studio.db.operator_tx(&operator(studio), read).await.unwrap()
}

fn operator(studio: &TestTenant) -> PlatformPermit<ViewWebhooks> {
    let now = studio.now();
    let actor = Actor::User { user: UserId::generate(now), session: SessionId::generate(now) };
    PlatformGrants::compile(actor, studio.tenant, [PlatformSlug::ViewWebhooks]).unwrap().permit().unwrap()
}

fn names(page: &Page<DeliveryView>) -> Vec<&str> {
    page.data.iter().map(|view| view.external_id.as_str()).collect()
}

#[tokio::test]
async fn whk_01_a_delivery_is_stored_once_per_provider_and_id() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let Received::Kept(first) = keep(&studio, arrival("event_01", "user.deleted")).await else { panic!() };
    assert_eq!(keep(&studio, arrival("event_01", "user.updated")).await, Received::Repeated);
    let other = Arrival { provider: "stripe".into(), ..arrival("event_01", "charge.succeeded") };
    assert!(matches!(keep(&studio, other).await, Received::Kept(id) if id != first));
    let page = list(&studio, DeliveryFilter::default(), None, 50).await;
    assert_eq!(page.data.len(), 2);
    let jobs = studio.database.client(Service::Work).await;
    let jobs: i64 = jobs.query_one("SELECT count(*) FROM runtime.jobs", &[]).await.unwrap().get(0);
    assert_eq!(jobs, 2, "what came before is not processed again");
}

#[tokio::test]
async fn each_group_has_only_the_privileges_that_it_needs() {
    let studio = TestTenant::open_in(Database::own().await).await;
    keep(&studio, arrival("event_01", "user.deleted")).await;
    let refused = [
        (Service::Inbound, "SELECT id FROM webhooks.deliveries"),
        (Service::Inbound, "UPDATE webhooks.deliveries SET attempts = 1"),
        (Service::Inbound, "DELETE FROM webhooks.deliveries"),
        (
            Service::Inbound,
            "INSERT INTO webhooks.deliveries (id, provider, external_id, event_type, headers, raw_payload, received_at, attempts)
             VALUES (gen_random_uuid(), 'p', 'e', 't', '{}', '', now(), 3)",
        ),
        (Service::Inbound, "SELECT id FROM identity.users"),
        (Service::Inbound, "SELECT id FROM runtime.jobs"),
        (Service::Api, "SELECT id FROM webhooks.deliveries"),
        (Service::Api, "SELECT id FROM runtime.jobs"),
        (Service::Api, "INSERT INTO platform.operators (user_id) VALUES (gen_random_uuid())"),
        (Service::Work, "SET ROLE tryzore_operator"),
        (Service::Inbound, "SET ROLE tryzore_operator"),
        (Service::Api, "BEGIN; SET LOCAL ROLE tryzore_operator; SELECT payload FROM runtime.jobs"),
        (Service::Api, "BEGIN; SET LOCAL ROLE tryzore_operator; SELECT id FROM identity.users"),
        (Service::Api, "BEGIN; SET LOCAL ROLE tryzore_operator; DELETE FROM webhooks.deliveries"),
        (Service::Api, "BEGIN; SET LOCAL ROLE tryzore_operator; SELECT seq FROM runtime.outbox"),
        (Service::Api, "UPDATE webhooks.deliveries SET attempts = 1"),
        (Service::Api, "DELETE FROM webhooks.deliveries"),
        (Service::Work, "UPDATE webhooks.deliveries SET raw_payload = ''"),
        (Service::Work, "UPDATE webhooks.deliveries SET external_id = 'x'"),
    ];
    for (service, statement) in refused {
        let error = studio.database.client(service).await.batch_execute(statement).await.unwrap_err();
        assert_eq!(
            error.code(),
            Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE),
            "{statement}"
        );
    }
    let worker = studio.database.client(Service::Work).await;
    worker.batch_execute("SELECT raw_payload FROM webhooks.deliveries FOR NO KEY UPDATE").await.unwrap();
}

#[tokio::test]
async fn whk_01_the_list_is_newest_first_in_pages_and_filtered_by_status() {
    let studio = TestTenant::open_in(Database::own().await).await;
    for (external_id, event_type) in [("1", "a"), ("2", "b"), ("3", "a")] {
        keep(&studio, arrival(external_id, event_type)).await;
        studio.clock.pass(TimeDelta::seconds(1));
    }
    // At the same time: the id decides the order.
    keep(&studio, arrival("4", "b")).await;
    keep(&studio, arrival("5", "b")).await;
    let all = list(&studio, DeliveryFilter::default(), None, 50).await;
    assert_eq!((all.data.len(), &all.next_cursor), (5, &None));
    assert_eq!(names(&all)[2..], ["3", "2", "1"]);

    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = list(&studio, DeliveryFilter::default(), after, 2).await;
        paged.extend(page.data);
        let Some(cursor) = page.next_cursor else { break };
        after = Some(Cursor::decode(&cursor).unwrap());
    }
    assert_eq!(paged, all.data);

    let worker = studio.database.client(Service::Work).await;
    worker
        .batch_execute(
            "UPDATE webhooks.deliveries SET processed_at = now(), processed_by = 'job', result = 'applied' WHERE external_id = '1';
             UPDATE webhooks.deliveries SET dead_at = now(), error_message = 'no' WHERE external_id = '2'",
        )
        .await
        .unwrap();
    let by = |state| DeliveryFilter { status: Some(state), ..DeliveryFilter::default() };
    let pending = list(&studio, by(DeliveryStatus::Pending), None, 50).await;
    assert_eq!((pending.data.len(), names(&pending)[2..].to_vec()), (4, vec!["3", "2"]));
    assert_eq!(names(&list(&studio, by(DeliveryStatus::Processed), None, 50).await), ["1"]);
    assert_eq!(names(&list(&studio, by(DeliveryStatus::Dead), None, 50).await), ["2"]);
    let kind = DeliveryFilter { event_type: Some("a".into()), ..DeliveryFilter::default() };
    assert_eq!(names(&list(&studio, kind, None, 50).await), ["3", "1"]);
    let provider = DeliveryFilter { provider: Some("stripe".into()), ..DeliveryFilter::default() };
    assert!(list(&studio, provider, None, 50).await.data.is_empty());
}
