//! Second factors: setting one up, signing in with it, and changing it.

use crate::stage::{Answer, PASSWORD, Stage};
use chrono::Duration;
use futures::future::join_all;
use serde_json::{Value, json};
use tryzore_auth::totp;

/// An authenticator app: the factor, and the secret that the app has scanned.
pub(crate) struct App {
    pub(crate) factor: String,
    secret: Vec<u8>,
    pub(crate) recovery_codes: Vec<String>,
}

impl App {
    /// Sets an app up in the session of `token`.
    pub(crate) async fn set_up(stage: &Stage, token: &str) -> Self {
        let enrolled = stage.post_as(token, "/auth/factors/totp", json!({ "name": "Phone" })).await;
        assert_eq!(enrolled.status, 201, "{enrolled:?}");
        let secret = unbase32(&enrolled.text("/secret"));
        assert!(enrolled.text("/otpauth_uri").contains(&enrolled.text("/secret")));
        let mut app = Self { factor: enrolled.text("/factor/id"), secret, recovery_codes: Vec::new() };
        let path = format!("/auth/factors/{}/confirm", app.factor);
        let confirmed = stage.post_as(token, &path, json!({ "code": app.code(stage) })).await;
        assert_eq!((confirmed.status, &confirmed.body["factor"]["is_confirmed"]), (200, &json!(true)));
        let codes = confirmed.body["recovery_codes"].as_array().cloned().unwrap_or_default();
        app.recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        // The next code differs from the one of the confirmation.
        stage.studio.clock.pass(Duration::seconds(30));
        app
    }

    /// The code that the app shows now.
    pub(crate) fn code(&self, stage: &Stage) -> String {
        totp::code(&self.secret, totp::step(stage.studio.now()))
    }
}

fn unbase32(text: &str) -> Vec<u8> {
    let digit = |letter| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
    let bits: Vec<bool> =
        text.chars().flat_map(|letter| (0..5).rev().map(move |bit| digit(letter) >> bit & 1 == 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::from(*bit))).collect()
}

/// A client with an app, and the access token of the session in which they set it up.
async fn client_with_app(stage: &Stage, name: &str) -> (String, String, App) {
    let email = stage.email(name);
    stage.client(&email).await;
    let token = stage.login(&email, PASSWORD).await.access();
    let app = App::set_up(stage, &token).await;
    (email, token, app)
}

fn fact<'a>(answer: &'a Answer, name: &str) -> &'a Value {
    let because = answer.body["denial"]["because"].as_array().unwrap();
    &because.iter().find(|fact| fact["fact"] == name).unwrap()["value"]
}

async fn challenge(stage: &Stage, email: &str) -> String {
    let refused = stage.login(email, PASSWORD).await;
    assert_eq!(refused.code(), (403, "auth.login.factor_required"));
    fact(&refused, "challenge").as_str().unwrap().to_owned()
}

async fn finish(stage: &Stage, challenge: &str, code: &str) -> Answer {
    stage.post("/auth/login/factor", json!({ "challenge": challenge, "code": code })).await
}

#[tokio::test]
async fn aut_04_onb_09_whoever_has_set_an_app_up_signs_in_with_password_and_code() {
    let stage = Stage::open().await;
    let email = stage.email("ada");
    let (user, _) = stage.client(&email).await;
    let first = stage.login(&email, PASSWORD).await;
    assert_eq!(first.status, 200, "a second factor is optional");
    let token = first.access();
    let enrolled = stage.post_as(&token, "/auth/factors/totp", json!({ "name": "Phone" })).await;
    assert_eq!(enrolled.status, 201);
    assert_eq!(stage.login(&email, PASSWORD).await.status, 200, "what was never confirmed is not asked for");

    let app = App::set_up(&stage, &token).await;
    assert_eq!(app.recovery_codes.len(), 10);
    let listed = stage.get(&token, "/auth/factors").await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1, "the one that was not confirmed is gone");
    assert_eq!(
        (&listed.body["data"][0]["id"], &listed.body["recovery_codes_left"]),
        (&json!(app.factor), &json!(10))
    );
    assert_eq!(stage.events("auth.factor_added", user).await, 1);

    let wrong = stage.login(&email, "not the password").await;
    assert_eq!(wrong.code(), (401, "auth.login.rejected"), "only the right password reveals the factor");
    let refused = stage.login(&email, PASSWORD).await;
    assert_eq!(fact(&refused, "methods"), &json!(["totp", "recovery_code"]));
    assert_eq!(refused.body["denial"]["remedy"]["action"], "finish_sign_in");
    let challenge = fact(&refused, "challenge").as_str().unwrap();
    let rejected = finish(&stage, challenge, "000000").await;
    assert_eq!(
        (rejected.code(), fact(&rejected, "attempts.left")),
        ((403, "auth.factor.rejected"), &json!(4))
    );
    let signed_in = finish(&stage, challenge, &app.code(&stage)).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    let me = stage.get(&signed_in.access(), "/auth/me").await;
    let now = serde_json::to_value(stage.studio.now()).unwrap();
    assert_eq!(
        me.body["second_factor"],
        json!({ "last_used_at": now, "required_since": null, "grace_ends_at": null })
    );
    let sessions = stage.get(&signed_in.access(), "/auth/sessions").await;
    let current =
        sessions.body["data"].as_array().unwrap().iter().find(|it| it["is_current"] == true).unwrap();
    assert_eq!((&current["factor_used_at"], &current["factor_method"]), (&now, &json!("totp")));
    let again = finish(&stage, challenge, &app.code(&stage)).await;
    assert_eq!(again.code(), (401, "auth.login.challenge_invalid"));
    stage.api.stop().await;
}

