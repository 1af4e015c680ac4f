//! Invitations and who works where as what, over HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::{
    office::{TestStaff, address},
    onboarding_stage::{OnboardingTest, PASSWORD},
};
use chrono::Duration;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tryzore_auth::{User, Users};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{InvitationId, UserId};
use tryzore_postgres::AuthTx;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{catalogue::ManageStaff, manage::role::names};
use tryzore_tenancy::staff::issue_link;
use tryzore_tenancy_postgres::Tenancy;

fn invitation(office: &TestStaff, preset: &str, email: &str) -> Value {
    let role = office.role(preset);
    json!({
        "name": "Grace Hopper", "email": email, "role_id": role.id.to_string(),
        "primary_organization_id": office.studio.main.to_string(), "reviewed_permissions": names(role.permissions()),
    })
}

/// Someone who has proven to read the mail of `email`, and works nowhere so far.
async fn reader(office: &TestStaff, email: &str) -> UserId {
    let user = UserId::generate(office.studio.now());
    let insert =
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
        VALUES ($1, $2, now(), 'Grace', 'active', now(), now())";
    office.studio.sql.execute(insert, &[&user.uuid(), &email]).await.unwrap();
    user
}

/// The link that the mail of `id` carries.
async fn link(office: &TestStaff, id: InvitationId) -> String {
    let (permit, now) = (office.system::<ManageStaff>(), office.studio.now());
    let half = *UserId::generate(now).uuid().as_bytes();
    let bits: [u8; 32] = std::array::from_fn(|at| half[at % 16]);
    let issue = async |tx: &mut TenantTx| issue_link(&permit, &mut tx.tenancy(), id, bits, now).await;
    office.studio.db.tenant_tx(&permit, issue).await.unwrap().token.expose_secret().to_owned()
}

#[tokio::test]
async fn onb_09_someone_is_invited_joins_moves_and_leaves() {
    let office = TestStaff::open().await;
    let (owner, email) = (office.as_owner(), address());
    let invited = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
    assert_eq!((invited.status, &invited.body["invitation"]["status"]), (201, &json!("pending")));
    let id: InvitationId = invited.body["invitation"]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(owner.get("/staff/invitations").await.rows()[0], invited.body["invitation"]);
    assert_eq!(
        (&invited.body["invitation"]["email"], &invited.body["invitation"]["organization_ids"]),
        (&json!(email), &json!([office.studio.main]))
    );
    assert_eq!(invited.body["invitation"]["invited_by_user_id"], json!(office.owner));
    let again = owner.post(&format!("/staff/invitations/{id}/resend"), &json!({})).await;
    assert_eq!((again.status, &again.body["sent_count"]), (200, &json!(2)));
    assert_eq!(owner.get("/staff/invitations").await.rows()[0], again.body);

    let token = json!({"token": link(&office, id).await});
    let grace = reader(&office, &email).await;
    let joined = owner.post("/staff/invitations/accept", &token).await;
    assert_eq!(
        (joined.status, &joined.body["home_organization_id"]),
        (200, &json!(office.studio.main.to_string()))
    );
    assert_eq!(joined.body["user_id"], json!(grace), "whoever is signed in, it is for whom it went to");
    assert_eq!(owner.post("/staff/invitations/accept", &token).await.body, joined.body, "the same answer");
    assert_eq!(owner.post("/staff/invitations/accept", &json!({"token": "tzi_x"})).await.status, 404);

    let at = format!("/staff/{grace}");
    assert_eq!(owner.get("/staff").await.rows().len(), 2);
    let read = owner.get(&at).await.body;
    assert_eq!((&read["email"], &read["assignments"][0]["role_name"]), (&json!(email), &json!("Trainer")));
    let mut there_too = invitation(&office, "trainer", &email);
    there_too["primary_organization_id"] = json!(office.downtown);
    let given = owner.post("/staff/invitations", &there_too).await;
    assert_eq!((given.status, &given.body["invitation"]), (201, &Value::Null), "an employee gets it at once");
    assert_eq!(given.body["employee"], owner.get(&at).await.body);
    assert_eq!(given.body["employee"]["assignments"][1]["organization_id"], json!(office.downtown));
    let there = json!({"organization_id": office.downtown.to_string(), "role_id": office.role("trainer").id.to_string(), "is_primary": true});
    let moved = owner.put(&format!("{at}/assignments"), None, &there).await;
    assert_eq!((moved.status, moved.body["assignments"].as_array().unwrap().len()), (200, 2));
    assert_eq!(moved.body, owner.get(&at).await.body, "what is changed is answered as it is read");
    let manager = office.as_staff(&["*"]);
    assert_eq!(manager.get(&at).await.body["assignments"].as_array().unwrap().len(), 1, "what one manages");
    assert_eq!(owner.delete(&format!("{at}/assignments/{}", office.studio.main), None).await.status, 204);
    assert_eq!(manager.get(&at).await.status, 404);
    assert_eq!(owner.delete(&at, None).await.status, 204);
    assert_eq!(owner.get(&at).await.status, 404);
    office.api.stop().await;
}

