//! The schedule, spots and places in line over HTTP, as clients use them.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tryzore_app_api::routes::routes;
use tryzore_kernel::{EventId, OrganizationId, UserId};
use tryzore_testkit::{TestTenant, http::Api, test_tenant::Member};

/// Someone who calls.
struct Caller {
    base: String,
    token: String,
}

impl Caller {
    fn client(api: &Api, studio: &TestTenant, member: Member, at: OrganizationId) -> Self {
        Self { base: format!("{}/api/v1", api.url()), token: api.admit(studio.as_client(member, at)) }
    }

    async fn call(&self, method: Method, path: &str) -> (u16, Value) {
        let request = Client::new().request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        let response = request.send().await.unwrap();
        let (status, tag) = (response.status().as_u16(), response.headers().get("etag").cloned());
        let body: Value = response.json().await.unwrap();
        if let Some(version) = body["version"].as_i64() {
            assert_eq!(tag.unwrap(), format!("\"v{version}\""), "what has a version has it as its ETag");
        }
        (status, body)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path).await
    }

    async fn post(&self, path: &str) -> (u16, Value) {
        self.call(Method::POST, path).await
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        self.call(Method::DELETE, path).await
    }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn days(studio: &TestTenant, days: i64) -> String {
    format!("from={}&to={}", text(studio.now()), text(studio.now() + Duration::days(days)))
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn names(events: &[EventId]) -> Vec<String> {
    events.iter().map(EventId::to_string).collect()
}

#[tokio::test]
async fn evt_15_the_schedule_shows_what_is_on_and_ones_own_spot() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let (mine, full, away) = (
        studio.class(studio.main, 5, Duration::hours(2)).await,
        studio.class(studio.main, 1, Duration::hours(3)).await,
        studio.class(downtown, 5, Duration::hours(4)).await,
    );
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let api = Api::start(&studio, routes);
    let [ada, bea] = [ada, bea].map(|member| Caller::client(&api, &studio, member, studio.main));
    let (_, booked) = ada.post(&format!("/events/{mine}/book")).await;
    assert_eq!(bea.post(&format!("/events/{full}/book")).await.0, 201);
    assert_eq!(ada.post(&format!("/events/{full}/waitlist")).await.0, 201);

    let week = days(&studio, 7);
    let (status, page) = ada.get(&format!("/events?{week}")).await;
    assert_eq!((status, ids(&page)), (200, names(&[mine, full])), "where she is");
    assert_eq!(page["data"][0]["my_booking_id"], booked["id"]);
    assert_eq!(
        (&page["data"][1]["my_waitlist_position"], &page["data"][1]["is_full"]),
        (&json!(1), &json!(true))
    );
    let (_, page) = ada.get(&format!("/events?{week}&organization_id={downtown}")).await;
    assert_eq!(ids(&page), names(&[away]));
    assert!(ids(&ada.get(&format!("/events?{week}&kind=tour")).await.1).is_empty());
    let (_, page) = ada.get(&format!("/events/cross-location?{week}")).await;
    assert_eq!(ids(&page), names(&[away]), "only elsewhere");

    let (_, first) = ada.get(&format!("/events?{week}&limit=1")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = ada.get(&format!("/events?{week}&limit=1&cursor={cursor}")).await;
    assert_eq!((ids(&first), ids(&second)), (names(&[mine]), names(&[full])));
    assert_eq!(second["next_cursor"], Value::Null);

    let (status, detail) = ada.get(&format!("/events/{mine}")).await;
    assert_eq!(detail["version"], 1);
    assert_eq!(
        (status, &detail["my_booking_id"], &detail["my_price"]),
        (200, &booked["id"], &json!({ "minor": 0, "currency": "EUR" }))
    );
    api.stop().await;
}

#[tokio::test]
async fn what_a_query_gets_wrong_is_named() {
    let studio = TestTenant::open().await;
    let ada = studio.member(studio.main).await;
    let api = Api::start(&studio, routes);
    let ada = Caller::client(&api, &studio, ada, studio.main);
    let (week, quarter, long) = (days(&studio, 7), days(&studio, 92), days(&studio, 93));
    assert_eq!(ada.get(&format!("/events?{quarter}")).await.0, 200);
    let cases = [
        (format!("/events?{long}"), "to"),
        (format!("/events?{week}&limit=0"), "limit"),
        (format!("/events?{week}&limit=201"), "limit"),
        (format!("/events?{week}&cursor=nonsense"), "cursor"),
        (format!("/events?{week}&kind=party"), "kind"),
        (format!("/events?{week}&organization_id=evt_1"), "organization_id"),
        (format!("/events/cross-location?{long}"), "to"),
        ("/bookings?period=never".to_owned(), "period"),
        ("/bookings?limit=0".to_owned(), "limit"),
    ];
    for (path, pointer) in cases {
        let (status, problem) = ada.get(&path).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(pointer)), "{path}: {problem}");
    }
    for path in [format!("/events?{week}&color=red"), "/bookings?color=red".to_owned()] {
        let (status, problem) = ada.get(&path).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("request.invalid")), "{path}");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("unknown field"), "{problem}");
    }
    api.stop().await;
}

