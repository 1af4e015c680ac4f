//! Sign-in by the page of WorkOS: its official emulator, our API, real HTTP between them.

#[path = "../../../../providers/workos/tests/emulator/harness.rs"]
pub(crate) mod harness;

use crate::stage::{Answer, PASSWORD, Stage, join};
use harness::Emulator;
use serde_json::{Value, json};
use tryzore_kernel::{Clock, SystemClock, UserId};
use tryzore_testkit::{
    TestTenant,
    http::{Api, auth_settings},
};
use tryzore_web::settings::{AuthSettings, ProviderKind, WorkOsSettings};

pub(crate) async fn stage(studio: TestTenant, emulator: &Emulator) -> Stage {
    stage_at(studio, &emulator.url, &emulator.api_key).await
}

/// A stage whose provider is the WorkOS at `url`.
pub(crate) async fn stage_at(studio: TestTenant, url: &str, api_key: &str) -> Stage {
    let workos = WorkOsSettings {
        api_key: api_key.to_owned().into(),
        client_id: "client_test".into(),
        base_url: url.to_owned(),
        timeout_seconds: 10,
    };
    let settings = AuthSettings { provider: ProviderKind::Workos, workos: Some(workos), ..auth_settings() };
    let api = Api::start_with_auth(&studio, crate::stage::operations, &settings).await;
    Stage::before(studio, api)
}

/// Acts like a browser: opens the page, returns with a code.
async fn visit(stage: &Stage, email: &str) -> Value {
    let asked = json!({ "redirect_uri": "http://localhost:9/callback", "login_hint": email });
    let way = stage.post("/auth/workos/authorize-url", asked).await;
    assert_eq!(way.status, 200, "{:#}", way.body);
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(way.text("/url")).send().await.unwrap();
    let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let query = |name: &str| back.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    assert_eq!(query("state"), way.text("/state"));
    json!({ "code": query("code"), "code_verifier": way.text("/code_verifier") })
}

async fn come_back(stage: &Stage, with: &Value) -> Answer {
    stage.post("/auth/workos/callback", with.clone()).await
}

#[tokio::test]
async fn aut_10_an_imported_client_is_claimed_by_the_address_that_workos_has_verified() {
    let studio = TestTenant::open().await;
    // The emulator uses the clock of the machine.
    studio.clock.pass(SystemClock.now() - studio.now());
    let email = format!("ada.{}@example.com", studio.tenant.uuid().simple());
    let known = json!({ "email": email, "password": PASSWORD, "email_verified": true });
    let emulator = Emulator::start(json!({ "users": [known] })).await;
    let stage = stage(studio, &emulator).await;
    let user = UserId::generate(stage.studio.now());
    stage
        .studio
        .sql
        .execute(
            "INSERT INTO identity.users (id, email, name, status, created_at, updated_at)
             VALUES ($1, $2, 'Ada Rossi', 'pending_claim', now(), now())",
            &[&user.uuid(), &email],
        )
        .await
        .unwrap();
    join(&stage.studio, user).await;

    let code = visit(&stage, &email).await;
    let signed_in = come_back(&stage, &code).await;
    assert_eq!(signed_in.status, 200, "{:#}", signed_in.body);
    assert_eq!(signed_in.text("/user/id"), user.to_string());
    assert_eq!(signed_in.text("/organization/id"), stage.studio.main.to_string());
    assert_eq!(stage.events("auth.user_claimed", user).await, 1);
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.status, 200);

    let again = come_back(&stage, &code).await;
    assert_eq!(again.code(), (401, "auth.login.code_rejected"), "a code works once");
    let second = visit(&stage, &email).await;
    let without = come_back(&stage, &json!({ "code": second["code"] })).await;
    assert_eq!(without.status, 422, "a code of a sign-in that someone else began: {:#}", without.body);
    let mixed = json!({ "code": second["code"], "code_verifier": code["code_verifier"] });
    assert_eq!(come_back(&stage, &mixed).await.status, 401, "and with its own verifier only");

    let out = stage.post_as(&signed_in.access(), "/auth/logout", json!({})).await;
    assert_eq!(out.status, 204);
    assert_eq!(stage.get(&signed_in.access(), "/auth/me").await.status, 401);
    stage.api.stop().await;
}
