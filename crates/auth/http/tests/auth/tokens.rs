//! Tokens that are forged, for others, premature or expired; and the keys behind them.

use crate::stage::{PASSWORD, Stage, answer, operations};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use serde_json::{Value, json};
use std::sync::Arc;
use tryzore_auth::SigningKeys;
use tryzore_auth_http::signing::Signing;
use tryzore_auth_postgres::Auth;
use tryzore_postgres::Db;
use tryzore_provider_jwt::rotation::ROTATE_EVERY;
use tryzore_testkit::{
    Database, TestTenant,
    http::{Api, auth_settings},
};
use tryzore_web::settings::AuthSettings;

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn write(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let [header, claims, signature] = parts(&token);
    let with = |name: &str, value: Value, part: &str| {
        let mut part = read(part);
        part[name] = value;
        write(&part)
    };
    let elsewhere = write(&json!({ "alg": "none", "typ": "at+jwt" }));
    let long = with("exp", json!(read(&claims)["exp"].as_i64().unwrap() + 1), &claims);
    let forged = [
        ("", "nothing"),
        ("a.b.c", "no token"),
        (&format!("{header}.{claims}"), "two parts"),
        (&format!("{header}.{claims}."), "no signature"),
        (&format!("{header}.{long}.{signature}"), "a longer life"),
        (&format!("{elsewhere}.{claims}."), "unsigned"),
        (&format!("{}.{claims}.{signature}", with("alg", json!("HS256"), &header)), "another algorithm"),
        (&format!("{}.{claims}.{signature}", with("kid", json!("mine"), &header)), "another key"),
        (&format!("{}.{claims}.{signature}", with("typ", json!("JWT"), &header)), "another type"),
    ];
    for (token, what) in forged {
        let refused = stage.get(token, "/auth/me").await;
        assert_eq!(refused.status, 401, "{what}");
    }
    assert_eq!(stage.get(&token, "/auth/me").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_token_for_others_or_from_others_is_refused() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    // The same keys, sessions and users.
    for settings in [
        AuthSettings { audience: "another".into(), ..auth_settings() },
        AuthSettings { issuer: "https://another.example.com".into(), ..auth_settings() },
    ] {
        let other = Api::start_with_auth(&stage.studio, operations, &settings).await;
        let form = json!({ "email": email, "password": PASSWORD });
        let login = reqwest::Client::new().post(format!("{}/api/v1/auth/login", other.url())).json(&form);
        let token = answer(login.send().await.unwrap()).await.access();
        let at_home =
            reqwest::Client::new().get(format!("{}/api/v1/auth/me", other.url())).bearer_auth(&token);
        assert_eq!(at_home.send().await.unwrap().status(), 200);
        assert_eq!(stage.get(&token, "/auth/me").await.code(), (401, "auth.token.rejected"));
        other.stop().await;
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_01_an_access_token_lives_an_hour_and_the_skew_of_clocks() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    stage.client(&email).await;
    // Each token is used once, so that none is cached.
    let [early, late] = [stage.login(&email, PASSWORD).await, stage.login(&email, PASSWORD).await];
    stage.studio.clock.pass(Duration::seconds(3630) - Duration::microseconds(1));
    assert_eq!(stage.get(&early.access(), "/auth/me").await.status, 200);
    stage.studio.clock.pass(Duration::microseconds(1));
    let refused = stage.get(&late.access(), "/auth/me").await;
    assert_eq!(refused.code(), (401, "auth.token.expired"));
    assert_eq!(refused.text("/denial/remedy/action"), "refresh_tokens");
    stage.api.stop().await;
}

#[tokio::test]
async fn aut_02_a_token_names_the_user_and_the_location() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let signed_in = stage.login(&email, PASSWORD).await;
    let [header, claims, _] = parts(&signed_in.access());
    let (header, claims) = (read(&header), read(&claims));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    assert_eq!((&claims["sub"], &claims["user_id"]), (&json!(user), &json!(user)));
    assert_eq!(claims["sid"], signed_in.body["session_id"]);
    assert_eq!(claims["org_id"], json!(stage.studio.main));
    assert_eq!(claims["available_org_ids"], json!([stage.studio.main]));
    assert_eq!(
        claims["permissions"],
        json!(["own.view_schedule", "own.book", "own.profile", "own.security"])
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert!(!claims.to_string().contains(&email), "no personal data");

    let published = reqwest::get(format!("{}/.well-known/jwks.json", stage.api.url())).await.unwrap();
    let published = answer(published).await.body;
    assert_eq!(published, stage.get("", "/auth/jwks").await.body);
    let known: Vec<_> = published["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert!(known.contains(&&header["kid"]) && known.len() >= 2, "the one that signs and the next");
    assert!(published["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    let issuer = reqwest::get(format!("{}/.well-known/openid-configuration", stage.api.url())).await.unwrap();
    assert_eq!(issuer.headers()["cache-control"], "public, max-age=300");
    let issuer = answer(issuer).await;
    assert_eq!((issuer.status, &issuer.body["issuer"]), (200, &claims["iss"]));
    assert_eq!(issuer.body["jwks_uri"], "https://api.example.com/.well-known/jwks.json");
    assert_eq!(issuer.body["id_token_signing_alg_values_supported"], json!([header["alg"]]));
    stage.api.stop().await;
}

async fn kids(db: &Db) -> usize {
    db.auth_tx(async |tx| tx.auth().signing_key_list().await).await.unwrap().len()
}

// In a separate database: all tenants of a database share the keys.
#[tokio::test]
async fn a_process_loads_an_unknown_key_and_old_tokens_outlive_a_rotation() {
    let stage = Stage::around(TestTenant::open_in(Database::own().await).await).await;
    let email = stage.email("ada");
    stage.client(&email).await;
    let clock = &stage.studio.clock;
    clock.pass(ROTATE_EVERY - Duration::minutes(30));
    let old = stage.login(&email, PASSWORD).await;
    clock.pass(Duration::minutes(30));

    let settings = auth_settings();
    let [one, two] = [(); 2].map(|()| Signing::open(stage.studio.db.clone(), &settings));
    // Two processes start at once when a rotation is due: the keys are rotated once.
    let (one, two) = futures::join!(one, two);
    let (one, _) = (Arc::new(one.unwrap()), two.unwrap());
    assert_eq!(kids(&stage.studio.db).await, 3);
    assert_eq!(stage.get(&old.access(), "/auth/me").await.status, 200, "signed by the retired key");

    // The service has not loaded the keys again: another process signs with the new key.
    let claims = one.verify(&old.access(), clock.now_is()).await.unwrap();
    let claims = tryzore_auth::Claims {
        iat: clock.now_is().timestamp(),
        exp: clock.now_is().timestamp() + 60,
        ..claims
    };
    let new = secrecy::ExposeSecret::expose_secret(&one.sign(&claims).unwrap()).to_owned();
    assert_eq!(stage.get(&new, "/auth/me").await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn keys_that_are_encrypted_with_another_secret_are_refused_at_the_start() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let key = |byte: u8| base64::engine::general_purpose::STANDARD.encode([byte; 32]).into();
    let with = |now: u8, former: Option<u8>| AuthSettings {
        key_encryption_key: key(now),
        former_key_encryption_keys: former.map(key).into_iter().collect(),
        ..auth_settings()
    };
    let open = async |settings: AuthSettings| Signing::open(studio.db.clone(), &settings).await;
    assert!(open(with(1, None)).await.is_ok());
    assert!(open(with(2, None)).await.is_err());
    assert!(open(with(2, Some(1))).await.is_ok());
    let short = AuthSettings { key_encryption_key: "c2hvcnQ=".to_owned().into(), ..auth_settings() };
    let error = open(short).await.err().unwrap().to_string();
    assert!(error.contains("auth.key_encryption_key") && !error.contains("c2hvcnQ="), "{error}");
}

trait NowIs {
    fn now_is(&self) -> chrono::DateTime<chrono::Utc>;
}

impl NowIs for Arc<tryzore_testkit::FakeClock> {
    fn now_is(&self) -> chrono::DateTime<chrono::Utc> {
        tryzore_kernel::Clock::now(self)
    }
}