#[tokio::test]
async fn evt_08_a_spot_is_given_back_for_nothing_in_time_and_for_a_fee_later() {
    let studio = TestTenant::open().await;
    let (early, late, other) = (
        studio.class(studio.main, 5, Duration::hours(2)).await,
        studio.class(studio.main, 5, Duration::hours(2) - Duration::seconds(1)).await,
        studio.class(studio.main, 5, Duration::hours(9)).await,
    );
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let api = Api::start(&studio, routes);
    let [ada, bea] = [ada, bea].map(|member| Caller::client(&api, &studio, member, studio.main));
    let book = async |event| {
        let (status, booking) = ada.post(&format!("/events/{event}/book")).await;
        assert_eq!(status, 201);
        booking["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (book(early).await, book(late).await);

    let misplaced = format!("/events/{other}/bookings/{first}");
    assert_eq!(ada.delete(&misplaced).await.0, 404, "it is of another event");
    let (status, problem) = bea.delete(&format!("/events/{early}/bookings/{first}")).await;
    assert_eq!((status, &problem["code"]), (404, &json!("not_found")), "not hers");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE status = 'booked'").await, 2);

    let (status, after) = ada.delete(&format!("/events/{early}/bookings/{first}")).await;
    assert_eq!((status, &after["status"], &after["fee"]["minor"]), (200, &json!("canceled"), &json!(0)));
    let (status, after) = ada.delete(&format!("/events/{late}/bookings/{second}")).await;
    assert_eq!((status, &after["status"]), (200, &json!("canceled_late")));
    assert_eq!(after["fee"], json!({ "minor": 1500, "currency": "EUR" }));
    let (status, problem) = ada.delete(&format!("/events/{late}/bookings/{second}")).await;
    assert_eq!((status, &problem["code"]), (409, &json!("events.cancel_booking.not_booked")));
    assert!(problem["denial"]["decision_id"].as_str().unwrap().starts_with("dec_"));
    api.stop().await;
}

#[tokio::test]
async fn evt_10_whoever_waits_gets_the_spot_that_is_given_back() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let members = [
        studio.member(studio.main).await,
        studio.member(studio.main).await,
        studio.member(studio.main).await,
    ];
    let api = Api::start(&studio, routes);
    let [ada, bea, cleo] = members.map(|member| Caller::client(&api, &studio, member, studio.main));
    let line = format!("/events/{class}/waitlist");

    let (status, problem) = bea.post(&line).await;
    assert_eq!((status, &problem["code"]), (409, &json!("events.wait.spots_free")));
    let (_, booked) = ada.post(&format!("/events/{class}/book")).await;
    let (status, place) = bea.post(&line).await;
    assert_eq!((status, &place["status"]), (201, &json!("waiting")));
    assert_eq!((&place["position"], &place["of"]), (&json!(1), &json!(1)));
    let (status, waits) = bea.get("/waits").await;
    let row = &waits["data"][0];
    assert_eq!((status, ids(&waits).len(), &row["event_id"]), (200, 1, &json!(class.to_string())));
    assert_eq!(
        (&row["position"], &row["of"], &row["organization_id"]),
        (&json!(1), &json!(1), &json!(studio.main))
    );
    assert!(ids(&ada.get("/waits").await.1).is_empty(), "she has a spot");
    let (_, behind) = cleo.post(&line).await;
    assert_eq!((&behind["position"], &behind["of"]), (&json!(2), &json!(2)));
    let (status, problem) = bea.post(&line).await;
    assert_eq!((status, &problem["code"]), (409, &json!("events.wait.already_waiting")));

    let (status, left) = cleo.delete(&line).await;
    assert_eq!((status, &left["position"]), (200, &json!(2)));
    assert_eq!(cleo.delete(&line).await.0, 404, "she does not wait any more");
    assert!(ids(&cleo.get("/waits").await.1).is_empty());

    let given_back = format!("/events/{class}/bookings/{}", booked["id"].as_str().unwrap());
    assert_eq!(ada.delete(&given_back).await.0, 200);
    assert!(ids(&bea.get("/waits").await.1).is_empty(), "her turn came");
    let (_, mine) = bea.get("/bookings").await;
    let row = &mine["data"][0];
    assert_eq!((&row["event_id"], &row["from_waitlist"]), (&json!(class.to_string()), &json!(true)));
    assert!(ids(&ada.get("/bookings?period=upcoming").await.1).is_empty());
    let (_, past) = ada.get("/bookings?period=past").await;
    assert_eq!(past["data"][0]["status"], "canceled");
    api.stop().await;
}

#[tokio::test]
async fn evt_07_elsewhere_one_books_only_after_switching_and_never_in_another_tenant() {
    let (studio, stranger) = (TestTenant::open().await, TestTenant::open().await);
    let downtown = studio.location("Downtown").await;
    let away = studio.class(downtown, 5, Duration::hours(4)).await;
    let theirs = stranger.class(stranger.main, 1, Duration::hours(4)).await;
    let member = studio.member(studio.main).await;
    let api = Api::start(&studio, routes);
    let (at_home, switched) =
        (Caller::client(&api, &studio, member, studio.main), Caller::client(&api, &studio, member, downtown));
    for path in [format!("/events/{away}/book"), format!("/events/{away}/waitlist")] {
        let (status, problem) = at_home.post(&path).await;
        assert_eq!((status, &problem["code"]), (403, &json!("events.book.location_not_selected")), "{path}");
    }
    assert_eq!(switched.post(&format!("/events/{away}/book")).await.0, 201);

    assert_eq!(at_home.get(&format!("/events/{theirs}")).await.0, 404);
    assert_eq!(at_home.post(&format!("/events/{theirs}/book")).await.0, 404);
    assert_eq!(at_home.post(&format!("/events/{theirs}/waitlist")).await.0, 404);
    assert_eq!(at_home.delete(&format!("/events/{theirs}/waitlist")).await.0, 404);
    api.stop().await;
}

#[tokio::test]
async fn evt_15_a_spot_goes_into_ones_own_calendar_and_is_struck_out_again() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(5)).await;
    let members = [studio.member(studio.main).await, studio.member(studio.main).await];
    let api = Api::start(&studio, routes);
    let [ada, bea] = members.map(|member| Caller::client(&api, &studio, member, studio.main));
    let (_, booked) = ada.post(&format!("/events/{class}/book")).await;
    let booking = booked["id"].as_str().unwrap();
    let path = format!("/bookings/{booking}/calendar.ics");
    let file = async || {
        let request = Client::new().get(format!("{}{path}", ada.base)).bearer_auth(&ada.token);
        let answer = request.send().await.unwrap();
        let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), media, answer.text().await.unwrap())
    };
    let (status, media, text) = file().await;
    assert_eq!((status, media.as_str()), (200, "text/calendar; charset=utf-8; method=PUBLISH"));
    for line in ["DTSTART:20260302T160000Z", "DTEND:20260302T170000Z", "SUMMARY:Yoga", "LOCATION:Main"] {
        assert!(text.contains(&format!("{line}\r\n")), "{line}: {text}");
    }
    assert!(
        text.contains(&format!("UID:{booking}@tryzore\r\n")) && text.contains("STATUS:CONFIRMED"),
        "{text}"
    );
    assert_eq!(bea.get(&path).await.0, 404, "it is another's");
    assert_eq!(ada.delete(&format!("/events/{class}/bookings/{booking}")).await.0, 200);
    assert!(file().await.2.contains("STATUS:CANCELLED"));
    api.stop().await;
}

#[tokio::test]
async fn whoever_is_no_client_is_told_so() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(4)).await;
    let api = Api::start(&studio, routes);
    let staff = studio.as_staff(UserId::generate(studio.now()), studio.main, &["events.*"]);
    let staff = Caller { base: format!("{}/api/v1", api.url()), token: api.admit(staff) };
    let week = days(&studio, 7);
    let calls = [
        (Method::GET, format!("/events?{week}")),
        (Method::GET, format!("/events/cross-location?{week}")),
        (Method::GET, format!("/events/{class}")),
        (Method::GET, "/bookings".to_owned()),
        (Method::POST, format!("/events/{class}/book")),
        (Method::POST, format!("/events/{class}/waitlist")),
        (Method::DELETE, format!("/events/{class}/waitlist")),
    ];
    for (method, path) in calls {
        let (status, problem) = staff.call(method, &path).await;
        assert_eq!((status, &problem["code"]), (403, &json!("rbac.permission.missing")), "{path}");
    }
    api.stop().await;
}
