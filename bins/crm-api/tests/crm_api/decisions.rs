//! Decisions looked up over HTTP: by whom they concern, and by those who see the like at that place.

use crate::{
    caller::{Caller, book},
    office::TestStaff,
};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_crm_api::routes::routes;
use tryzore_kernel::UserId;
use tryzore_testkit::{TestTenant, http::Api};

fn decision(problem: &Value) -> String {
    problem["denial"]["decision_id"].as_str().unwrap_or_else(|| panic!("no decision: {problem}")).to_owned()
}

#[tokio::test]
async fn evt_11_the_front_desk_looks_up_a_refusal_of_its_location_and_no_one_elsewhere() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(studio.main, 2, Duration::hours(1)).await;
    let ada = studio.member(studio.main).await;
    let spot = book(&studio, ada, class).await;
    let api = Api::start(&studio, routes);
    let staff = |at, patterns: &[&str]| Caller::staff(&api, &studio, at, patterns);
    let asked = staff(studio.main, &["events.manage_attendance"]);
    let early = asked.post(&format!("/events/{class}/bookings/{spot}/check-in"), &json!({})).await;
    assert_eq!(early.refusal(), (409, "events.check_in.too_early"));
    let path = format!("/decisions/{}", decision(&early.body));

    let colleague = staff(studio.main, &["events.view_all"]).get(&path).await;
    assert_eq!((colleague.status, &colleague.body["command"]), (200, &json!("events.check_in")));
    assert_eq!(colleague.body["organization_id"], json!(studio.main));
    assert_eq!(colleague.body["subject_id"], json!(ada.user));
    assert_eq!(asked.get(&path).await.status, 200, "one's own question");
    let elsewhere = staff(downtown, &["events.*"]);
    assert_eq!(elsewhere.get(&path).await.refusal(), (404, "not_found"));
    assert_eq!(staff(studio.main, &["events.view_own"]).get(&path).await.refusal(), (404, "not_found"));
    let about = format!("/decisions?object_id={spot}");
    let ids = staff(studio.main, &["events.view_all"]).get(&about).await.column("id");
    assert_eq!(ids, [early.body["denial"]["decision_id"].clone()]);
    assert!(elsewhere.get(&about).await.column("id").is_empty());
    api.stop().await;
}

#[tokio::test]
async fn mem_10_who_sees_a_locations_clients_looks_up_what_was_refused_about_them() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let api = Api::start(&studio, routes);
    let staff = |at, patterns: &[&str]| Caller::staff(&api, &studio, at, patterns);
    let clerk = staff(studio.main, &["clients.create", "clients.view_all"]);
    let mailbox = format!("ada.{}@example.com", UserId::generate(studio.now()).uuid().simple());
    let ada = json!({"given_name": "Ada", "email": mailbox});
    let added = clerk.post("/clients", &ada).await;
    let twice = clerk.post("/clients", &ada).await;
    assert_eq!(twice.refusal(), (409, "crm.add.duplicate"));
    let editor = staff(studio.main, &["clients.edit"]);
    let client = format!("/clients/{}", added.id());
    let archived = editor.send(reqwest::Method::DELETE, &client, &[("If-Match", "\"v1\"")], None).await;
    assert_eq!(archived.status, 200);
    let changed = editor.put(&client, "\"v2\"", &json!({"given_name": "Bea"})).await;
    assert_eq!(changed.refusal(), (409, "crm.edit.archived"));
    for (refused, command) in [(twice, "clients.create"), (changed, "clients.edit")] {
        let path = format!("/decisions/{}", decision(&refused.body));
        let told = staff(studio.main, &["clients.view_all"]).get(&path).await;
        assert_eq!((told.status, &told.body["command"]), (200, &json!(command)));
        assert_eq!(staff(studio.main, &["events.view_all"]).get(&path).await.status, 404);
        assert_eq!(staff(downtown, &["clients.*"]).get(&path).await.status, 404);
    }
    // What names a client is for the location that knows her, not for the one that asked.
    let both = [(downtown, &["clients.create"][..]), (studio.main, &["clients.create"][..])];
    let across = Caller::new(&api, crate::caller::across(&studio, &both));
    let again = across.post("/clients", &ada).await;
    assert_eq!(again.refusal(), (409, "crm.add.duplicate"));
    let path = format!("/decisions/{}", decision(&again.body));
    for (at, status) in [(studio.main, 200), (downtown, 404)] {
        assert_eq!(staff(at, &["clients.view_all"]).get(&path).await.status, status);
    }
    api.stop().await;
}

#[tokio::test]
async fn rba_03_who_manages_a_locations_staff_looks_up_what_was_refused_there() {
    let office = TestStaff::open().await;
    let (main, downtown) = (office.studio.main, office.downtown);
    let someone =
        |at, patterns: &[&str]| office.caller(UserId::generate(office.studio.now()), &[at], patterns);
    let keeper = office.as_staff(&["settings.*"]);
    let clerk = UserId::generate(office.studio.now());
    office.hire(clerk, "trainer").await;
    let gift =
        json!({"pattern": "events.create", "effect": "allow", "organization_id": main, "reason": "plans"});
    let given = keeper.put(&format!("/staff/{clerk}/overrides"), None, &gift).await;
    assert_eq!(given.refusal(), (403, "rbac.give.exceeds_own"));
    let boss = json!({"organization_id": main, "role_id": office.role("admin").id});
    let assigned = keeper.put(&format!("/staff/{clerk}/assignments"), None, &boss).await;
    assert_eq!(assigned.refusal(), (403, "rbac.give.exceeds_own"));
    let owner = office.as_owner();
    let closed = owner.delete(&format!("/staff/{}", office.owner), None).await;
    assert_eq!(closed.refusal(), (409, "staff.last_owner"));
    for refused in [given, assigned, closed] {
        let path = format!("/decisions/{}", decision(&refused.body));
        assert_eq!(someone(main, &["settings.manage_staff"]).get(&path).await.status, 200, "{path}");
        assert_eq!(someone(main, &["events.*"]).get(&path).await.status, 404, "{path}");
        assert_eq!(someone(downtown, &["settings.*"]).get(&path).await.status, 404, "{path}");
    }
    // A role is the tenant's, so what is refused about it is for whoever asked.
    let role = json!({"name": "Boss", "description": "", "scope": "organization", "patterns": ["events.*"]});
    let refused = keeper.post("/roles", &role).await;
    let path = format!("/decisions/{}", decision(&refused.body));
    assert_eq!((keeper.get(&path).await.status, owner.get(&path).await.status), (200, 404));
    office.api.stop().await;
}
