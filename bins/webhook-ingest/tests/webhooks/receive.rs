//! Receiving: deliveries are verified and stored once.

use crate::post_office::PostOffice;
use chrono::TimeDelta;
use serde_json::Value;
use tryzore_platform::delivery::PAYLOAD_MAX;

const BODY: &[u8] = br#"{"id": "event_01",  "event":"session.created","data":{"id":"session_01"}}"#;
const KEPT: &str = "SELECT count(*) FROM webhooks.deliveries";
const JOBS: &str = "SELECT count(*) FROM runtime.jobs WHERE kind = 'webhooks.process'";

#[tokio::test]
async fn whk_01_a_signed_delivery_is_stored_as_received_and_enqueued() {
    let office = PostOffice::open().await;
    let signature = office.sign(BODY, office.now());
    let answer = office.post("workos", &[&signature], BODY.to_vec()).await;
    assert_eq!(answer.status(), 202);
    let row = office
        .sql
        .query_one(
            "SELECT provider, external_id, event_type, headers, raw_payload, received_at, processed_at IS NULL
             FROM webhooks.deliveries",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(
        [row.get::<_, String>(0), row.get(1), row.get(2)],
        ["workos", "event_01", "session.created"].map(str::to_owned)
    );
    assert_eq!(row.get::<_, Value>(3), serde_json::json!({ "workos-signature": signature }));
    assert_eq!(row.get::<_, Vec<u8>>(4), BODY);
    assert_eq!(row.get::<_, chrono::DateTime<chrono::Utc>>(5), office.now());
    assert!(row.get::<_, bool>(6));
    assert_eq!(office.count(JOBS).await, 1);
    office.close().await;
}

#[tokio::test]
async fn an_unsigned_delivery_is_refused_and_not_stored() {
    let office = PostOffice::open().await;
    let good = office.sign(BODY, office.now());
    let other = good.replace("v1=", "v1=00");
    let cases: [(&[&str], &[u8]); 6] = [
        (&[], BODY),
        (&[""], BODY),
        (&["t=1, v1=00"], BODY),
        (&[&other], BODY),
        (&[&good, &good], BODY),
        (&[&good], &BODY[..BODY.len() - 1]),
    ];
    for (signatures, body) in cases {
        let answer = office.post("workos", signatures, body.to_vec()).await;
        assert_eq!(answer.status(), 401, "{signatures:?}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "webhooks.signature");
    }
    assert_eq!((office.count(KEPT).await, office.count(JOBS).await), (0, 0));
    office.close().await;
}

#[tokio::test]
async fn a_timestamp_may_be_180_seconds_away_either_way_and_no_more() {
    let office = PostOffice::open().await;
    for (away, status) in [(180_000, 202), (180_001, 401), (-180_000, 202), (-180_001, 401)] {
        let body = BODY.to_vec();
        let signature = office.sign(&body, office.now() + TimeDelta::milliseconds(away));
        assert_eq!(office.post("workos", &[&signature], body).await.status(), status, "{away} ms");
    }
    office.close().await;
}

#[tokio::test]
async fn whk_01_a_repeated_delivery_gets_the_same_answer_and_is_stored_once() {
    let office = PostOffice::open().await;
    let signature = office.sign(BODY, office.now());
    for _ in 0..2 {
        assert_eq!(office.post("workos", &[&signature], BODY.to_vec()).await.status(), 202);
    }
    // The provider retries later, with a new timestamp and other bytes around the same id.
    office.studio.clock.pass(TimeDelta::hours(1));
    assert_eq!(office.send(br#"{"id":"event_01","event":"session.created"}"#).await, 202);
    assert_eq!((office.count(KEPT).await, office.count(JOBS).await), (1, 1));
    // An attacker who has recorded the first request can repeat it for three minutes only.
    assert_eq!(office.post("workos", &[&signature], BODY.to_vec()).await.status(), 401);
    office.close().await;
}

#[tokio::test]
async fn whk_01_of_many_copies_at_once_one_is_stored() {
    let office = PostOffice::open().await;
    let statuses = futures::future::join_all((0..12).map(|_| office.send(BODY))).await;
    assert_eq!(statuses, [202; 12]);
    assert_eq!((office.count(KEPT).await, office.count(JOBS).await), (1, 1));
    office.close().await;
}

#[tokio::test]
async fn a_provider_that_is_unknown_or_has_no_secret_is_not_found() {
    let office = PostOffice::open().await;
    let signature = office.sign(BODY, office.now());
    for name in ["stripe", "WorkOS", "workos2"] {
        let answer = office.post(name, &[&signature], BODY.to_vec()).await;
        assert_eq!(
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].as_str()),
            (404, Some("not_found"))
        );
    }
    office.close().await;
    for secret in [None, Some("")] {
        let office = PostOffice::open_for(secret).await;
        let signature = office.sign(BODY, office.now());
        assert_eq!(office.post("workos", &[&signature], BODY.to_vec()).await.status(), 404);
        office.close().await;
    }
}

#[tokio::test]
async fn a_body_may_have_a_mebibyte_and_no_more() {
    let office = PostOffice::open().await;
    let mut body = BODY.to_vec();
    body.resize(PAYLOAD_MAX, b' ');
    assert_eq!(office.send(&body).await, 202);
    let length = "SELECT length(raw_payload)::bigint FROM webhooks.deliveries";
    assert_eq!(office.count(length).await, 1_048_576);
    body.push(b' ');
    let signature = office.sign(&body, office.now());
    let answer = office.post("workos", &[&signature], body).await;
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "request.too_large");
    office.close().await;
}

#[tokio::test]
async fn a_signed_delivery_without_an_id_is_identified_by_its_bytes() {
    let office = PostOffice::open().await;
    let long = format!(r#"{{"id":"{}","event":"user.deleted"}}"#, "x".repeat(256));
    for body in
        ["not json", "not json", r#"{"event":"user.deleted"}"#, &long, r#"{"id":"\u0000","event":"e"}"#]
    {
        assert_eq!(office.send(body.as_bytes()).await, 202, "{body}");
    }
    let unnamed = "SELECT count(*) FROM webhooks.deliveries
                   WHERE event_type = 'unnamed' AND external_id ~ '^sha256:[0-9a-f]{64}$'";
    assert_eq!(office.count(unnamed).await, 4);
    let fits = format!(r#"{{"id":"{}","event":"user.deleted"}}"#, "x".repeat(255));
    assert_eq!(office.send(fits.as_bytes()).await, 202);
    assert_eq!((office.count(unnamed).await, office.count(KEPT).await), (4, 5));
    office.close().await;
}
