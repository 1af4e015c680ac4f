//! Imports of another program's calendar, on real Postgres.

use futures::future::join_all;
use tryzore_events::{
    self as events, CalendarPlan, CalendarReport, EventKind, NewCalendar, NewOffer, calendar,
    permission::{CreateEvent, EditEvent},
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{OrganizationId, Problem, UserId};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permission, Permit};
use tryzore_testkit::TestTenant;

const STUDIO: &[u8] = include_bytes!("../../../../../docs/samples/studio.ics");

fn staff<P: Permission>(studio: &TestTenant, at: OrganizationId) -> Permit<P> {
    studio.as_staff(UserId::generate(studio.now()), at, &["*"]).permit().unwrap()
}

async fn plan(studio: &TestTenant, at: OrganizationId, file: &[u8]) -> Result<CalendarPlan, Problem> {
    let permit = staff::<CreateEvent>(studio, at);
    let defaults = NewOffer { kind: Some(EventKind::Class), spots_total: Some(12), ..NewOffer::default() };
    let new = NewCalendar {
        organization: at,
        file: calendar::read(file, chrono_tz::Europe::Rome).unwrap(),
        defaults,
        dry_run: false,
    };
    let facts = async |tx: &mut TenantTx| events::calendar_facts(&permit, &mut tx.events(), &new).await;
    let facts = studio.db.tenant_tx(&permit, facts).await?;
    Ok(events::plan_calendar(new, facts, studio.now())?)
}

async fn store(
    studio: &TestTenant,
    at: OrganizationId,
    plan: CalendarPlan,
) -> Result<CalendarReport, Problem> {
    let (permit, now) = (staff::<CreateEvent>(studio, at), studio.now());
    studio
        .db
        .tenant_tx(&permit, async |tx| events::import_calendar(&permit, &mut tx.events(), plan, now).await)
        .await
}

async fn import(studio: &TestTenant, at: OrganizationId, file: &[u8]) -> Result<CalendarReport, Problem> {
    store(studio, at, plan(studio, at, file).await?).await
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
    let plans = [plan(&studio, studio.main, STUDIO).await, plan(&studio, studio.main, STUDIO).await];
    let both = join_all(plans.map(|plan| store(&studio, studio.main, plan.unwrap()))).await;
    let codes: Vec<_> = both.iter().filter_map(|stored| Some(&*stored.as_ref().err()?.code)).collect();
    assert_eq!(codes, ["events.import.changed"], "the later one was planned before the other was stored");
    assert_eq!(studio.count("SELECT count(*) FROM events.series").await, 14);
    assert_eq!(import(&studio, studio.main, STUDIO).await.unwrap().created_series, 0);
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

/// A weekly class from Monday the 2nd of March 2026 on, at six, and changes of its dates.
fn weekly(changes: &[&str]) -> String {
    let entry =
        |lines: &str| format!("BEGIN:VEVENT\nUID:yoga\nSUMMARY:Yoga\nDURATION:PT1H\n{lines}\nEND:VEVENT\n");
    let whole = entry("DTSTART;TZID=Europe/Rome:20260302T180000\nRRULE:FREQ=WEEKLY");
    let changes: String = changes.iter().map(|lines| entry(lines)).collect();
    format!("BEGIN:VCALENDAR\n{whole}{changes}END:VCALENDAR\n").replace('\n', "\r\n")
}

#[tokio::test]
async fn changes_of_single_dates_come_after_their_series() {
    let studio = TestTenant::open().await;
    let main = studio.main;
    assert_eq!(import(&studio, main, weekly(&[]).as_bytes()).await.unwrap().scheduled, 8);
    // The 16th is booked, and the 23rd was booked and canceled with a fee.
    let member = studio.member(main).await;
    for (on, status) in [("2026-03-16", "booked"), ("2026-03-23", "canceled_late")] {
        let book = format!(
            "INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
                 attended_organization_id, status, status_at, is_first_timer, currency, created_at)
             SELECT e.tenant_id, gen_random_uuid(), e.id, $1, $2, e.organization_id, e.organization_id,
                    '{status}', now(), false, 'EUR', now()
             FROM events.events e WHERE e.tenant_id = $3 AND e.occurrence_on = '{on}'"
        );
        let (client, user, tenant) = (member.client.uuid(), member.user.uuid(), studio.tenant.uuid());
        assert_eq!(studio.sql.execute(&book, &[&client, &user, &tenant]).await.unwrap(), 1);
    }
    let moved = |id: &str, to: &str| {
        format!("RECURRENCE-ID;TZID=Europe/Rome:{id}T180000\nDTSTART;TZID=Europe/Rome:{to}T190000")
    };
    let off = |id: &str| format!("RECURRENCE-ID;VALUE=DATE:{id}\nSTATUS:CANCELLED");
    let changes = [
        moved("20260309", "20260310"),
        moved("20260316", "20260317"),
        off("20260323"),
        off("20260330"),
        off("20260803"),
        moved("20260907", "20260908"),
    ];
    let file = weekly(&changes.each_ref().map(String::as_str));
    let report = import(&studio, main, file.as_bytes()).await.unwrap();
    assert_eq!((report.changed_dates, report.unchanged, report.refused.len()), (4, 1, 2), "{report:?}");
    let count = async |wanted: &str| {
        studio
            .count(&format!("SELECT count(*) FROM events.events WHERE series_id IS NOT NULL AND {wanted}"))
            .await
    };
    assert_eq!(
        count("occurrence_on = '2026-03-09' AND starts_at = '2026-03-10T18:00:00Z' AND version = 2").await,
        1
    );
    assert_eq!(count("occurrence_on IN ('2026-03-16', '2026-03-23') AND version = 1").await, 2);
    assert_eq!(count("occurrence_on = '2026-03-30' AND status = 'canceled'").await, 1);
    assert_eq!(count("occurrence_on = '2026-09-07' AND starts_at = '2026-09-08T17:00:00Z'").await, 1);
    let left_out = "SELECT count(*) FROM events.series WHERE excluded_dates = '{2026-08-03}' AND version = 1";
    assert_eq!(studio.count(left_out).await, 1);
    let again = import(&studio, main, file.as_bytes()).await.unwrap();
    assert_eq!((again.changed_dates, again.unchanged, again.refused.len()), (0, 5, 2));
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
