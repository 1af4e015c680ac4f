//! Manual overrides over HTTP (SUP-09).

use crate::{
    caller::{book, wait},
    office::{Answer, Caller, TestStaff},
};
use chrono::Duration;
use serde_json::{Value, json};
use tryzore_kernel::{BookingId, UserId};
use tryzore_testkit::test_tenant::Member;

const REASON: &str = "The door did not open for the client";

/// A no-show with a fee of ten euros, and two people who may set rules aside.
struct Stage {
    office: TestStaff,
    ada: Caller,
    grace: Caller,
    member: Member,
    booking: BookingId,
}

impl Stage {
    async fn open() -> Self {
        let office = TestStaff::open().await;
        let studio = &office.studio;
        let event = studio.class(studio.main, 1, Duration::hours(3)).await;
        let member = studio.member(studio.main).await;
        let booking = book(studio, member, event).await;
        let missed = "UPDATE events.bookings SET status = 'no_show', fee_minor = 1000 WHERE id = $1";
        studio.sql.execute(missed, &[&booking.uuid()]).await.unwrap();
        let users = [UserId::generate(studio.now()), UserId::generate(studio.now())];
        for user in users {
            office.hire(user, "location_owner").await;
        }
        let [ada, grace] = users.map(|user| office.caller(user, &[studio.main], &["*"]));
        Self { ada, grace, member, booking, office }
    }

    fn waive(&self) -> Value {
        json!({
            "kind": "fee", "target": self.booking, "change": { "action": "waive" }, "reason": REASON,
            "confirm_within_hours": 2
        })
    }

    async fn fee(&self) -> i64 {
        let fee =
            format!("SELECT fee_minor::bigint FROM events.bookings WHERE id = '{}'", self.booking.uuid());
        self.office.studio.count(&fee).await
    }

    async fn step(&self, caller: &Caller, id: &str, verb: &str) -> Answer {
        caller.post(&format!("/overrides/{id}/{verb}"), &json!({})).await
    }

    async fn close(self) {
        self.office.api.stop().await;
    }
}

fn is(answer: &Answer, status: u16, state: &str) {
    assert_eq!((answer.status, answer.body["status"].as_str()), (status, Some(state)), "{answer:?}");
}

#[tokio::test]
async fn sup_09_a_fee_is_found_previewed_waived_and_confirmed_by_a_second_person() {
    let stage = Stage::open().await;
    let Stage { ada, grace, .. } = &stage;
    let found = ada.get("/overrides/search?kind=fee&q=ada").await;
    assert_eq!(found.rows().len(), 1, "{found:?}");
    let target = found.rows()[0]["target"].as_str().unwrap();
    assert_eq!(
        (target, &found.rows()[0]["state"]["fee"]["minor"]),
        (&*stage.booking.to_string(), &json!(1000))
    );

    let proposed = ada.post("/overrides", &stage.waive()).await;
    is(&proposed, 201, "proposed");
    assert_eq!(proposed.body["before"]["fee"]["minor"], 1000);
    assert_eq!(proposed.body["after"]["fee"]["minor"], 0);
    assert_eq!(proposed.body["effects"], json!(["The fee of 10.00 EUR is not collected."]));
    assert_eq!(stage.fee().await, 1000, "a preview changes nothing");
    let id = proposed.id();
    assert_eq!(stage.step(grace, id, "execute").await.refusal(), (403, "support.override.not_proposer"));
    let executed = stage.step(ada, id, "execute").await;
    is(&executed, 200, "executed");
    assert_eq!((stage.fee().await, executed.etag.as_deref()), (0, Some("\"v2\"")));
    let own = stage.step(ada, id, "confirm").await;
    assert_eq!(own.refusal(), (403, "support.override.own_confirmation"), "{own:?}");
    is(&stage.step(grace, id, "confirm").await, 200, "confirmed");
    assert_eq!(stage.step(grace, id, "revert").await.refusal(), (409, "support.override.not_executed"));

    let log = ada.get(&format!("/overrides/{id}")).await;
    let steps: Vec<_> =
        log.body["steps"].as_array().unwrap().iter().map(|step| step["step"].clone()).collect();
    assert_eq!(steps, ["propose", "execute", "confirm"]);
    let listed = ada.get("/overrides?kind=fee&status=confirmed").await;
    assert_eq!(listed.rows().len(), 1);
    assert_eq!(ada.get("/overrides?status=executed").await.rows().len(), 0);
    let trail = ada.get("/audit").await;
    let actions: Vec<_> = trail.rows().iter().map(|row| row["action"].as_str().unwrap()).take(3).collect();
    let written = ["manual_overrides.confirm", "manual_overrides.execute", "manual_overrides.propose"];
    assert!(written.iter().all(|action| actions.contains(action)), "{actions:?}");
    stage.close().await;
}

