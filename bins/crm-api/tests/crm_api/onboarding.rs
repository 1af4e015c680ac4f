//! Opening a tenant over HTTP: step by step, left and taken up again (ONB-01..07).

use crate::{
    office::{Answer, address},
    onboarding_stage::{OnboardingTest, PASSWORD, locations},
};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_testkit::contract_tests::Operation;

fn step(answer: &Answer) -> (u16, Value, Value, Value) {
    let field = |name: &str| answer.body[name].clone();
    (answer.status, field("next_step"), field("can_go_back"), field("can_skip"))
}

#[tokio::test]
async fn onb_05_from_the_first_step_to_the_dashboard_with_a_closed_browser_in_between() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let token = lobby.start().await;
    let answer = lobby.details(&token, &email).await;
    assert_eq!(step(&answer), (200, json!("account"), json!(true), json!(false)));
    assert_eq!((&answer.body["success"], &answer.body["session_token"]), (&json!(true), &json!(token)));

    let resumed = lobby.next(&token).await;
    assert_eq!(step(&resumed), (200, json!("account"), json!(true), json!(false)));
    assert_eq!(resumed.body["details"], json!({ "name": "Ada Rossi", "email": email }));
    assert_eq!(resumed.body["current_step"], "account_created", "ONB-01");
    let answer = lobby.account(&token, &email).await;
    assert_eq!(step(&answer), (200, json!("locations"), json!(true), json!(false)));
    let answer = lobby.step(&token, 3, &locations(&["Main", "Downtown", "Westside"])).await;
    assert_eq!(step(&answer), (200, json!("complete"), json!(true), json!(false)));
    let resumed = lobby.next(&token).await;
    assert_eq!(resumed.body["current_step"], "organization_pending");
    assert_eq!(resumed.body["locations"]["locations"][2]["name"], "Westside", "nothing is lost");
    assert_eq!(resumed.body["locations"]["locations"][2].get("parent"), None, "the form has no such field");
    assert!(!resumed.body.to_string().contains(PASSWORD), "ruling (b)");

    let done = lobby.complete(&token).await;
    assert_eq!(step(&done), (200, json!("payments"), json!(false), json!(true)));
    assert_eq!(done.body["organization_ids"].as_array().unwrap().len(), 3);
    let again = lobby.complete(&token).await;
    assert_eq!(again.body, done.body, "completing again is completing once");

    let session = lobby.login(&email, PASSWORD).await;
    assert_eq!((session.status, &session.body["tenant"]["id"]), (200, &done.body["tenant_id"]));
    assert_eq!(session.body["available"].as_array().unwrap().len(), 3);
    let access = session.body["access_token"].as_str();
    let me = lobby.get("/auth/me", access).await;
    assert_eq!((me.status, &me.body["user"]["email"]), (200, &json!(email)));
    assert!(me.body["user"]["owner_account_id"].is_string(), "TEN-05");
    assert!(me.body["permissions"].as_array().unwrap().contains(&json!("organizations.create_org")));
    let seen = lobby.get("/organizations", access).await;
    assert_eq!((seen.status, seen.rows().len()), (200, 3));
}

#[tokio::test]
async fn onb_03_six_endpoints_take_someone_through_and_no_other_does() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let operations = Operation::all(routes).into_iter().map(|operation| operation.name());
    let mut onboarding: Vec<_> = operations.filter(|name| name.contains("/onboarding/")).collect();
    onboarding.sort_unstable();
    let endpoints = [
        "DELETE /api/v1/onboarding/session/{token}",
        "GET /api/v1/onboarding/recovery-options",
        "GET /api/v1/onboarding/session/{token}",
        "POST /api/v1/onboarding/session/{token}/complete",
        "POST /api/v1/onboarding/session/{token}/step/{step_number}",
        "POST /api/v1/onboarding/start",
    ];
    assert_eq!(onboarding, endpoints);
    let token = lobby.start().await;
    assert_eq!(lobby.details(&token, &email).await.body["next_step"], "account");
    assert_eq!(lobby.next(&token).await.body["details"]["email"], json!(email));
    let way_back = lobby.recovery(&format!("?token={token}"), None).await;
    assert_eq!(way_back.body["action"], "resume_from_step");
    assert_eq!(lobby.complete(&token).await.refusal(), (409, "onboarding.step.out_of_order"));
    let session = format!("/onboarding/session/{token}");
    assert_eq!(lobby.delete(&session).await.status, 204);
    assert_eq!(lobby.next(&token).await.status, 404, "given up");
}