#[tokio::test]
async fn of_eight_requests_at_once_with_one_code_exactly_one_signs_in() {
    let stage = Stage::open().await;
    let (email, _, app) = client_with_app(&stage, "ada").await;
    let mut challenges = Vec::new();
    for _ in 0..8 {
        challenges.push(challenge(&stage, &email).await);
    }
    let code = app.code(&stage);
    let answers = join_all(challenges.iter().map(|challenge| finish(&stage, challenge, &code))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| matches!(status, 403 | 429)), "{statuses:?}");
    stage.api.stop().await;
}

#[tokio::test]
async fn of_eight_requests_at_once_with_one_recovery_code_exactly_one_is_accepted() {
    let stage = Stage::open().await;
    let (_, token, app) = client_with_app(&stage, "ada").await;
    let body = json!({ "recovery_code": app.recovery_codes[0] });
    let asked = (0..8).map(|_| stage.post_as(&token, "/auth/factors/verify", body.clone()));
    let accepted = join_all(asked).await.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(accepted, 1);
    let listed = stage.get(&token, "/auth/factors").await;
    assert_eq!(listed.body["recovery_codes_left"], 9);
    stage.api.stop().await;
}

#[tokio::test]
async fn of_a_hundred_guesses_at_once_five_are_tried() {
    let stage = Stage::open().await;
    let (_, token, app) = client_with_app(&stage, "ada").await;
    let guess = json!({ "recovery_code": "aaaa-bbbb-cccc-dddd" });
    let asked = (0..100).map(|_| stage.post_as(&token, "/auth/factors/verify", guess.clone()));
    let answers = join_all(asked).await;
    let tried = answers.iter().filter(|answer| answer.code() == (403, "auth.factor.rejected")).count();
    assert_eq!(tried, 5);
    let right = json!({ "code": app.code(&stage) });
    let locked = stage.post_as(&token, "/auth/factors/verify", right).await;
    assert_eq!((locked.code(), locked.retry_after), ((429, "auth.factor.locked"), Some(900)));
    stage.api.stop().await;
}

#[tokio::test]
async fn a_challenge_is_of_the_device_that_gave_the_password() {
    let stage = Stage::open().await;
    let (email, _, app) = client_with_app(&stage, "ada").await;
    let login = |id: &str| json!({ "email": email, "password": PASSWORD, "device": { "id": id } });
    let refused = stage.post("/auth/login", login("phone")).await;
    let answer = |id: Option<&str>| {
        let device = id.map(|id| json!({ "id": id }));
        json!({ "challenge": fact(&refused, "challenge"), "code": app.code(&stage), "device": device })
    };
    for other in [None, Some("laptop")] {
        let elsewhere = stage.post("/auth/login/factor", answer(other)).await;
        assert_eq!(elsewhere.code(), (401, "auth.login.challenge_invalid"));
    }
    assert_eq!(stage.post("/auth/login/factor", answer(Some("phone"))).await.status, 200);
    stage.api.stop().await;
}

#[tokio::test]
async fn a_proof_is_either_six_digits_or_a_recovery_code() {
    let stage = Stage::open().await;
    let (_, token, app) = client_with_app(&stage, "ada").await;
    for (body, pointer) in [
        (json!({}), "/code"),
        (json!({ "code": "287082", "recovery_code": "a" }), "/code"),
        (json!({ "code": "28708" }), "/code"),
        (json!({ "code": "28708x" }), "/code"),
        (json!({ "recovery_code": "é".repeat(101) }), "/recovery_code"),
    ] {
        let refused = stage.post_as(&token, "/auth/factors/verify", body).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)));
    }
    let code = json!({ "code": app.code(&stage) });
    assert_eq!(stage.post_as(&token, "/auth/factors/verify", code).await.status, 200, "nothing was counted");
    stage.api.stop().await;
}

