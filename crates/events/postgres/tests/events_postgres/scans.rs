//! The worker finds due work over all tenants, and finds nothing after that work is done.

use chrono::Duration;
use tryzore_events::{
    self as events,
    permission::{BookEvent, CreateEvent, ManageAttendance},
};
use tryzore_events_postgres::Events;
use tryzore_events_postgres::scans::{self, DueItem};
use tryzore_kernel::{EventId, Problem, StoreError};
use tryzore_rbac::{Permit, SystemActor};
use tryzore_testkit::{Database, Service, TestTenant};

async fn due(studio: &TestTenant, service: Service, which: &str) -> Vec<DueItem<EventId>> {
    let db = studio.database.as_service(service, studio.clock.clone());
    let now = studio.now();
    let found: Result<_, Problem> = db
        .platform_tx(SystemActor::Attendance, async |tx| {
            let mut found: Vec<DueItem<EventId>> = Vec::new();
            loop {
                let after = found.last().copied();
                // Pages of one item, so that paging is tested as well.
                let page = match which {
                    "waitlists" => scans::waitlists_due(tx, now, after, 1).await,
                    "over" => scans::completions_due(tx, now, after, 1).await,
                    _ => scans::reminders_due(tx, now, after, 1).await,
                }?;
                match page.first() {
                    Some(one) => found.push(*one),
                    None => break Ok::<_, StoreError>(found),
                }
            }
        })
        .await;
    found.unwrap()
}

#[tokio::test]
async fn the_worker_finds_what_is_due_in_every_tenant() {
    let ours = TestTenant::open_in(Database::own().await).await;
    let class = ours.class(ours.main, 1, Duration::hours(2)).await;
    let other = ours.class(ours.main, 1, Duration::hours(2) + Duration::microseconds(1)).await;
    let (ada, bea) = (ours.member(ours.main).await, ours.member(ours.main).await);
    let now = ours.now();
    for event in [class, other] {
        let permit = ours.as_client(ada, ours.main).permit::<BookEvent>().unwrap();
        ours.db
            .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
            .await
            .unwrap();
    }
    let permit = ours.as_client(bea, ours.main).permit::<BookEvent>().unwrap();
    ours.db
        .tenant_tx(&permit, async |tx| events::wait(&permit, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    let one = [DueItem { tenant: ours.tenant, id: class }];

    assert_eq!(due(&ours, Service::Work, "soon").await, one, "two hours before, and not sooner");
    assert!(due(&ours, Service::Api, "soon").await.is_empty(), "other services see nothing");
    let system = Permit::<ManageAttendance>::system(ours.tenant, SystemActor::Reminder);
    ours.db
        .tenant_tx(&system, async |tx| events::remind(&system, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    assert!(due(&ours, Service::Work, "soon").await.is_empty());

    assert!(due(&ours, Service::Work, "waitlists").await.is_empty(), "it is full");
    ours.sql
        .execute("UPDATE events.events SET spots_total = 2 WHERE id = $1", &[&class.uuid()])
        .await
        .unwrap();
    assert_eq!(due(&ours, Service::Work, "waitlists").await, one);
    let process = async || {
        let now = ours.now();
        let report = ours.db.tenant_tx(&system, async |tx| {
            events::process_waitlist(&system, &mut tx.events(), class, now).await
        });
        report.await.unwrap()
    };
    assert_eq!(process().await.promoted, 1);
    assert!(due(&ours, Service::Work, "waitlists").await.is_empty());

    let last = ours.as_client(ours.member(ours.main).await, ours.main).permit::<BookEvent>().unwrap();
    ours.db
        .tenant_tx(&last, async |tx| events::wait(&last, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    ours.clock.pass(Duration::hours(2));
    assert_eq!(due(&ours, Service::Work, "waitlists").await, one, "it has started: the wait is over");
    assert_eq!(process().await.expired, 1);

    ours.clock.pass(Duration::hours(1) - Duration::microseconds(1));
    assert!(due(&ours, Service::Work, "over").await.is_empty());
    ours.clock.pass(Duration::microseconds(2));
    let mut over = due(&ours, Service::Work, "over").await;
    over.sort_by_key(|due| due.id);
    let mut both = [class, other];
    both.sort();
    assert_eq!(over.iter().map(|due| due.id).collect::<Vec<_>>(), both);
    let now = ours.now();
    for event in both {
        let done = ours
            .db
            .tenant_tx(&system, async |tx| events::complete_due(&system, &mut tx.events(), event, now).await);
        assert!(done.await.unwrap());
    }
    assert!(due(&ours, Service::Work, "over").await.is_empty());
}

#[tokio::test]
async fn the_worker_finds_series_that_need_more_events() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let new = events::NewSeries {
        organization: studio.main,
        offer: events::NewOffer {
            kind: Some(events::EventKind::Class),
            name: Some("Yoga".into()),
            duration_minutes: Some(60),
            spots_total: Some(2),
            ..events::NewOffer::default()
        },
        dates: events::SeriesDates {
            rule: events::Rule::Text("FREQ=DAILY".into()),
            starts_on: "2026-03-02".parse().unwrap(),
            local_time: "18:30:00".parse().unwrap(),
            zone: None,
            exdates: std::collections::BTreeSet::new(),
        },
    };
    let permit = Permit::<CreateEvent>::system(studio.tenant, SystemActor::Series);
    let now = studio.now();
    let made = studio
        .db
        .tenant_tx(&permit, async |tx| events::create_series(&permit, &mut tx.events(), new, now).await)
        .await;
    let id = made.unwrap().0.series.id;
    let db = studio.database.as_service(Service::Work, studio.clock.clone());
    let found = async || {
        let now = studio.now();
        let scan = db.platform_tx(SystemActor::Series, async |tx| scans::series_due(tx, now, None, 10).await);
        scan.await.unwrap()
    };
    assert!(found().await.is_empty());
    studio.clock.pass(Duration::days(1));
    assert_eq!(found().await, [DueItem { tenant: studio.tenant, id }]);
    let now = studio.now();
    let extend = studio
        .db
        .tenant_tx(&permit, async |tx| events::extend_series(&permit, &mut tx.events(), id, now).await);
    assert_eq!(extend.await.unwrap(), 1);
    assert!(found().await.is_empty());
}