#[tokio::test]
async fn onb_02_a_session_is_taken_up_for_24_hours_and_not_a_moment_longer() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let token = lobby.start().await;
    lobby.studio.clock.pass(Duration::hours(24) - Duration::microseconds(1));
    assert_eq!(lobby.next(&token).await.status, 200);
    lobby.studio.clock.pass(Duration::microseconds(1));
    let expired = (409, "onboarding.session.expired");
    let answer = lobby.next(&token).await;
    assert_eq!(answer.refusal(), expired);
    assert_eq!(answer.body["denial"]["remedy"]["action"], "start_onboarding", "{answer:?}");
    assert_eq!(lobby.details(&token, &email).await.refusal(), expired);
    assert_eq!(lobby.complete(&token).await.refusal(), expired);
}

#[tokio::test]
async fn onb_04_a_step_out_of_order_or_of_no_session_is_refused() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let token = lobby.start().await;
    let early = (409, "onboarding.step.out_of_order");
    let account = json!({ "password": PASSWORD, "proof": "tzo_nothing" });
    assert_eq!(lobby.step(&token, 2, &account).await.refusal(), early);
    assert_eq!(lobby.step(&token, 3, &locations(&["Main"])).await.refusal(), early);
    assert_eq!(lobby.complete(&token).await.refusal(), early);
    assert_eq!(lobby.step(&token, 0, &json!({})).await.status, 404);
    assert_eq!(lobby.step(&token, 4, &json!({})).await.status, 404);
    let word = format!("/onboarding/session/{token}/step/two");
    assert_eq!(lobby.post(&word, None, &json!({})).await.status, 400);
    for path in ["/onboarding/session/tzn_nobody", "/onboarding/session/x"] {
        assert_eq!(lobby.get(path, None).await.refusal(), (404, "not_found"));
        assert_eq!(lobby.delete(path).await.refusal(), (404, "not_found"));
    }
    assert_eq!(lobby.complete("tzn_nobody").await.status, 404);
    assert_eq!(lobby.details("tzn_nobody", &email).await.status, 404);
}

#[tokio::test]
async fn onb_04_what_does_not_hold_is_told_field_by_field_with_where_one_still_is() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let token = lobby.start().await;
    let path = format!("/onboarding/session/{token}/step/1");
    let body = json!({ "name": "", "email": "nobody" });
    let raw = lobby.raw(Method::POST, &path, None, Some(&body)).await;
    assert_eq!(raw.headers()["content-type"], "application/problem+json");
    assert_eq!(raw.headers()["cache-control"], "no-store");
    let answer = lobby.step(&token, 1, &body).await;
    assert_eq!(step(&answer), (422, json!("details"), json!(false), json!(false)));
    assert_eq!((&answer.body["success"], &answer.body["code"]), (&json!(false), &json!("request.invalid")));
    let wrong = |answer: &Answer| -> Vec<String> {
        let errors = answer.body["errors"].as_array().unwrap();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(wrong(&answer), ["/name", "/email"]);
    let odd = lobby.step(&token, 1, &json!({ "name": "Ada", "email": email, "plan": "pro" })).await;
    assert_eq!(odd.status, 422, "{odd:?}");

    lobby.details(&token, &email).await;
    let answer = lobby.step(&token, 2, &json!({ "password": PASSWORD, "proof": "tzo_guess" })).await;
    assert_eq!((answer.status, wrong(&answer)), (422, vec!["/proof".to_owned()]));
    assert_eq!(lobby.step(&token, 2, &json!({})).await.status, 422);
    let proof = lobby.proof(&email).await;
    for (password, status) in [("sevench", 422), (&"p".repeat(129), 422)] {
        let answer = lobby.step(&token, 2, &json!({ "password": password, "proof": proof })).await;
        assert_eq!((answer.status, wrong(&answer)), (status, vec!["/password".to_owned()]));
    }
    assert_eq!(lobby.step(&token, 2, &json!({ "password": PASSWORD, "proof": proof })).await.status, 200);

    let mut tree = locations(&["Main", "Downtown"]);
    tree["locations"][1]["time_zone"] = json!("Rome");
    tree["locations"][1]["address"] = json!(" ");
    let answer = lobby.step(&token, 3, &tree).await;
    assert_eq!(step(&answer), (422, json!("locations"), json!(true), json!(false)));
    assert_eq!(wrong(&answer), ["/locations/1/time_zone", "/locations/1/address"]);
}

