//! Who sees events and decisions that are about somebody else: the stored permission decides.

use chrono::Duration;
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{DecisionId, Limit, OrganizationId, Problem, UserId};
use tryzore_postgres::runtime::{Program, outbox::dispatch};
use tryzore_rbac::{Grants, Permit, SystemActor, catalogue::OwnProfile};
use tryzore_testkit::{Database, Service, TestTenant};
use uuid::Uuid;

const OBJECT: Uuid = Uuid::from_u128(1);

/// Stores an event and a decision about `subject` with this audience and location; their names are of no
/// domain. Returns the position of the event, which is also in the id of the decision.
async fn happened(
    studio: &TestTenant,
    position: i64,
    subject: UserId,
    audience: Option<&str>,
    at: Option<OrganizationId>,
) {
    let at = at.map(OrganizationId::uuid);
    let id = Uuid::from_u128(u128::try_from(position).unwrap());
    let insert = "WITH event AS (
            INSERT INTO runtime.outbox (id, tenant_id, organization_id, kind, aggregate_id, subject_id, audience,
                actor, payload, occurred_at, position)
            VALUES ($1, $2, $3, 'payroll.paid', $4, $5, $6, '{}', '{}', now(), $7))
        INSERT INTO runtime.decisions (tenant_id, id, organization_id, command, object_id, subject_id, audience, actor,
            outcome, code, because, decided_at)
        VALUES ($2, $1, $3, 'payroll.pay', $4, $5, $6, '{}', 'allowed', 'allowed', '[]', now())";
    let worker = studio.database.client(Service::Work).await;
    let tenant = studio.tenant.uuid();
    worker.batch_execute(&format!("SET app.tenant_id = '{tenant}'")).await.unwrap();
    worker
        .execute(insert, &[&id, &tenant, &at, &OBJECT, &subject.uuid(), &audience, &position])
        .await
        .unwrap();
}

/// The positions of the events and the numbers of the decisions that `grants` see, which must be the same by
/// the stream, by a page of decisions and by each decision alone.
async fn seen(studio: &TestTenant, grants: &Grants, last: i64) -> Vec<i64> {
    let permit = Permit::<OwnProfile>::system(studio.tenant, SystemActor::Worker);
    let read = studio.db.tenant_tx(&permit, async |tx| {
        let events = tx.stream_after(0, grants).await?.events;
        let page = tx.decisions_about(OBJECT, grants, None, Limit::default()).await?.data;
        let mut alone = Vec::new();
        for number in 1..=last {
            let id = DecisionId::from(Uuid::from_u128(u128::try_from(number).unwrap()));
            alone.extend(tx.decision_find(id, grants).await?.map(|_| number));
        }
        Ok::<_, Problem>((events, page, alone))
    });
    let (events, page, alone) = read.await.unwrap();
    let events: Vec<_> = events.iter().map(|event| event.position).collect();
    let mut page: Vec<_> = page.iter().map(|one| i64::try_from(one.id.uuid().as_u128()).unwrap()).collect();
    page.reverse();
    assert_eq!((&page, &alone), (&events, &events), "decisions are seen as events are");
    events
}

#[tokio::test]
async fn what_has_no_permission_that_is_known_is_seen_by_the_person_concerned_alone() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let (main, downtown) = (studio.main, studio.location("Downtown").await);
    let ada = studio.member(main).await;
    let rows = [
        (None, Some(main)),
        (Some("no.such_permission"), Some(main)),
        (Some("events.view_all"), Some(main)),
        (Some("clients.view_all"), Some(main)),
        (Some("events.view_all"), Some(downtown)),
        (Some("events.view_all"), None),
    ];
    for ((audience, at), position) in rows.into_iter().zip(1..) {
        happened(&studio, position, ada.user, audience, at).await;
    }
    let staff = |at, patterns: &[&str]| studio.as_staff(UserId::generate(studio.now()), at, patterns);
    let everywhere = Permit::<OwnProfile>::system(studio.tenant, SystemActor::Worker);
    for (grants, positions, who) in [
        (&*studio.as_client(ada, main), &[1, 2, 3, 4, 5, 6][..], "the person concerned"),
        (&*staff(main, &["*"]), &[3, 4], "every permission at the location"),
        (&*staff(main, &["events.view_all"]), &[3], "one permission at the location"),
        (&*staff(main, &["clients.*"]), &[4], "another permission at the location"),
        (&*staff(downtown, &["*"]), &[5], "every permission at another location"),
        (&*staff(main, &["events.view_own"]), &[], "no such permission"),
        (&*studio.as_client(studio.member(main).await, main), &[], "another client"),
        (everywhere.grants(), &[3, 4, 5], "every permission at every location"),
    ] {
        assert_eq!(seen(&studio, grants, 6).await, positions, "{who}");
    }
}

