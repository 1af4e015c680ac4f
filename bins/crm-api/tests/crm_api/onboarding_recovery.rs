//! Who comes back (ONB-07), who gives up, and who is at home somewhere else already.

use crate::{
    office::{Answer, address},
    onboarding_stage::{OnboardingTest, PASSWORD, locations},
};
use chrono::Duration;
use serde_json::json;

fn action(answer: &Answer) -> (u16, &str, Option<&str>) {
    (answer.status, answer.body["action"].as_str().unwrap(), answer.body["next_step"].as_str())
}

#[tokio::test]
async fn onb_07_each_way_back() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    assert_eq!(action(&lobby.recovery("", None).await), (200, "start_fresh", None));
    assert_eq!(action(&lobby.recovery("?token=tzn_nobody", None).await), (200, "start_fresh", None));

    let token = lobby.start().await;
    let by_token = format!("?token={token}");
    assert_eq!(action(&lobby.recovery(&by_token, None).await), (200, "resume_from_step", Some("details")));
    lobby.details(&token, &email).await;
    lobby.account(&token, &email).await;
    assert_eq!(action(&lobby.recovery(&by_token, None).await), (200, "resume_from_step", Some("locations")));

    lobby.studio.clock.pass(Duration::hours(24));
    assert_eq!(action(&lobby.recovery(&by_token, None).await), (200, "cleanup_and_retry", None));
    let token = lobby.start().await;
    lobby.details(&token, &email).await;
    assert_eq!(lobby.account(&token, &email).await.body["next_step"], "locations", "the account is taken up");
    lobby.step(&token, 3, &locations(&["Main", "Downtown"])).await;
    let done = lobby.complete(&token).await;

    let access = lobby.access(&email).await;
    for answer in
        [lobby.recovery("", Some(&access)).await, lobby.recovery(&format!("?token={token}"), None).await]
    {
        assert_eq!(action(&answer), (200, "manual_intervention", None), "ruling (a): no payments yet");
        assert_eq!(answer.body["incomplete_organization_ids"].as_array().unwrap().len(), 2);
    }
    let sql = lobby.sql(done.body["tenant_id"].as_str().unwrap().parse().unwrap()).await;
    sql.execute("UPDATE tenancy.organizations SET stripe_account_id = 'acct_1'", &[]).await.unwrap();
    assert_eq!(action(&lobby.recovery("", Some(&access)).await), (200, "already_onboarded", None));
    assert_eq!(lobby.recovery("", Some("nonsense")).await.status, 401);
}

#[tokio::test]
async fn who_gives_up_has_an_account_without_a_tenant_and_is_told_where_to_go() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    let token = lobby.start().await;
    lobby.details(&token, &email).await;
    lobby.account(&token, &email).await;
    let session = format!("/onboarding/session/{token}");
    assert_eq!(lobby.delete(&session).await.status, 204);
    assert_eq!(lobby.next(&token).await.refusal(), (404, "not_found"));
    assert_eq!(lobby.delete(&session).await.refusal(), (404, "not_found"));

    let answer = lobby.login(&email, PASSWORD).await;
    assert_eq!(answer.refusal(), (403, "auth.login.no_membership"));
    assert_eq!(answer.body["denial"]["remedy"]["action"], "start_onboarding", "{answer:?}");
    let wrong = lobby.login(&email, "another horse battery").await;
    assert_eq!(wrong.refusal(), (401, "auth.login.rejected"), "only the owner of the password learns it");

    let token = lobby.start().await;
    lobby.details(&token, &email).await;
    lobby.account(&token, &email).await;
    lobby.step(&token, 3, &locations(&["Main"])).await;
    assert_eq!(lobby.complete(&token).await.status, 200);
    lobby.access(&email).await;
    assert_eq!(
        lobby.delete(&format!("/onboarding/session/{token}")).await.refusal(),
        (409, "onboarding.session.complete"),
        "a tenant that is open is not given up like this"
    );
}

#[tokio::test]
async fn someone_of_another_gym_opens_one_of_her_own_without_another_password() {
    let (lobby, email) = (OnboardingTest::open().await, address());
    // Owner of one; to open a second one takes another owner, so she is a client of this one.
    let employer = lobby.tenant(&address(), &["Main"]).await;
    let (proof, home) = (lobby.proof(&email).await, "SELECT id FROM tenancy.organizations LIMIT 1");
    let chosen = json!({ "token": proof, "password": PASSWORD });
    assert_eq!(lobby.post("/auth/verify-email", None, &chosen).await.status, 200);
    lobby.studio.clock.pass(Duration::seconds(1));
    let sql = lobby.sql(employer).await;
    let at: uuid::Uuid = sql.query_one(home, &[]).await.unwrap().get(0);
    let member = "INSERT INTO tenancy.memberships (user_id, tenant_id, home_organization_id, since)
                  SELECT id, $1, $2, now() FROM identity.users WHERE email = $3";
    sql.execute(member, &[&employer.uuid(), &at, &email]).await.unwrap();
    let client =
        "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name,
                      email, status, joined_on, created_at, updated_at)
                  SELECT $1, gen_random_uuid(), id, $2, 'Ada', 'Rossi', email, 'active', '2026-01-01', now(), now()
                  FROM identity.users WHERE email = $3";
    sql.execute(client, &[&employer.uuid(), &at, &email]).await.unwrap();
    let access = lobby.access(&email).await;
    assert_eq!(action(&lobby.recovery("", Some(&access)).await), (200, "start_fresh", None));

    // Step by step, with the session in place of password and proof.
    let token = lobby.start().await;
    let path = format!("/onboarding/session/{token}/step/2");
    lobby.details(&token, &address()).await;
    let answer = lobby.post(&path, Some(&access), &json!({})).await;
    assert_eq!(answer.refusal(), (403, "onboarding.account.other_email"));
    lobby.details(&token, &email).await;
    let answer = lobby.post(&path, Some(&access), &json!({})).await;
    assert_eq!((answer.status, &answer.body["next_step"]), (200, &json!("locations")));
    let answer = lobby.recovery("", Some(&access)).await;
    assert_eq!(action(&answer), (200, "resume_from_step", Some("locations")));

    // Or from scratch: what was left unfinished is cleared away.
    let started = lobby.post("/onboarding/start", Some(&access), &json!({})).await;
    assert_eq!((started.status, &started.body["next_step"]), (201, &json!("locations")));
    assert_eq!(lobby.next(&token).await.status, 404);
    let token = started.body["session_token"].as_str().unwrap();
    lobby.step(token, 3, &locations(&["Mine"])).await;
    assert_eq!(lobby.complete(token).await.status, 200);
    let session = lobby.login(&email, PASSWORD).await;
    assert_eq!(session.body["tenants"].as_array().unwrap().len(), 2, "{session:?}");
}