#[tokio::test]
async fn sup_09_of_two_executions_at_once_one_changes_something() {
    let stage = Stage::open().await;
    let id = stage.ada.post("/overrides", &stage.waive()).await.id().to_owned();
    let (one, other) =
        tokio::join!(stage.step(&stage.ada, &id, "execute"), stage.step(&stage.ada, &id, "execute"));
    let mut outcomes = [one.refusal(), other.refusal()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [(200, ""), (409, "support.override.not_proposed")]);
    let waived = "SELECT count(*) FROM support.override_steps WHERE step = 'execute'";
    assert_eq!((stage.fee().await, stage.office.studio.count(waived).await), (0, 1));
    stage.close().await;
}

#[tokio::test]
async fn sup_09_of_two_proposals_at_once_one_is_open() {
    let stage = Stage::open().await;
    let form = stage.waive();
    let (one, other) =
        tokio::join!(stage.ada.post("/overrides", &form), stage.grace.post("/overrides", &form));
    let mut outcomes = [one.refusal(), other.refusal()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [(201, ""), (409, "support.override.open")]);
    stage.close().await;
}

#[tokio::test]
async fn sup_09_a_change_since_the_preview_refuses_the_execution() {
    let stage = Stage::open().await;
    let id = stage.ada.post("/overrides", &stage.waive()).await.id().to_owned();
    let raise = "UPDATE events.bookings SET fee_minor = 2000 WHERE id = $1";
    stage.office.studio.sql.execute(raise, &[&stage.booking.uuid()]).await.unwrap();
    assert_eq!(stage.step(&stage.ada, &id, "execute").await.refusal(), (409, "support.override.changed"));
    stage.office.studio.clock.pass(Duration::minutes(15));
    let verified_again = stage.office.caller(stage.ada.user, &[stage.office.studio.main], &["*"]);
    assert_eq!(
        stage.step(&verified_again, &id, "execute").await.refusal(),
        (409, "support.override.expired")
    );
    is(&verified_again.post("/overrides", &stage.waive()).await, 201, "proposed");
    assert_eq!(stage.fee().await, 2000);
    stage.close().await;
}

#[tokio::test]
async fn sup_09_a_full_class_takes_one_client_more_and_gives_the_spot_back() {
    let stage = Stage::open().await;
    let studio = &stage.office.studio;
    let event = studio.class(studio.main, 1, Duration::hours(5)).await;
    let second = studio.member(studio.main).await;
    book(studio, stage.member, event).await;
    wait(studio, second, event).await;
    let third = studio.member(studio.main).await;
    let form = json!({
        "kind": "booking", "target": event, "change": { "action": "book", "client_id": third.client },
        "reason": REASON
    });
    let proposed = stage.ada.post("/overrides", &form).await;
    is(&proposed, 201, "proposed");
    let effects = json!([
        "The client has a spot.",
        "The event is full and gets one spot more: 2 instead of 1.",
        "The client goes before 1 others on the waitlist."
    ]);
    assert_eq!(proposed.body["effects"], effects);
    is(&stage.step(&stage.ada, proposed.id(), "execute").await, 200, "executed");
    let spots = format!(
        "SELECT (spots_total * 10 + spots_booked)::bigint FROM events.events WHERE id = '{}'",
        event.uuid()
    );
    assert_eq!(studio.count(&spots).await, 22);
    is(&stage.step(&stage.grace, proposed.id(), "revert").await, 200, "reverted");
    assert_eq!(studio.count(&spots).await, 11, "the added spot is gone, and nobody from the waitlist got it");
    stage.close().await;
}