#[tokio::test]
async fn onb_09_someone_new_follows_the_mail_chooses_a_password_and_starts_at_her_primary_location() {
    let (lobby, owner, email) = (OnboardingTest::open().await, address(), address());
    let tenant = lobby.tenant(&owner, &["Main", "Downtown"]).await;
    let boss = lobby.access(&owner).await;
    let tree = lobby.get("/organizations", Some(&boss)).await;
    let [downtown, main] = tree.rows() else { panic!("{tree:?}") };
    let roles = lobby.get("/roles", Some(&boss)).await;
    let trainer = roles.rows().iter().find(|role| role["preset"] == "trainer").unwrap();
    let invitation = json!({
        "name": "Grace Hopper", "email": email, "role_id": trainer["id"], "phone": "+390612345678",
        "primary_organization_id": downtown["id"], "other_organization_ids": [main["id"]],
        "reviewed_permissions": trainer["permissions"],
    });
    let invited = lobby.post("/staff/invitations", Some(&boss), &invitation).await;
    let id = invited.body["invitation"]["id"].as_str().unwrap().parse().unwrap();
    let (token, proof) = lobby.invitation(tenant, id).await;
    let (token, password) = (json!({"token": token}), json!({"token": proof, "password": PASSWORD}));

    let early = lobby.post("/staff/invitations/accept", None, &token).await;
    assert_eq!(early.refusal(), (409, "staff.accept.unclaimed"));
    assert_eq!(early.body["denial"]["remedy"]["action"], "verify_email");
    assert_eq!(lobby.post("/auth/verify-email", None, &password).await.status, 200);
    let twice = lobby.post("/auth/verify-email", None, &password).await;
    assert_eq!(twice.refusal(), (401, "auth.link.invalid"));
    // A sign-in must begin later than the password was chosen.
    lobby.studio.clock.pass(Duration::seconds(1));
    assert_eq!(lobby.login(&email, PASSWORD).await.refusal(), (403, "auth.login.no_membership"));

    let joined = lobby.post("/staff/invitations/accept", None, &token).await;
    assert_eq!((joined.status, &joined.body["home_organization_id"]), (200, &downtown["id"]));
    assert_eq!(lobby.post("/staff/invitations/accept", Some(&boss), &token).await.body, joined.body);
    let grace = lobby.access(&email).await;
    let me = lobby.get("/auth/me", Some(&grace)).await.body;
    assert_eq!((&me["user"]["id"], &me["organization"]["id"]), (&joined.body["user_id"], &downtown["id"]));
    let held = |slug: &&Value| !slug.as_str().unwrap().starts_with("own.");
    let held: Vec<_> = me["permissions"].as_array().unwrap().iter().filter(held).collect();
    assert_eq!(json!(held), trainer["permissions"], "a trainer's permissions, and one's own");
    let boss = lobby.get("/auth/me", Some(&boss)).await.body;
    assert_eq!(boss["user"]["email"], json!(owner), "she is who she was");
    lobby.api.stop().await;
}

/// Changes the account of `user` as its keeper does.
async fn keep(office: &TestStaff, user: UserId, change: impl Fn(User) -> User + Sync) {
    let change = async |tx: &mut AuthTx| {
        let before = tx.auth().user_lock(user).await?.unwrap();
        tx.auth().user_update(&change(before)).await
    };
    office.studio.db.auth_tx(change).await.unwrap();
}

#[tokio::test]
async fn onb_09_whose_account_is_closed_is_told_so_and_not_to_choose_a_password() {
    let (office, email) = (TestStaff::open().await, address());
    let (owner, grace) = (office.as_owner(), reader(&office, &email).await);
    let invite = async || {
        let invited = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
        let id = invited.body["invitation"]["id"].as_str().unwrap().parse().unwrap();
        json!({ "token": link(&office, id).await })
    };
    let accept = async |token: &Value| owner.post("/staff/invitations/accept", token).await;
    assert_eq!(accept(&invite().await).await.status, 200);
    assert_eq!(owner.delete(&format!("/staff/{grace}"), None).await.status, 204);
    let now = office.studio.now();
    keep(&office, grace, |user| user.deactivate(now)).await;

    let again = invite().await;
    let answer = accept(&again).await;
    assert_eq!(answer.refusal(), (409, "staff.accept.account_closed"));
    let denial = &answer.body["denial"];
    assert_eq!(denial["because"][0], json!({"fact": "user.status", "value": "deactivated"}));
    assert_eq!(denial["because"][1]["fact"], "user.deactivated_at");
    assert!(denial["remedy"]["text"].as_str().unwrap().starts_with("The account of this address is closed"));
    assert_eq!(denial["remedy"]["action"], Value::Null, "nothing here opens it");
    let recorded = denial["decision_id"].as_str().unwrap();
    assert_eq!(
        owner.get(&format!("/decisions/{recorded}")).await.body["code"],
        "staff.accept.account_closed"
    );

    keep(&office, grace, User::reactivate).await;
    assert_eq!(accept(&again).await.status, 200, "the same link, once it is open again");
    office.api.stop().await;
}