#[tokio::test]
async fn nobody_learns_whether_an_address_has_an_account() {
    let (lobby, known) = (OnboardingTest::open().await, address());
    lobby.tenant(&known, &["Main"]).await;
    let mut answer = Vec::new();
    for email in [known.clone(), address()] {
        let token = lobby.start().await;
        let mut details = lobby.details(&token, &email).await;
        details.body.as_object_mut().unwrap().remove("session_token");
        let guess = json!({ "password": PASSWORD, "proof": "tzo_guess" });
        let mut account = lobby.step(&token, 2, &guess).await;
        account.body.as_object_mut().unwrap().retain(|key, _| key != "session_token" && key != "trace_id");
        let mut recovery = lobby.recovery(&format!("?token={token}"), None).await;
        recovery.body.as_object_mut().unwrap().remove("trace_id");
        answer.push((details.body, account.body, recovery.body));
    }
    assert_eq!(answer[0], answer[1]);
    assert_eq!(lobby.recovery(&format!("?email={known}"), None).await.status, 422, "not asked by address");
}

#[tokio::test]
async fn aut_07_five_mails_to_one_address_and_then_a_pause() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let token = lobby.start().await;
    for _ in 0..5 {
        assert_eq!(lobby.details(&token, &email).await.status, 200);
    }
    let path = format!("/onboarding/session/{token}/step/1");
    let body = json!({ "name": "Ada", "email": email });
    let raw = lobby.raw(Method::POST, &path, None, Some(&body)).await;
    assert_eq!((raw.status().as_u16(), raw.headers()["retry-after"].to_str().unwrap()), (429, "900"));
    assert_eq!(lobby.details(&token, &address()).await.status, 200, "another mailbox is not full");
    lobby.studio.clock.pass(Duration::minutes(15));
    assert_eq!(lobby.details(&token, &email).await.status, 200);
}

#[tokio::test]
async fn a_proof_of_another_mailbox_opens_nothing_and_changes_no_password() {
    let (lobby, email, other) = (OnboardingTest::open().await, address(), address());
    lobby.tenant(&other, &["Main"]).await;
    let token = lobby.start().await;
    lobby.details(&token, &email).await;
    let proof = lobby.proof(&other).await;
    let answer = lobby.step(&token, 2, &json!({ "password": "another horse battery", "proof": proof })).await;
    assert_eq!(answer.refusal(), (403, "onboarding.account.other_email"));
    assert_eq!(lobby.login(&other, "another horse battery").await.status, 401);
    lobby.access(&other).await;
}

#[tokio::test]
async fn an_owner_who_starts_again_is_told_so_behind_the_mail_and_keeps_the_password() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    lobby.tenant(&email, &["Main"]).await;
    let token = lobby.start().await;
    lobby.details(&token, &email).await;
    let proof = lobby.proof(&email).await;
    let again = json!({ "password": "another horse battery", "proof": proof });
    let answer = lobby.step(&token, 2, &again).await;
    assert_eq!(answer.refusal(), (409, "onboarding.account.already_onboarded"));
    lobby.studio.clock.pass(Duration::seconds(1));
    assert_eq!(lobby.login(&email, "another horse battery").await.status, 401, "all of it is undone");
    let access = lobby.access(&email).await;
    let answer = lobby.post("/onboarding/start", Some(&access), &json!({})).await;
    assert_eq!(answer.refusal(), (409, "onboarding.account.already_onboarded"));
}