#[tokio::test]
async fn what_an_older_process_stored_without_an_audience_is_seen_by_the_person_concerned_alone() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let ada = studio.member(studio.main).await;
    // The column is not in the statement: a process of the version before the audiences does not know it.
    let insert = "WITH event AS (
            INSERT INTO runtime.outbox (id, tenant_id, organization_id, kind, aggregate_id, subject_id, actor, payload,
                occurred_at, position)
            VALUES ($1, $2, $3, 'events.booked', $4, $5, '{}', '{}', now(), 1))
        INSERT INTO runtime.decisions (tenant_id, id, organization_id, command, object_id, subject_id, actor, outcome,
            code, because, decided_at)
        VALUES ($2, $1, $3, 'events.book', $4, $5, '{}', 'allowed', 'allowed', '[]', now())";
    let (tenant, at) = (studio.tenant.uuid(), studio.main.uuid());
    let worker = studio.database.client(Service::Work).await;
    worker.batch_execute(&format!("SET app.tenant_id = '{tenant}'")).await.unwrap();
    worker.execute(insert, &[&Uuid::from_u128(1), &tenant, &at, &OBJECT, &ada.user.uuid()]).await.unwrap();
    let staff = studio.as_staff(UserId::generate(studio.now()), studio.main, &["*"]);
    let everywhere = Permit::<OwnProfile>::system(studio.tenant, SystemActor::Worker);
    assert_eq!(seen(&studio, &studio.as_client(ada, studio.main), 1).await, [1], "the person concerned");
    assert_eq!(seen(&studio, &staff, 1).await, [0_i64; 0], "every permission at the location");
    assert_eq!(seen(&studio, everywhere.grants(), 1).await, [0_i64; 0], "every permission at every location");
}

#[tokio::test]
async fn the_audience_that_a_kind_and_a_command_declare_is_stored_with_them() {
    static PROGRAM: Program<()> = Program { tasks: &[], subscriptions: Vec::new(), schedules: &[] };
    let studio = TestTenant::open_in(Database::own().await).await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let ada = studio.member(studio.main).await;
    let permit = studio.as_client(ada, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    // A refusal is recorded without an event.
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), class, now).await)
        .await
        .unwrap_err();
    let work = studio.database.as_service(Service::Work, studio.clock.clone());
    dispatch(&work, &PROGRAM).await.unwrap();

    let stored =
        "SELECT kind, audience FROM runtime.outbox UNION ALL SELECT outcome, audience FROM runtime.decisions";
    let stored = studio.sql.query(stored, &[]).await.unwrap();
    let mut stored: Vec<(String, Option<String>)> =
        stored.iter().map(|row| (row.get(0), row.get(1))).collect();
    stored.sort();
    let shown = |name: &str| (name.to_owned(), Some("events.view_all".to_owned()));
    assert_eq!(stored, [shown("allowed"), shown("denied"), shown("events.booked")]);

    let desk = studio.as_staff(UserId::generate(now), studio.main, &["events.view_all"]);
    let read = studio.db.tenant_tx(&permit, async |tx| tx.stream_after(0, &desk).await).await.unwrap();
    assert_eq!(read.events.iter().map(|event| &*event.kind).collect::<Vec<_>>(), ["events.booked"]);
}
