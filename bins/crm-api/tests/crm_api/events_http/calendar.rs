//! A calendar of another program, uploaded.

use crate::caller::{Caller, days};
use futures::{
    FutureExt,
    future::{Either, select},
};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tryzore_crm_api::routes::routes;
use tryzore_events::calendar::MAX_BYTES;
use tryzore_kernel::UserId;
use tryzore_testkit::{TestTenant, http::Api};

const STUDIO: &[u8] = include_bytes!("../../../../../docs/samples/studio.ics");
const CLASSES: &str = "kind=class&spots_total=12";

struct BookingContext {
    studio: TestTenant,
    api: Api,
    token: String,
}

impl BookingContext {
    async fn open(patterns: &[&str]) -> Self {
        Self::open_with(patterns, 2).await
    }

    /// With `threads` that answer requests.
    async fn open_with(patterns: &[&str], threads: usize) -> Self {
        let studio = TestTenant::open().await;
        let api = Api::start_with(&studio, routes, |settings| settings.threads = Some(threads));
        let token = api.admit(studio.as_staff(UserId::generate(studio.now()), studio.main, patterns));
        Self { studio, api, token }
    }

    async fn send(&self, query: &str, headers: &[(&'static str, &str)], file: Vec<u8>) -> (u16, Value) {
        let url = format!("{}/api/v1/events/import?{query}", self.api.url());
        let mut request = Client::new().post(url).bearer_auth(&self.token).body(file);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn import(&self, query: &str, file: &[u8]) -> (u16, Value) {
        self.send(query, &[("Content-Type", "text/calendar; charset=utf-8")], file.to_vec()).await
    }

    async fn events(&self) -> i64 {
        self.studio.count("SELECT count(*) FROM events.events").await
    }
}

fn refused(answer: &(u16, Value)) -> (u16, &str, &str) {
    let (status, problem) = answer;
    let pointer = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
    (*status, problem["code"].as_str().unwrap_or_default(), pointer)
}

#[tokio::test]
async fn a_calendar_is_looked_at_taken_over_and_then_there() {
    let desk = BookingContext::open(&["events.*"]).await;
    let (status, dry) = desk.import(CLASSES, STUDIO).await;
    assert_eq!((status, &dry["dry_run"], desk.events().await), (200, &json!(true), 0), "{dry}");
    let query = format!("{CLASSES}&dry_run=false&location=Sala%20B");
    let (status, report) = desk.import(&query, STUDIO).await;
    assert_eq!((status, &report["dry_run"], &report["read"]), (200, &json!(false), &json!(25)));
    for field in
        ["read", "created_series", "created_events", "changed_dates", "scheduled", "refused", "refusals"]
    {
        assert_eq!(report[field], dry[field], "{field}");
    }
    assert_eq!(json!(desk.events().await), report["scheduled"]);
    let refusals = report["refusals"].as_array().unwrap();
    let capoeira = refusals.iter().find(|entry| entry["title"] == "Capoeira").unwrap();
    assert_eq!((&capoeira["uid"], &capoeira["line"]), (&json!("capoeira@studioaurora.example"), &json!(425)));
    assert!(capoeira["reasons"][0].as_str().unwrap().contains("Customized Time Zone"));
    assert!(report["notes"].as_array().unwrap().iter().any(|entry| entry["title"] == "Lezione di prova"));
    let (_, again) = desk.import(&query, STUDIO).await;
    assert_eq!(
        (&again["created_series"], &again["scheduled"], &again["unchanged"]),
        (&json!(0), &json!(0), &json!(20))
    );
    assert_eq!(json!(desk.events().await), report["scheduled"]);
}

#[tokio::test]
async fn the_same_key_gets_the_first_answer_and_another_file_is_refused() {
    let desk = BookingContext::open(&["events.*"]).await;
    let headers = [("Content-Type", "text/calendar"), ("Idempotency-Key", "c1")];
    let query = format!("{CLASSES}&dry_run=false");
    let (_, first) = desk.send(&query, &headers, STUDIO.to_vec()).await;
    assert_eq!(first["created_series"], 14);
    assert_eq!(desk.send(&query, &headers, STUDIO.to_vec()).await, (200, first));
    let other = [STUDIO, b"\r\n"].concat();
    assert_eq!(desk.send(&query, &headers, other).await.0, 422);
}

#[tokio::test]
async fn what_is_no_calendar_is_refused() {
    let desk = BookingContext::open(&["events.*"]).await;
    assert_eq!(refused(&desk.import(CLASSES, b"Nome,Email").await), (422, "request.invalid", "body"));
    assert_eq!(refused(&desk.import("kind=class", STUDIO).await), (422, "request.invalid", "spots_total"));
    assert_eq!(desk.import(&format!("{CLASSES}&colour=red"), STUDIO).await.0, 422);
    let csv = desk.send(CLASSES, &[("Content-Type", "text/csv")], STUDIO.to_vec()).await;
    assert_eq!(refused(&csv), (415, "request.media_type", ""));
    let bare = desk.send(CLASSES, &[], STUDIO.to_vec()).await;
    assert_eq!(refused(&bare), (415, "request.media_type", ""));
    let packed = [("Content-Type", "text/calendar"), ("Content-Encoding", "gzip")];
    assert_eq!(refused(&desk.send(CLASSES, &packed, STUDIO.to_vec()).await).1, "request.content_encoding");
    assert_eq!(desk.events().await, 0);
}

#[tokio::test]
async fn a_file_has_at_most_five_mebibytes() {
    let desk = BookingContext::open(&["events.*"]).await;
    let mut file = STUDIO.to_vec();
    file.resize(MAX_BYTES, b'\n');
    assert_eq!(desk.import(CLASSES, &file).await.0, 200);
    file.push(b'\n');
    assert_eq!(refused(&desk.import(CLASSES, &file).await), (413, "request.too_large", ""));
}

#[tokio::test]
async fn health_is_answered_while_a_hostile_file_is_read() {
    // One thread answers all requests.
    let desk = BookingContext::open_with(&["events.*"], 1).await;
    // Each of these rules has all of its dates of half a century examined, and yields one a year.
    let days: Vec<_> = (1..=31).map(|day| day.to_string()).collect();
    let entry = |n: usize| {
        format!(
            "BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:Yoga\r\nDTSTART;TZID=Europe/Rome:19720101T180000\r\n\
             DURATION:PT1H\r\nRRULE:FREQ=YEARLY;COUNT=1000;BYMONTHDAY={};BYDAY=MO;BYSETPOS=1\r\nEND:VEVENT\r\n",
            days.join(",")
        )
    };
    let file = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", (0..100).map(entry).collect::<String>());
    let (client, health) = (Client::new(), format!("{}/health/live", desk.api.url()));
    let (begun, import) = (Instant::now(), desk.import(CLASSES, file.as_bytes()));
    let mut import = std::pin::pin!(import);
    let mut longest = Duration::ZERO;
    let report = loop {
        let asked = Instant::now();
        match select(&mut import, client.get(&health).send().boxed()).await {
            Either::Left((report, _)) => break report,
            Either::Right((alive, _)) => assert!(alive.unwrap().status().is_success()),
        }
        longest = longest.max(asked.elapsed());
    };
    let lasted = begun.elapsed();
    assert_eq!((report.0, &report.1["created_series"]), (200, &json!(100)), "{}", report.1);
    assert!(longest < lasted / 2, "health took {longest:?} of the {lasted:?} that the import lasted");
}

#[tokio::test]
async fn others_import_nothing_here() {
    let desk = BookingContext::open(&["events.view_all"]).await;
    assert_eq!(desk.import(CLASSES, STUDIO).await.0, 403);
    let desk = BookingContext::open(&["events.*"]).await;
    let other = TestTenant::open().await;
    let query = format!("{CLASSES}&dry_run=false&organization_id={}", other.main);
    assert_eq!(desk.import(&query, STUDIO).await.0, 404, "another tenant's location");
    let downtown = desk.studio.location("Downtown").await;
    let query = format!("{CLASSES}&dry_run=false&organization_id={downtown}");
    assert_eq!(desk.import(&query, STUDIO).await.0, 404, "a location that she does not see");
    assert_eq!(desk.events().await, 0);
}

#[tokio::test]
async fn evt_01_a_preview_shows_the_wall_and_utc_and_keeps_nothing() {
    let desk = BookingContext::open(&["events.*"]).await;
    let manager = Caller::staff(&desk.api, &desk.studio, desk.studio.main, &["events.*"]);
    let draft = json!({
        "organization_id": desk.studio.main, "weekly": { "weekdays": ["sun"] }, "starts_on": "2026-03-22",
        "local_time": "02:30:00", "name": "Yoga",
    });
    let seen = manager.post("/event-series/preview?count=3", &draft).await;
    assert_eq!((seen.status, &seen.body["time_zone"]), (200, &json!("Europe/Rome")), "{:?}", seen.body);
    assert_eq!(
        seen.body["starts"],
        json!([
            { "local_date": "2026-03-22", "local_start": "2026-03-22T02:30:00+01:00",
              "starts_at": "2026-03-22T01:30:00Z", "clock_change": null },
            { "local_date": "2026-03-29", "local_start": "2026-03-29T03:30:00+02:00",
              "starts_at": "2026-03-29T01:30:00Z", "clock_change": "gap_shift" },
            { "local_date": "2026-04-05", "local_start": "2026-04-05T02:30:00+02:00",
              "starts_at": "2026-04-05T00:30:00Z", "clock_change": null }
        ])
    );
    assert_eq!(desk.studio.count("SELECT count(*) FROM events.series").await, 0);
    let with = |field: &str, value: Value| {
        let mut draft = draft.clone();
        draft[field] = value;
        draft
    };
    for (field, value, pointer) in
        [("time_zone", json!("Rome"), "/time_zone"), ("rule", json!("FREQ=DAILY"), "/rule")]
    {
        let refused = manager.post("/event-series/preview", &with(field, value)).await;
        assert_eq!(refused.wrong(), (422, vec![pointer]));
    }
    for (count, status) in [(0, 422), (1, 200), (60, 200), (61, 422)] {
        let seen = manager.post(&format!("/event-series/preview?count={count}"), &draft).await;
        assert_eq!(seen.status, status, "{count}: {:?}", seen.body);
    }
    let viewer = Caller::staff(&desk.api, &desk.studio, desk.studio.main, &["events.view_all"]);
    assert_eq!(viewer.post("/event-series/preview", &draft).await.status, 403);
    let other = TestTenant::open().await;
    let elsewhere = with("organization_id", json!(other.main));
    assert_eq!(manager.post("/event-series/preview", &elsewhere).await.status, 404);
}

#[tokio::test]
async fn evt_16_staff_see_what_takes_visitors_at_the_other_locations() {
    use chrono::Duration;
    let studio = TestTenant::open().await;
    let api = Api::start(&studio, routes);
    let (downtown, airport) = (studio.location("Downtown").await, studio.location("Airport").await);
    studio.class(studio.main, 5, Duration::hours(1)).await;
    let open = studio.class(downtown, 5, Duration::hours(2)).await;
    let closed = studio.class(downtown, 5, Duration::hours(3)).await;
    studio
        .sql
        .execute(
            "UPDATE events.events SET allow_cross_location_booking = false WHERE id = $1",
            &[&closed.uuid()],
        )
        .await
        .unwrap();
    studio.class(airport, 5, Duration::hours(4)).await;
    studio
        .sql
        .execute(
            "UPDATE tenancy.organization_settings SET allow_cross_location_booking = false
             WHERE organization_id = $1",
            &[&airport.uuid()],
        )
        .await
        .unwrap();
    let path = format!("/events/cross-location?{}", days(&studio, 7));
    let see = &["events.view_all"][..];
    let held = [(studio.main, see), (downtown, see), (airport, see)];
    let caller = Caller::new(&api, crate::caller::across(&studio, &held));
    let seen = caller.get(&path).await;
    assert_eq!((seen.status, seen.column("id")), (200, vec![json!(open)]));
    // Who works at one location sees nothing of the others.
    let desk = Caller::staff(&api, &studio, studio.main, see);
    assert!(desk.get(&path).await.column("id").is_empty());
    assert_eq!(Caller::staff(&api, &studio, studio.main, &["clients.*"]).get(&path).await.status, 403);
    let long = format!("/events/cross-location?{}", days(&studio, 93));
    assert_eq!(caller.get(&long).await.wrong(), (422, vec!["to"]));
}