#[tokio::test]
async fn sup_09_a_permission_is_held_until_it_is_taken_back() {
    let stage = Stage::open().await;
    let (studio, trainer) = (&stage.office.studio, UserId::generate(stage.office.studio.now()));
    stage.office.hire(trainer, "trainer").await;
    let found = stage.ada.get(&format!("/overrides/search?kind=permission&q={trainer}")).await;
    assert_eq!(found.rows()[0]["target"], json!(trainer), "{found:?}");
    let form = |permission: &str| {
        json!({
            "kind": "permission", "target": trainer, "reason": "The manager is ill today",
            "change": { "permission": permission, "organization_id": studio.main }
        })
    };
    let held = stage.ada.post("/overrides", &form("events.view_own")).await;
    assert_eq!(held.refusal(), (409, "rbac.override.held"));
    let desk = ["support.manual_override", "settings.manage_staff"];
    let weak = stage.office.as_staff(&desk).post("/overrides", &form("events.cancel")).await;
    assert_eq!(weak.refusal(), (403, "rbac.give.exceeds_own"));
    let proposed = stage.ada.post("/overrides", &form("events.cancel")).await;
    is(&stage.step(&stage.ada, proposed.id(), "execute").await, 200, "executed");
    let given = "SELECT count(*) FROM rbac.overrides WHERE pattern = 'events.cancel' AND effect = 'allow'";
    assert_eq!(studio.count(given).await, 1);
    is(&stage.step(&stage.ada, proposed.id(), "revert").await, 200, "reverted");
    assert_eq!(studio.count(given).await, 0);
    stage.close().await;
}

#[tokio::test]
async fn sup_09_what_is_not_valid_or_not_seen_is_refused_by_name() {
    let stage = Stage::open().await;
    let form = |change: Value| {
        let mut form = stage.waive();
        form.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        form
    };
    for (change, pointer) in [
        (json!({ "kind": "door" }), "/kind"),
        (json!({ "target": "evt_12" }), "/target"),
        (json!({ "change": { "action": "dance" } }), "/change"),
        (json!({ "change": { "action": "waive", "all": true } }), "/change"),
        (json!({ "reason": "too short" }), "/reason"),
        (json!({ "confirm_within_hours": 169 }), "/confirm_within_hours"),
    ] {
        assert_eq!(stage.ada.post("/overrides", &form(change)).await.wrong(), (422, pointer));
    }
    let short = stage.ada.get("/overrides/search?kind=fee&q=a").await;
    assert_eq!(short.wrong(), (422, "q"));
    let (office, user) = (&stage.office, UserId::generate(stage.office.studio.now()));
    let elsewhere = office.caller(user, &[office.downtown], &["*"]);
    assert_eq!(elsewhere.post("/overrides", &stage.waive()).await.status, 404);
    assert_eq!(elsewhere.get("/overrides/search?kind=fee&q=ada").await.rows().len(), 0);
    let blind = office.as_staff(&["support.manual_override"]);
    let refused = blind.post("/overrides", &stage.waive()).await;
    assert_eq!(refused.refusal(), (403, "rbac.permission.missing"), "who may not see it overrides nothing");
    assert_eq!(blind.get("/overrides/search?kind=fee&q=ada").await.rows().len(), 0);
    stage.close().await;
}

#[tokio::test]
async fn sup_09_nobody_changes_the_log_or_what_was_proposed() {
    let stage = Stage::open().await;
    is(&stage.ada.post("/overrides", &stage.waive()).await, 201, "proposed");
    for forged in [
        "UPDATE support.override_steps SET step = 'confirm'",
        "DELETE FROM support.override_steps",
        "UPDATE support.manual_overrides SET reason = 'something else'",
        "DELETE FROM support.manual_overrides",
    ] {
        let refused = stage.office.studio.sql.execute(forged, &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{forged}");
    }
    stage.close().await;
}

#[tokio::test]
async fn sup_09_every_use_needs_a_second_factor_of_the_last_five_minutes() {
    let stage = Stage::open().await;
    let id = stage.ada.post("/overrides", &stage.waive()).await.id().to_owned();
    stage.office.studio.clock.pass(Duration::minutes(5));
    assert_eq!(stage.ada.get("/overrides").await.status, 200, "after five minutes to the microsecond");
    stage.office.studio.clock.pass(Duration::microseconds(1));
    let step_up = (403, "auth.factor.step_up_required");
    for verb in ["execute", "confirm", "revert"] {
        assert_eq!(stage.step(&stage.ada, &id, verb).await.refusal(), step_up, "{verb}");
    }
    assert_eq!(stage.ada.post("/overrides", &stage.waive()).await.refusal(), step_up);
    for path in ["/overrides", "/overrides/search?kind=fee&q=ada", &format!("/overrides/{id}")] {
        assert_eq!(stage.ada.get(path).await.refusal(), step_up, "{path}");
    }
    assert_eq!(stage.fee().await, 1000);
    stage.close().await;
}
