//! Imports of another program's calendar, on real Postgres.

use futures::future::join_all;
use tryzore_events::{
    self as events, CalendarReport, EventKind, NewCalendar, NewOffer, calendar,
    permission::{CreateEvent, EditEvent},
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{OrganizationId, Problem, UserId};
use tryzore_rbac::{Permission, Permit};
use tryzore_testkit::TestTenant;

const STUDIO: &[u8] = include_bytes!("../../../../../docs/samples/studio.ics");

fn staff<P: Permission>(studio: &TestTenant, at: OrganizationId) -> Permit<P> {
    studio.as_staff(UserId::generate(studio.now()), at, &["*"]).permit().unwrap()
}

async fn import(studio: &TestTenant, at: OrganizationId, file: &[u8]) -> Result<CalendarReport, Problem> {
    let (permit, now) = (staff::<CreateEvent>(studio, at), studio.now());
    let defaults = NewOffer { kind: Some(EventKind::Class), spots_total: Some(12), ..NewOffer::default() };
    let new = NewCalendar {
        organization: at,
        file: calendar::read(file, chrono_tz::Europe::Rome).unwrap(),
        defaults,
        dry_run: false,
    };
    studio
        .db
        .tenant_tx(&permit, async |tx| events::import_calendar(&permit, &mut tx.events(), new, now).await)
        .await
}

#[tokio::test]
async fn a_calendar_that_is_imported_again_is_stored_once() {
    let studio = TestTenant::open().await;
    let report = import(&studio, studio.main, STUDIO).await.unwrap();
    assert_eq!((report.created_series, report.created_events, report.changed_dates), (14, 3, 2));
    let count = async |table: &str| studio.count(&format!("SELECT count(*) FROM events.{table}")).await;
    assert_eq!(count("series").await, 14);
    assert_eq!(count("events").await, i64::from(report.scheduled));
    assert_eq!(count("events WHERE external_uid IS NOT NULL AND series_id IS NULL").await, 3);
    let moved = "events WHERE occurrence_on = '2026-04-15' AND starts_at = '2026-04-15T17:30:00Z'";
    assert_eq!(count(moved).await, 1);
    let again = import(&studio, studio.main, STUDIO).await.unwrap();
    assert_eq!((again.created_series, again.created_events, again.unchanged), (0, 0, 20));
    assert_eq!(count("events").await, i64::from(report.scheduled));
    // Another location's imports don't matter.
    let downtown = studio.location("Downtown").await;
    assert_eq!(import(&studio, downtown, STUDIO).await.unwrap().created_series, 14);
}

#[tokio::test]
async fn two_concurrent_imports_store_a_calendar_once() {
    let studio = TestTenant::open().await;
    let both = join_all([import(&studio, studio.main, STUDIO), import(&studio, studio.main, STUDIO)]).await;
    let mut created: Vec<_> = both.into_iter().map(|report| report.unwrap().created_series).collect();
    created.sort_unstable();
    assert_eq!(created, [0, 14]);
    assert_eq!(studio.count("SELECT count(*) FROM events.series").await, 14);
}

#[tokio::test]
async fn a_series_that_was_changed_since_is_left_as_it_is() {
    let studio = TestTenant::open().await;
    let file = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:yoga\r\nSUMMARY:Yoga\r\nDTSTART;TZID=Europe/Rome:20260302T180000\r\n\
        DURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(import(&studio, studio.main, file).await.unwrap().scheduled, 8);
    let series = studio.sql.query_one("SELECT id FROM events.series", &[]).await.unwrap();
    let series: uuid::Uuid = series.get(0);
    let permit = staff::<EditEvent>(&studio, studio.main);
    let offer = events::Offer {
        name: "Slow Yoga".into(),
        staff: None,
        duration_minutes: 75,
        spots_total: 8,
        location: "Room 2".into(),
        takes_visitors: true,
    };
    let edit = events::SeriesEdit {
        from: "2026-03-02".parse().unwrap(),
        offer,
        local_time: "19:00:00".parse().unwrap(),
    };
    let now = studio.now();
    let edited = studio.db.tenant_tx(&permit, async |tx| {
        events::edit_series(&permit, &mut tx.events(), series.into(), 1, edit, now).await
    });
    edited.await.unwrap();
    assert_eq!(import(&studio, studio.main, file).await.unwrap().unchanged, 1);
    let kept = "SELECT count(*) FROM events.series WHERE name = 'Slow Yoga' AND external_uid = 'yoga'";
    assert_eq!(studio.count(kept).await, 1);
    assert_eq!(studio.count("SELECT count(*) FROM events.events WHERE name = 'Yoga'").await, 0);
}

#[tokio::test]
async fn a_large_import_is_stored_in_one_transaction() {
    let studio = TestTenant::open().await;
    let daily = |n: usize| {
        format!(
            "BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:Yoga {n}\r\nDTSTART;TZID=Europe/Rome:20260302T180000\r\n\
             DURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n"
        )
    };
    // More rows than one statement can insert.
    let file = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", (0..40).map(daily).collect::<String>());
    let report = import(&studio, studio.main, file.as_bytes()).await.unwrap();
    assert_eq!((report.created_series, report.scheduled), (40, 40 * 56));
    assert_eq!(studio.count("SELECT count(*) FROM events.events").await, 40 * 56);
}
