use super::*;
use proptest::prelude::*;
use serde_json::json;

const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_790_000_000_000_000_000);
const BODY: &[u8] = br#"{"id":"event_01","event":"session.revoked","data":{"id":"session_01"}}"#;

fn secret() -> WebhookSecret {
    WebhookSecret::new(SecretString::from("wh_secret".to_owned()))
}

fn header(stamp: &str) -> String {
    format!("t={stamp}, v1={}", secret().sign(stamp, BODY).unwrap())
}

#[test]
fn signs_as_hmac_sha_256_over_stamp_dot_body() {
    // printf '1790000000000.{"id":"event_01",...}' | openssl dgst -sha256 -hmac wh_secret
    let signature = secret().sign("1790000000000", BODY).unwrap();
    assert_eq!(signature, OPENSSL);
    // The SDK computes the same signature.
    let body = std::str::from_utf8(BODY).unwrap();
    assert_eq!(signature, workos::helpers::compute_webhook_signature("wh_secret", "1790000000000", body));
}

const OPENSSL: &str = "7ce7fd1787cb6269904cda0b4e62534c7f1ac63b42613a2dd11b56406adc8fa4";

#[test]
fn a_stamp_may_be_three_minutes_away_either_way() {
    let millis = NOW.timestamp_millis();
    for (stamp, taken) in [
        (millis, true),
        (millis - 180_000, true),
        (millis - 180_001, false),
        (millis + 180_000, true),
        (millis + 180_001, false),
    ] {
        let answer = secret().verify(&header(&stamp.to_string()), BODY, NOW);
        assert_eq!(answer, if taken { Ok(()) } else { Err(WebhookError::Stale) }, "{stamp}");
    }
    let seconds = NOW.timestamp();
    assert_eq!(secret().verify(&header(&(seconds - 180).to_string()), BODY, NOW), Ok(()));
    assert_eq!(secret().verify(&header(&(seconds - 181).to_string()), BODY, NOW), Err(WebhookError::Stale));
}

#[test]
fn a_changed_stamp_body_or_secret_is_refused() {
    let stamp = NOW.timestamp_millis().to_string();
    let good = header(&stamp);
    assert_eq!(secret().verify(&good, BODY, NOW), Ok(()));
    let later = good.replace(&stamp, &(NOW.timestamp_millis() + 1).to_string());
    assert_eq!(secret().verify(&later, BODY, NOW), Err(WebhookError::Signature));
    assert_eq!(secret().verify(&good, &[BODY, b" "].concat(), NOW), Err(WebhookError::Signature));
    let other = WebhookSecret::new(SecretString::from("other".to_owned()));
    assert_eq!(other.verify(&good, BODY, NOW), Err(WebhookError::Signature));
}

#[test]
fn one_valid_signature_of_several_is_enough_and_an_unknown_part_is_refused() {
    let stamp = NOW.timestamp_millis().to_string();
    let good = header(&stamp);
    assert_eq!(secret().verify(&good.replace(", v1=", ",v1=00,v1="), BODY, NOW), Ok(()));
    for wrong in [
        "",
        "t=1",
        "v1=00",
        "t=,v1=",
        &format!("{good}, v2=00"),
        &format!("{good}, t={stamp}"),
        &good.replace("t=", "t"),
        &good.to_uppercase(),
    ] {
        assert!(secret().verify(wrong, BODY, NOW).is_err(), "{wrong}");
    }
    // Stamps that are signed but not valid.
    for stamp in ["-1", "0", "soon", "99999999999999999999"] {
        assert_eq!(secret().verify(&header(stamp), BODY, NOW), Err(WebhookError::Header), "{stamp}");
    }
}

fn news(event: &str, data: serde_json::Value) -> Option<ProviderNews> {
    let body =
        json!({ "id": "event_01", "event": event, "data": data, "created_at": "2026-09-21T14:13:20.000Z" });
    let delivery = read(body.to_string().as_bytes()).unwrap();
    assert_eq!((delivery.id.as_str(), delivery.created_at), ("event_01", Some(NOW)));
    delivery.news
}