#[tokio::test]
async fn factors_are_changed_by_whoever_has_just_used_one() {
    let stage = Stage::open().await;
    let (email, token, app) = client_with_app(&stage, "ada").await;
    let path = format!("/auth/factors/{}", app.factor);
    let renamed = stage.patch(&token, &path, json!({ "name": "Old phone" })).await;
    assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("Old phone")));
    stage.studio.clock.pass(Duration::minutes(5));
    for refused in [
        stage.post_as(&token, "/auth/factors/totp", json!({ "name": "Tablet" })).await,
        stage.post_as(&token, "/auth/factors/recovery-codes", json!({})).await,
        stage.delete(&token, &path).await,
    ] {
        assert_eq!(refused.code(), (403, "auth.factor.step_up_required"));
        assert_eq!(refused.body["denial"]["remedy"]["action"], "verify_factor");
    }
    let verified = stage.post_as(&token, "/auth/factors/verify", json!({ "code": app.code(&stage) })).await;
    assert_eq!((verified.status, &verified.body["method"]), (200, &json!("totp")));

    let codes = stage.post_as(&token, "/auth/factors/recovery-codes", json!({})).await;
    assert_eq!(codes.status, 201);
    let old = json!({ "recovery_code": app.recovery_codes[0] });
    assert_eq!(
        stage.post_as(&token, "/auth/factors/verify", old).await.code(),
        (403, "auth.factor.rejected")
    );
    let new = json!({ "recovery_code": codes.body["recovery_codes"][9] });
    let challenge = challenge(&stage, &email).await;
    let mut answer = new.clone();
    answer["challenge"] = json!(challenge);
    let signed_in = stage.post("/auth/login/factor", answer).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");

    assert_eq!(stage.delete(&token, &path).await.status, 204);
    assert_eq!(stage.login(&email, PASSWORD).await.status, 200, "no factor is left");
    let none = stage.post_as(&token, "/auth/factors/verify", json!({ "code": "287082" })).await;
    assert_eq!(none.code(), (409, "auth.factor.none"));
    let user = stage.user(&email).await;
    for (kind, count) in
        [("auth.factor_removed", 1), ("auth.recovery_code_used", 1), ("auth.factor_rejected", 1)]
    {
        assert_eq!(stage.events(kind, user).await, count, "{kind}");
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn a_factor_of_someone_else_is_as_if_it_were_not() {
    let stage = Stage::open().await;
    let (_, _, app) = client_with_app(&stage, "ada").await;
    let (_, token, mine) = client_with_app(&stage, "eve").await;
    let unknown = tryzore_kernel::FactorId::generate(stage.studio.now()).to_string();
    for id in [&app.factor, &unknown] {
        let path = format!("/auth/factors/{id}");
        let confirm =
            stage.post_as(&token, &format!("{path}/confirm"), json!({ "code": mine.code(&stage) })).await;
        let rename = stage.patch(&token, &path, json!({ "name": "Mine" })).await;
        let remove = stage.delete(&token, &path).await;
        assert_eq!([confirm.status, rename.status, remove.status], [404; 3], "{id}");
    }
    stage.api.stop().await;
}

#[tokio::test]
async fn no_secret_of_a_factor_is_stored_or_published() {
    let stage = Stage::open().await;
    let (email, _, app) = client_with_app(&stage, "ada").await;
    let challenge = challenge(&stage, &email).await;
    let sql = &stage.studio.sql;
    let user = stage.user(&email).await.uuid();
    let row =
        sql.query_one("SELECT sealed FROM identity.factors WHERE user_id = $1", &[&user]).await.unwrap();
    let sealed: Vec<u8> = row.get(0);
    assert!(!sealed.windows(app.secret.len()).any(|part| part == app.secret), "the secret is encrypted");
    let work = stage.studio.database.client(tryzore_testkit::Service::Work).await;
    let query = "SELECT string_agg(payload::text, ' ') FROM runtime.outbox WHERE subject_id = $1";
    let told: String = work.query_one(query, &[&user]).await.unwrap().get(0);
    for secret in [&challenge, &app.recovery_codes[0], &totp::base32(&app.secret)] {
        assert!(!told.contains(secret.as_str()), "{told}");
    }
    stage.api.stop().await;
}
