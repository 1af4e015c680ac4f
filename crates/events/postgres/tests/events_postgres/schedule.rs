//! Putting single events and series on the schedule, on real Postgres.

use chrono::{Duration, NaiveDate, NaiveTime};
use futures::future::join_all;
use std::collections::BTreeSet;
use tryzore_events::{
    self as events, BookingRules, EventKind, NewEvent, NewOffer, NewSeries, NewTemplate, Rule, Schedules,
    SeriesDates, Start, TemplateFields,
    permission::{BookEvent, CancelEvent, CreateEvent, EditEvent},
    series::Weekly,
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{Currency, OrganizationId, Problem, UserId};
use tryzore_rbac::{Permission, Permit, SystemActor};
use tryzore_testkit::TestTenant;

fn staff<P: Permission>(studio: &TestTenant) -> Permit<P> {
    studio.as_staff(UserId::generate(studio.now()), studio.main, &["*"]).permit().unwrap()
}

fn fields(name: &str) -> TemplateFields {
    TemplateFields {
        name: name.into(),
        description: "For everyone".into(),
        category: "Yoga".into(),
        difficulty: None,
        duration_minutes: 45,
        default_spots: 12,
    }
}

async fn template(studio: &TestTenant, at: Option<OrganizationId>) -> Result<events::Template, Problem> {
    let (permit, now) = (staff::<CreateEvent>(studio), studio.now());
    let new = NewTemplate { organization: at, kind: EventKind::Class, fields: fields("Flow") };
    studio
        .db
        .tenant_tx(&permit, async |tx| events::create_template(&permit, &mut tx.events(), new, now).await)
        .await
}

async fn create(studio: &TestTenant, offer: NewOffer, start: Start) -> Result<events::Event, Problem> {
    let (permit, now) = (staff::<CreateEvent>(studio), studio.now());
    let new = NewEvent { organization: studio.main, offer, start, room: None };
    studio
        .db
        .tenant_tx(&permit, async |tx| events::create_event(&permit, &mut tx.events(), new, now).await)
        .await
}

async fn works_at(studio: &TestTenant, user: UserId, at: OrganizationId) {
    studio
        .sql
        .execute(
            "WITH r AS (INSERT INTO rbac.roles (tenant_id, id, name, scope, is_editable, created_at, updated_at)
                 VALUES ($1, gen_random_uuid(), gen_random_uuid()::text, 'organization', true, now(), now())
                 RETURNING id)
             INSERT INTO rbac.assignments (tenant_id, user_id, organization_id, role_id, created_at)
             SELECT $1, $2, $3, id, now() FROM r",
            &[&studio.tenant.uuid(), &user.uuid(), &at.uuid()],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn evt_02_an_event_takes_what_it_needs_from_its_template() {
    let studio = TestTenant::open().await;
    let flow = template(&studio, Some(studio.main)).await.unwrap();
    let leader = UserId::generate(studio.now());
    let local = Start::Local { at: "2026-03-03T18:30:00".parse().unwrap(), zone: None };
    let offer = NewOffer { template: Some(flow.id), staff: Some(leader), ..NewOffer::default() };
    let refused = create(&studio, offer.clone(), local).await.unwrap_err();
    assert_eq!(
        (refused.status, &*refused.errors[0].pointer),
        (422, "/staff_user_id"),
        "not on the staff of this location"
    );
    works_at(&studio, leader, studio.main).await;
    let ends = "UPDATE rbac.assignments SET expires_at = $3 WHERE tenant_id = $1 AND user_id = $2";
    let until = async |end| {
        let ids = (studio.tenant.uuid(), leader.uuid());
        studio.sql.execute(ends, &[&ids.0, &ids.1, &end]).await.unwrap();
    };
    until(studio.now()).await;
    let ended = create(&studio, offer.clone(), local).await.unwrap_err();
    assert_eq!(&*ended.errors[0].pointer, "/staff_user_id", "their role has ended");
    until(studio.now() + Duration::microseconds(1)).await;
    let event = create(&studio, offer.clone(), local).await.unwrap();
    assert_eq!((&*event.name, event.spots.total(), event.kind), ("Flow", 12, EventKind::Class));
    assert_eq!(event.starts_at.to_rfc3339(), "2026-03-03T17:30:00+00:00");
    assert_eq!(event.ends_at - event.starts_at, Duration::minutes(45));
    let (permit, now) = (staff::<CreateEvent>(&studio), studio.now());
    let archive = studio.db.tenant_tx(&permit, async |tx| {
        events::archive_template(&permit, &mut tx.events(), flow.id, 1, now).await
    });
    assert!(archive.await.unwrap().is_archived);
    let refused = create(&studio, offer, local).await.unwrap_err();
    assert_eq!(refused.code, "events.create.template_archived");
    let stale = studio.db.tenant_tx(&permit, async |tx| {
        events::edit_template(&permit, &mut tx.events(), flow.id, 1, fields("Slow"), now).await
    });
    assert_eq!(stale.await.unwrap_err().status, 412);
}

#[tokio::test]
async fn evt_02_a_template_of_every_location_needs_permission_at_every_location() {
    let studio = TestTenant::open().await;
    assert!(template(&studio, None).await.is_ok(), "the only location is within the reach of the permit");
    studio.location("Downtown").await;
    assert_eq!(template(&studio, None).await.unwrap_err().code, "events.template.tenant_wide");
    assert!(template(&studio, Some(studio.main)).await.is_ok());
}

#[tokio::test]
async fn evt_01_an_event_without_a_template_is_checked_field_by_field() {
    let studio = TestTenant::open().await;
    let bare = NewOffer {
        kind: Some(EventKind::Class),
        name: Some("Yoga".into()),
        duration_minutes: Some(4),
        spots_total: Some(10_001),
        ..NewOffer::default()
    };
    let soon = Start::At(studio.now() + Duration::hours(1));
    let refused = create(&studio, bare.clone(), soon).await.unwrap_err();
    let pointers: Vec<_> = refused.errors.iter().map(|error| &*error.pointer).collect();
    assert_eq!(pointers, ["/duration_minutes", "/spots_total"]);
    let right = NewOffer { duration_minutes: Some(5), spots_total: Some(10_000), ..bare };
    assert!(create(&studio, right.clone(), soon).await.is_ok());
    assert_eq!(
        create(&studio, right, Start::At(studio.now())).await.unwrap_err().errors[0].pointer,
        "/start"
    );
}

fn weekly(studio: &TestTenant) -> NewSeries {
    NewSeries {
        organization: studio.main,
        offer: NewOffer {
            kind: Some(EventKind::Class),
            name: Some("Yoga".into()),
            duration_minutes: Some(60),
            spots_total: Some(2),
            ..NewOffer::default()
        },
        dates: SeriesDates {
            rule: Rule::Weekly(Weekly {
                interval: 1,
                weekdays: vec![chrono::Weekday::Mon, chrono::Weekday::Thu],
                until: None,
                count: None,
            }),
            starts_on: date("2026-03-02"),
            local_time: NaiveTime::from_hms_opt(18, 30, 0).unwrap(),
            zone: None,
            exdates: BTreeSet::new(),
        },
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn make(studio: &TestTenant) -> events::SeriesPlan {
    let (permit, now, new) = (staff::<CreateEvent>(studio), studio.now(), weekly(studio));
    let made = studio
        .db
        .tenant_tx(&permit, async |tx| events::create_series(&permit, &mut tx.events(), new, now).await)
        .await;
    let (plan, events) = made.unwrap();
    assert_eq!(events, 16, "two a week for eight weeks");
    plan
}

#[tokio::test]
async fn a_series_has_events_eight_weeks_ahead_and_no_event_twice() {
    let studio = TestTenant::open().await;
    let plan = make(&studio).await;
    let permit = Permit::<CreateEvent>::system(studio.tenant, SystemActor::Series);
    let extend = async |after: Duration| {
        let now = studio.now() + after;
        let id = plan.series.id;
        studio
            .db
            .tenant_tx(&permit, async |tx| events::extend_series(&permit, &mut tx.events(), id, now).await)
            .await
            .unwrap()
    };
    assert_eq!(extend(Duration::zero()).await, 0);
    let added: u32 = join_all((0..4).map(|_| extend(Duration::days(7)))).await.into_iter().sum();
    assert_eq!(added, 2, "one more week, once");
    let local = "SELECT count(*) FROM events.events
                 WHERE to_char(starts_at AT TIME ZONE 'Europe/Rome', 'HH24:MI') = '18:30'";
    assert_eq!(studio.count(local).await, 18, "half past six in winter and in summer");
    let sent = "SELECT count(*) FROM runtime.outbox WHERE kind = 'events.scheduled'";
    assert_eq!(studio.count(sent).await, 18);
}

#[tokio::test]
async fn this_and_following_moves_bookings_along() {
    let studio = TestTenant::open().await;
    let plan = make(&studio).await;
    let row = studio
        .sql
        .query_one("SELECT id FROM events.events WHERE occurrence_on = '2026-03-19'", &[])
        .await
        .unwrap();
    let event = row.get::<_, uuid::Uuid>(0).into();
    let now = studio.now();
    for _ in 0..2 {
        let own =
            studio.as_client(studio.member(studio.main).await, studio.main).permit::<BookEvent>().unwrap();
        studio
            .db
            .tenant_tx(&own, async |tx| events::book(&own, &mut tx.events(), event, now).await)
            .await
            .unwrap();
    }
    let permit = staff::<EditEvent>(&studio);
    let edit = async |spots_total: u32, version: i32| {
        let offer = events::Offer { spots_total, location: "Room 2".into(), ..plan.offer.clone() };
        let local_time = NaiveTime::from_hms_opt(19, 0, 0).unwrap();
        let edit = events::SeriesEdit { from: date("2026-03-17"), offer, local_time };
        let id = plan.series.id;
        studio
            .db
            .tenant_tx(&permit, async |tx| {
                events::edit_series(&permit, &mut tx.events(), id, version, edit, now).await
            })
            .await
    };
    assert_eq!(edit(1, 1).await.unwrap_err().code, "events.edit.spots_below_booked");
    assert_eq!(edit(3, 7).await.unwrap_err().status, 412);
    let (tail, changed) = edit(3, 1).await.unwrap();
    assert_eq!(changed, 11, "from 19 March on");
    assert_ne!(tail.series.id, plan.series.id);
    let moved = "SELECT count(*) FROM events.events
                 WHERE to_char(starts_at AT TIME ZONE 'Europe/Rome', 'HH24:MI') = '19:00'
                   AND location = 'Room 2' AND spots_total = 3 AND occurrence_on >= '2026-03-19'";
    assert_eq!(studio.count(moved).await, 11);
    let kept = "SELECT count(*) FROM events.bookings b JOIN events.events e ON e.id = b.event_id
                WHERE b.status = 'booked' AND e.location = 'Room 2'";
    assert_eq!(studio.count(kept).await, 2);
    assert_eq!(
        studio.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'events.rescheduled'").await,
        11
    );
    assert_eq!(studio.count("SELECT count(*) FROM events.series").await, 2);
    // The worker extends both parts: the first part has ended, the second gets more events.
    let system = Permit::<CreateEvent>::system(studio.tenant, SystemActor::Series);
    let later = now + Duration::days(7);
    for (series, made) in [(plan.series.id, 0), (tail.series.id, 2)] {
        let extend = studio.db.tenant_tx(&system, async |tx| {
            events::extend_series(&system, &mut tx.events(), series, later).await
        });
        assert_eq!(extend.await.unwrap(), made);
    }
}

#[tokio::test]
async fn ending_a_series_calls_off_what_comes_after() {
    let studio = TestTenant::open().await;
    let plan = make(&studio).await;
    let (permit, now, id) = (staff::<CancelEvent>(&studio), studio.now(), plan.series.id);
    let end = async || {
        let last = date("2026-03-31");
        studio
            .db
            .tenant_tx(&permit, async |tx| {
                events::end_series(&permit, &mut tx.events(), id, last, "moved away", now).await
            })
            .await
    };
    assert_eq!(end().await.unwrap(), 7);
    assert_eq!(end().await.unwrap(), 0, "once");
    assert_eq!(studio.count("SELECT count(*) FROM events.events WHERE status = 'scheduled'").await, 9);
    let system = Permit::<CreateEvent>::system(studio.tenant, SystemActor::Series);
    let later = now + Duration::days(30);
    let extend = studio
        .db
        .tenant_tx(&system, async |tx| events::extend_series(&system, &mut tx.events(), id, later).await);
    assert_eq!(extend.await.unwrap(), 0);
    assert_eq!(studio.count("SELECT count(*) FROM events.series WHERE status = 'ended'").await, 1);
}

#[tokio::test]
async fn a_location_that_nobody_has_changed_has_the_initial_rules() {
    let studio = TestTenant::open().await;
    let permit = Permit::<CreateEvent>::system(studio.tenant, SystemActor::Series);
    let rules = studio.db.tenant_tx(&permit, async |tx| -> Result<_, Problem> {
        Ok(tx.events().booking_rules_find(studio.main).await?)
    });
    let initial = BookingRules::initial(chrono_tz::Europe::Rome, Currency::EUR);
    assert_eq!(rules.await.unwrap(), Some(initial));
}
