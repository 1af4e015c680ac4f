//! Every operation of the contract, tried by those who must not get through (TEN-14, RBA-01).

use crate::{
    caller::{across, book, wait},
    office::{Answer, TestStaff, address},
};
use chrono::Duration;
use serde_json::json;
use std::collections::HashMap;
use tryzore_auth::support_access::{SupportGrantForm, request};
use tryzore_auth_postgres::Auth;
use tryzore_crm_api::routes::routes;
use tryzore_kernel::{DeviceId, FactorId, UserId};
use tryzore_postgres::PlatformTx;
use tryzore_testkit::{
    TestTenant,
    contract_tests::{
        CHANGES_OF_ACTING, Operation, changes_open_to_acting, operations_open_to, operations_open_to_key,
        public_operations, unheard_of,
    },
    http::Api,
    operator::operator,
};

/// What anyone may call without signing in, beside signing in itself. It may only get shorter, but for a
/// decision.
const PUBLIC: [&str; 7] = [
    "DELETE /api/v1/onboarding/session/{token}",
    "GET /api/v1/onboarding/recovery-options",
    "GET /api/v1/onboarding/session/{token}",
    "POST /api/v1/onboarding/session/{token}/complete",
    "POST /api/v1/onboarding/session/{token}/step/{step_number}",
    "POST /api/v1/onboarding/start",
    "POST /api/v1/staff/invitations/accept",
];

/// What everyone who signed in may ask for, and is told only of where she works or what she owns.
const WITHIN_LIMITS: [&str; 3] = [
    "GET /api/v1/organizations",
    "GET /api/v1/organizations/{organization_id}",
    "GET /api/v1/organizations/{organization_id}/settings",
];

/// One of everything that a path can name, in the tenant of `office`.
async fn one_of_each(office: &TestStaff) -> HashMap<&'static str, String> {
    let (studio, owner) = (&office.studio, office.as_owner());
    let event = studio.class(studio.main, 1, Duration::hours(3)).await;
    let (member, second) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let booking = book(studio, member, event).await;
    wait(studio, second, event).await;
    let (role, main) = (office.role("trainer"), studio.main);
    let series = json!({
        "organization_id": main, "weekly": { "weekdays": ["mon"] }, "starts_on": "2026-03-02",
        "local_time": "18:30:00", "kind": "class", "name": "Yoga", "duration_minutes": 60, "spots_total": 12
    });
    let template = json!({
        "organization_id": main, "kind": "class", "name": "Yoga", "duration_minutes": 60, "default_spots": 12
    });
    let patterns: Vec<String> = role.patterns.iter().map(ToString::to_string).collect();
    let invitation = json!({
        "name": "Grace", "email": address(), "role_id": role.id, "primary_organization_id": main,
        "reviewed_permissions": patterns
    });
    let key = json!({
        "name": "Door", "organization_id": main, "permissions": ["clients.view_basic"],
        "expires_at": studio.now() + Duration::days(1)
    });
    let room =
        json!({ "name": "Studio 1", "capacity": 12, "equipment": [], "opens_at": null, "closes_at": null });
    let more = json!({
        "kind": "booking", "target": event, "change": { "action": "book", "client_id": second.client },
        "reason": "The class has space for one more"
    });
    HashMap::from([
        ("override_id", made(&owner.post("/overrides", &more).await)),
        ("grant_id", support_grant(studio).await),
        ("device_id", device(studio).await),
        ("room_id", made(&owner.post(&format!("/organizations/{main}/rooms"), &room).await)),
        // Factors belong to a user and to no tenant: their own tests ask for one of another user.
        ("factor_id", FactorId::generate(studio.now()).to_string()),
        ("event_id", event.to_string()),
        ("booking_id", booking.to_string()),
        ("client_id", member.client.to_string()),
        ("organization_id", office.downtown.to_string()),
        ("role_id", role.id.to_string()),
        ("user_id", office.owner.to_string()),
        ("series_id", made(&owner.post("/event-series", &series).await)),
        ("template_id", made(&owner.post("/event-templates", &template).await)),
        ("invitation_id", made(&owner.post("/staff/invitations", &invitation).await)),
        ("key_id", made(&owner.post("/api-keys", &key).await)),
    ])
}

/// A device that somebody has signed in on.
async fn device(studio: &TestTenant) -> String {
    let (id, user) = (DeviceId::generate(studio.now()), UserId::generate(studio.now()));
    let owner = studio.database.owner_client().await;
    let name = "INSERT INTO identity.users (id, name, status, created_at, updated_at)
                VALUES ($1, 'Dora', 'pending_claim', now(), now())";
    owner.execute(name, &[&user.uuid()]).await.unwrap();
    let insert = "INSERT INTO identity.devices (id, user_id, named, first_seen_at, last_seen_at)
                  VALUES ($1, $2, 'phone', now(), now())";
    owner.execute(insert, &[&id.uuid(), &user.uuid()]).await.unwrap();
    id.to_string()
}

