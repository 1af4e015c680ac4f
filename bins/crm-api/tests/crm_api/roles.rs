//! Roles, overrides and why someone can, over HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::office::TestStaff;
use serde_json::{Value, json};
use tryzore_kernel::UserId;

fn role(name: &str, patterns: &[&str]) -> Value {
    json!({"name": name, "description": "", "scope": "organization", "patterns": patterns})
}

#[tokio::test]
async fn rba_03_a_tenant_makes_roles_of_its_own() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let owner = office.as_owner();
    let presets = owner.get("/roles").await;
    assert_eq!(presets.rows().len(), 6, "RBA-02");
    let preset = format!("/roles/{}", office.role("trainer").id);
    let kept = owner.put(&preset, Some("\"v1\""), &role("Mine", &["events.create"])).await;
    assert_eq!(kept.refusal(), (409, "rbac.role.preset"));

    let made = owner.post("/roles", &role("Planner", &["events.create", "events.view_*"])).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["permissions"], json!(["events.view_all", "events.view_own", "events.create"]));
    let at = format!("/roles/{}", made.id());
    assert_eq!(
        owner.post("/roles", &role("planner", &["events.create"])).await.refusal(),
        (409, "rbac.role.name_taken")
    );
    assert_eq!(
        owner.post("/roles", &role("X", &["events.create", "ev*"])).await.wrong(),
        (422, "/patterns/1")
    );
    let read = owner.get(&at).await;
    assert_eq!((read.status, read.etag.as_deref(), &read.body["holders"]), (200, Some("\"v1\""), &json!(0)));
    assert_eq!((made.etag, made.body), (read.etag, read.body), "what is created is answered as it is read");
    let changed = owner.put(&at, Some("\"v1\""), &role("Planner", &["events.create"])).await;
    assert_eq!((changed.status, changed.etag.as_deref()), (200, Some("\"v2\"")));
    assert_eq!((&changed.body["holders"], &changed.body["is_editable"]), (&json!(0), &json!(true)));
    assert_eq!(changed.body, owner.get(&at).await.body);
    assert_eq!(owner.put(&at, Some("\"v1\""), &role("Planner", &["events.*"])).await.status, 412);

    let clerk = office.as_staff(&["settings.manage_roles", "events.view_all"]);
    let more = clerk.post("/roles", &role("Boss", &["events.*"])).await;
    assert_eq!(more.refusal(), (403, "rbac.give.exceeds_own"));
    let inviter = office.as_staff(&["settings.manage_staff"]);
    assert_eq!(inviter.get(&at).await.status, 200, "an inviter reviews what a role gives");
    assert_eq!(inviter.delete(&at, Some("\"v2\"")).await.status, 403);
    assert_eq!(office.as_staff(&["events.view_all"]).get("/permissions").await.status, 403);
    let stranger = other.as_owner();
    assert_eq!(stranger.get(&at).await.status, 404);
    assert_eq!(stranger.delete(&at, Some("\"v2\"")).await.status, 404);

    assert_eq!(owner.delete(&at, Some("\"v1\"")).await.status, 412);
    assert_eq!(owner.delete(&at, Some("\"v2\"")).await.status, 204);
    assert_eq!(owner.get(&at).await.status, 404);
    office.api.stop().await;
    other.api.stop().await;
}

#[tokio::test]
async fn rba_03_what_is_given_by_hand_is_explained_and_undone() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let (owner, main) = (office.as_owner(), office.studio.main);
    let clerk = UserId::generate(office.studio.now());
    office.hire(clerk, "trainer").await;
    let overrides = format!("/staff/{clerk}/overrides");
    let why = format!(
        "/permissions/explain?user_id={clerk}&permission=financials.process_refund&organization_id={main}"
    );
    let who = format!("/permissions/who-can?permission=financials.process_refund&organization_id={main}");

    let before = owner.get(&why).await;
    assert_eq!((&before.body["allowed"], &before.body["because"]["by"]), (&json!(false), &json!("default")));
    let mut gift = json!({
        "pattern": "financials.process_refund", "effect": "allow", "organization_id": main.to_string(), "reason": "counts the till",
    });
    let given = owner.put(&overrides, None, &gift).await;
    assert_eq!((given.status, &given.body["user_id"]), (200, &json!(clerk)));
    assert_eq!(given.body, owner.get(&overrides).await.rows()[0], "as it is listed");
    let after = owner.get(&why).await;
    assert_eq!(
        (&after.body["allowed"], &after.body["because"]["by"]),
        (&json!(true), &json!("allow_override"))
    );
    let can = owner.get(&who).await;
    assert!(can.rows().iter().any(|row| row["user_id"] == json!(clerk.to_string())), "{can:?}");
    assert_eq!(owner.get(&overrides).await.rows()[0]["reason"], json!("counts the till"));

    let own = owner.put(&format!("/staff/{}/overrides", office.owner), None, &gift).await;
    assert_eq!(own.refusal(), (403, "rbac.override.own"));
    let keeper = office.as_staff(&["settings.manage_roles"]);
    assert_eq!(keeper.put(&overrides, None, &gift).await.refusal(), (403, "rbac.give.exceeds_own"));
    let stranger = other.as_owner();
    assert_eq!(stranger.put(&overrides, None, &gift).await.status, 404);
    assert_eq!(stranger.get(&why).await.status, 404);
    assert_eq!(stranger.get(&overrides).await.status, 404);
    let unheard_of = UserId::generate(office.studio.now());
    assert_eq!(owner.get(&format!("/staff/{unheard_of}/overrides")).await.refusal(), (404, "not_found"));
    let elsewhere = office.caller(unheard_of, &[office.downtown], &["settings.manage_roles"]);
    assert_eq!(elsewhere.get(&overrides).await.status, 404, "she works where this one manages nothing");
    let here = json!({
        "pattern": "settings.manage_roles", "effect": "allow", "organization_id": office.downtown.to_string(), "reason": "x",
    });
    for user in [clerk, UserId::generate(office.studio.now())] {
        let at = format!("/staff/{user}/overrides");
        let given = elsewhere.put(&at, None, &here).await;
        assert_eq!(given.refusal(), (404, "not_found"), "who works elsewhere is nobody here");
        let undo = format!("{at}?pattern=settings.manage_roles&organization_id={}", office.downtown);
        assert_eq!(elsewhere.delete(&undo, None).await.body["detail"], given.body["detail"]);
        let why = format!(
            "/permissions/explain?user_id={user}&permission=events.create&organization_id={}",
            office.downtown
        );
        assert_eq!(elsewhere.get(&why).await.body["detail"], given.body["detail"]);
    }
    gift["pattern"] = json!("nothing");
    assert_eq!(owner.put(&overrides, None, &gift).await.wrong(), (422, "/pattern"));
    let unknown = owner.get(&format!("/permissions/who-can?permission=nothing&organization_id={main}")).await;
    assert_eq!(unknown.wrong(), (422, "permission"));

    let undo = format!("{overrides}?pattern=financials.process_refund&organization_id={main}");
    assert_eq!(owner.delete(&undo, None).await.status, 204);
    assert_eq!(owner.delete(&undo, None).await.status, 404);
    assert_eq!(owner.get(&why).await.body["allowed"], json!(false));
    office.api.stop().await;
    other.api.stop().await;
}