#[test]
fn followed_events_are_read_and_others_are_ignored() {
    assert_eq!(
        news("session.revoked", json!({ "object": "session", "id": "session_01", "user_id": "user_01" })),
        Some(ProviderNews::SessionRevoked { provider_session: "session_01".into() })
    );
    assert_eq!(
        news("user.deleted", json!({ "id": "user_01" })),
        Some(ProviderNews::UserDeleted { subject: "user_01".into() })
    );
    let updated = json!({ "id": "user_01", "email": "Ada@Example.com", "email_verified": true,
        "first_name": "Ada", "last_name": "Lovelace", "name": null, "something": ["new"] });
    assert_eq!(
        news("user.updated", updated),
        Some(ProviderNews::UserUpdated {
            at: Some(NOW),
            subject: "user_01".into(),
            email: "ada@example.com".parse().unwrap(),
            email_verified: true,
            name: Some("Ada Lovelace".into()),
        })
    );
    let as_of =
        json!({ "id": "user_01", "email": "ada@example.com", "updated_at": "2026-09-21T14:13:19.000Z" });
    let Some(ProviderNews::UserUpdated { at, .. }) = news("user.updated", as_of) else { panic!("no news") };
    assert_eq!(at, Some(NOW - chrono::TimeDelta::seconds(1)), "the time of the user data");
    assert_eq!(news("user.updated", json!({ "id": "user_01", "email": "nobody" })), None);
    assert_eq!(news("session.revoked", json!({})), None);
    assert_eq!(news("session.revoked", json!("session_01")), None);
    assert_eq!(news("dsync.activated", json!({ "id": 7 })), None);
}

#[test]
fn a_delivery_has_an_id_and_an_event() {
    for body in ["", "[]", "{}", r#"{"id":"event_01"}"#, r#"{"id":1,"event":"user.deleted"}"#] {
        assert_eq!(read(body.as_bytes()), Err(WebhookError::Body), "{body}");
    }
    let bare = read(br#"{"id":"event_01","event":"user.deleted","created_at":"yesterday"}"#).unwrap();
    assert_eq!((bare.created_at, bare.news), (None, None));
}

proptest! {
    #[test]
    fn garbage_is_refused_and_nothing_worse(header in ".{0,100}", body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(secret().verify(&header, &body, NOW).is_err());
        let _ = read(&body);
    }
}

fn sso(event: &str, data: serde_json::Value) -> Option<SsoNews> {
    let body =
        json!({ "id": "event_1", "event": event, "created_at": "2026-11-30T12:00:00.000Z", "data": data });
    match read(body.to_string().as_bytes()).unwrap().news {
        Some(ProviderNews::Sso(news)) => Some(news),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn aut_09_connections_and_domains_are_read_with_the_time_of_the_event() {
    let connection = json!({ "id": "conn_1", "organization_id": "org_1", "connection_type": "GenericSAML",
        "name": "Iron Works", "state": "active", "updated_at": "2026-11-30T11:00:00.000Z" });
    for (change, state) in [
        ("activated", ConnectionState::Active),
        ("deactivated", ConnectionState::Inactive),
        ("deleted", ConnectionState::Deleted),
    ] {
        let news = sso(&format!("connection.{change}"), connection.clone()).unwrap();
        assert_eq!((news.at.timestamp(), news.provider_organization.as_str()), (1_796_040_000, "org_1"));
        let SsoChange::Connection(read) = news.change else { panic!() };
        assert_eq!((read.id.as_str(), read.kind.as_str(), read.state), ("conn_1", "GenericSAML", state));
    }
    let domain = |state: &str| json!({ "organization_id": "org_1", "domain": "Example.COM", "state": state });
    for (change, said, state) in [
        ("verified", "verified", DomainState::Verified),
        ("updated", "legacy_verified", DomainState::Pending),
        ("verification_failed", "failed", DomainState::Failed),
        ("deleted", "verified", DomainState::Deleted),
    ] {
        let news = sso(&format!("organization_domain.{change}"), domain(said)).unwrap();
        let expected = SsoDomain { name: "example.com".into(), state };
        assert_eq!(news.change, SsoChange::Domain(expected), "{change}");
    }
    for (event, data) in [
        ("connection.activated", json!({ "id": "conn_1" })),
        ("connection.saml_certificate_renewed", connection),
        ("organization_domain.created", domain("verified")),
    ] {
        assert_eq!(sso(event, data), None, "{event}");
    }
}