/// A request of an operator for support access to the tenant.
async fn support_grant(studio: &TestTenant) -> String {
    let (permit, now) = (operator(), studio.now());
    let name = "INSERT INTO identity.users (id, name, status, created_at, updated_at)
                VALUES ($1, 'Opal', 'pending_claim', now(), now())";
    let owner = studio.database.owner_client().await;
    owner.execute(name, &[&permit.user().uuid()]).await.unwrap();
    let appointed = "INSERT INTO platform.operators (user_id, role, because) VALUES ($1, 'limited', 'test')";
    owner.execute(appointed, &[&permit.user().uuid()]).await.unwrap();
    let form = SupportGrantForm {
        reason: "A class is missing".into(),
        ticket: None,
        permissions: vec!["events.view_all".into()],
        organizations: Some(vec![studio.main]),
        minutes: 30,
    };
    let request =
        async |tx: &mut PlatformTx| request(&permit, &mut tx.auth(), studio.tenant, form, now).await;
    studio.db.operator_tx(&permit, request).await.unwrap().id.to_string()
}

fn made(answer: &Answer) -> String {
    let id = answer.body["id"].as_str().or(answer.body["invitation"]["id"].as_str());
    id.unwrap_or_else(|| panic!("nothing was made: {answer:?}")).to_owned()
}

#[tokio::test]
async fn ten_14_nobody_gets_in_without_signing_in() {
    let office = TestStaff::open().await;
    assert_eq!(public_operations(&office.api, routes).await, PUBLIC);
    office.api.stop().await;
}

#[tokio::test]
async fn rba_01_an_operation_asks_for_the_permission_that_its_contract_names() {
    let office = TestStaff::open().await;
    let (studio, nobody) = (&office.studio, UserId::generate(office.studio.now()));
    let nothing = studio.as_staff(nobody, studio.main, &[]);
    assert_eq!(operations_open_to(&office.api, routes, &nothing).await, WITHIN_LIMITS);
    office.api.stop().await;
}

#[tokio::test]
async fn aut_06_a_key_without_the_permission_is_refused_by_every_operation() {
    let mut office = TestStaff::open().await;
    // Keys are issued by the service that people sign in to.
    office.api = Api::start_with_sessions(&office.studio, routes).await;
    let key = office.studio.as_key(&["clients.create"]);
    assert_eq!(operations_open_to_key(&office.api, routes, &key).await, WITHIN_LIMITS);
    office.api.stop().await;
}

#[tokio::test]
async fn aut_16_an_acting_session_changes_nothing_but_itself_and_all_it_reads_is_logged() {
    let mut office = TestStaff::open().await;
    office.api = Api::start_with_sessions(&office.studio, routes).await;
    let mut ids = one_of_each(&office).await;
    ids.insert("organization_id", office.studio.main.to_string());
    let before = office.studio.count("SELECT count(*) FROM governance.access_log").await;
    let acting = office.studio.acting(office.owner);
    assert_eq!(changes_open_to_acting(&office.api, routes, &acting, &ids).await, CHANGES_OF_ACTING);
    let logged = office.studio.count("SELECT count(*) FROM governance.access_log").await - before;
    let reads = Operation::all(routes).iter().filter(|one| one.is_read() && !one.is_public()).count();
    assert_eq!(usize::try_from(logged), Ok(reads - 1), "all but the stream, which was not opened");
    office.api.stop().await;
}

#[tokio::test]
async fn ten_14_what_another_tenant_has_is_as_if_it_were_not() {
    let (mut office, other) = (TestStaff::open().await, TestStaff::open().await);
    // Keys are issued by the service that people sign in to.
    office.api = Api::start_with_sessions(&office.studio, routes).await;
    let ids = one_of_each(&office).await;
    let none = unheard_of(&ids);
    let everything = across(&other.studio, &[(other.studio.main, &["*"]), (other.downtown, &["*"])]);
    let token = office.api.admit(everything);
    for operation in naming(&ids) {
        let theirs = operation.call(&office.api, Some(&token), &ids).await;
        let nothing = operation.call(&office.api, Some(&token), &none).await;
        assert_eq!((theirs.status.as_u16(), &theirs), (404, &nothing), "{}", operation.name());
    }
    office.api.stop().await;
    other.api.stop().await;
}

/// The operations whose path names one of `ids`.
fn naming(ids: &HashMap<&'static str, String>) -> impl Iterator<Item = Operation> {
    let named = |operation: &Operation| operation.placeholders().any(|name| ids.contains_key(name));
    // Whoever is no operator gets the same refusal for all operations of operators.
    let is_open =
        |operation: &Operation| operation.is_public() || operation.permission().starts_with("platform.");
    Operation::all(routes).into_iter().filter(move |operation| !is_open(operation) && named(operation))
}

#[tokio::test]
async fn rba_01_what_another_location_has_is_as_if_it_were_not() {
    let mut office = TestStaff::open().await;
    office.api = Api::start_with_sessions(&office.studio, routes).await;
    let mut ids = one_of_each(&office).await;
    ids.insert("organization_id", office.studio.main.to_string());
    let none = unheard_of(&ids);
    let neighbour = across(&office.studio, &[(office.downtown, &["*"])]);
    let token = office.api.admit(neighbour);
    for operation in naming(&ids) {
        if operation.placeholders().any(|name| name == "role_id") {
            // Roles are the tenant's: every location gives the same ones.
            continue;
        }
        let theirs = operation.call(&office.api, Some(&token), &ids).await;
        let nothing = operation.call(&office.api, Some(&token), &none).await;
        assert_eq!((theirs.status.as_u16(), &theirs), (404, &nothing), "{}", operation.name());
    }
    office.api.stop().await;
}