#[tokio::test]
async fn onb_09_nobody_offers_what_he_does_not_hold_nor_what_he_has_not_seen() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let (owner, email) = (office.as_owner(), address());
    let clerk = office.as_staff(&["settings.manage_staff"]);
    let more = clerk.post("/staff/invitations", &invitation(&office, "admin", &email)).await;
    assert_eq!(more.refusal(), (403, "rbac.give.exceeds_own"));
    let mut unseen = invitation(&office, "trainer", &email);
    unseen["reviewed_permissions"] = json!([]);
    assert_eq!(owner.post("/staff/invitations", &unseen).await.refusal(), (409, "staff.invite.role_changed"));
    let wrong = owner.post("/staff/invitations", &invitation(&office, "trainer", "nowhere")).await;
    assert_eq!(wrong.wrong(), (422, "/email"));

    let invited = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
    let at = format!("/staff/invitations/{}", invited.body["invitation"]["id"].as_str().unwrap());
    let twice = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
    assert_eq!(twice.refusal(), (409, "staff.invite.pending"));
    assert_eq!(other.as_owner().post(&format!("{at}/revoke"), &json!({})).await.status, 404);
    let revoked = owner.post(&format!("{at}/revoke"), &json!({})).await;
    assert_eq!((revoked.status, &revoked.body["status"]), (200, &json!("revoked")));
    assert_eq!(owner.get("/staff/invitations").await.rows()[0], revoked.body);
    assert_eq!(owner.post(&format!("{at}/resend"), &json!({})).await.status, 409);
    office.api.stop().await;
    other.api.stop().await;
}

#[tokio::test]
async fn ten_06_a_tenant_keeps_its_last_owner() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let (boss, at) = (office.as_owner(), format!("/staff/{}", office.owner));
    assert_eq!(boss.delete(&at, None).await.refusal(), (409, "staff.last_owner"));
    let last = boss.delete(&format!("{at}/assignments/{}", office.studio.main), None).await;
    assert_eq!(last.refusal(), (409, "staff.last_owner"));
    assert_eq!(other.as_owner().get(&at).await.status, 404);
    assert_eq!(other.as_owner().delete(&at, None).await.status, 404);
    let clerk = office.as_staff(&["settings.manage_staff"]);
    assert_eq!(clerk.delete(&at, None).await.refusal(), (403, "rbac.give.exceeds_own"));

    let second = UserId::generate(office.studio.now());
    office.hire(second, "enterprise_owner").await;
    assert_eq!(boss.delete(&format!("/staff/{second}"), None).await.status, 204, "one is left");
    office.api.stop().await;
    other.api.stop().await;
}

#[tokio::test]
async fn onb_09_mails_to_one_address_are_counted() {
    let (office, email) = (TestStaff::open().await, address());
    let owner = office.as_owner();
    let invited = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
    let at = format!("/staff/invitations/{}", invited.body["invitation"]["id"].as_str().unwrap());
    for nth in 2..=5 {
        let again = owner.post(&format!("{at}/resend"), &json!({})).await;
        assert_eq!((again.status, &again.body["sent_count"]), (200, &json!(nth)));
    }
    let sixth = owner.post(&format!("{at}/resend"), &json!({})).await;
    assert_eq!(sixth.refusal(), (429, "auth.mail.locked"));
    assert_eq!(owner.get("/staff/invitations").await.rows()[0]["sent_count"], json!(5), "nothing was sent");
    assert_eq!(owner.post(&format!("{at}/revoke"), &json!({})).await.status, 200);
    let anew = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
    assert_eq!(anew.refusal(), (429, "auth.mail.locked"), "nor by inviting anew");
    let other = owner.post("/staff/invitations", &invitation(&office, "trainer", &address())).await;
    assert_eq!(other.status, 201, "another address");
    office.studio.clock.pass(Duration::minutes(15));
    let later = owner.post("/staff/invitations", &invitation(&office, "trainer", &email)).await;
    assert_eq!(later.status, 201);
    office.api.stop().await;
}

#[tokio::test]
async fn rba_03_a_role_is_not_offered_first_and_widened_afterwards() {
    let office = TestStaff::open().await;
    let (owner, main) = (office.as_owner(), office.studio.main);
    let below = json!({
        "name": "Annex", "address": null, "time_zone": "Europe/Rome", "currency": "EUR", "jurisdiction": "IT",
        "parent_id": main.to_string(), "is_franchise_location": false,
    });
    assert_eq!(owner.post("/organizations", &below).await.status, 201);
    let boss = office.as_staff(&["*"]);
    let role = |scope: &str| json!({"name": "Second", "description": "", "scope": scope, "patterns": ["*"]});
    let made = boss.post("/roles", &role("organization")).await;
    let offer = json!({
        "name": "Grace", "email": address(), "role_id": made.id(), "primary_organization_id": main.to_string(),
        "reviewed_permissions": made.body["permissions"],
    });
    assert_eq!(boss.post("/staff/invitations", &offer).await.status, 201);
    let widened = boss.put(&format!("/roles/{}", made.id()), Some("\"v1\""), &role("subtree")).await;
    assert_eq!(widened.refusal(), (403, "rbac.role.used_elsewhere"));
    office.api.stop().await;
}
