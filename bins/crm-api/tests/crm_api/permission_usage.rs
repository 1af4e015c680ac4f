//! Which permissions employees use, and the review of what they hold, over HTTP.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::office::{Caller, TestStaff};
use chrono::{Days, Duration};
use reqwest::Client;
use serde_json::{Value, json};
use tryzore_kernel::UserId;
use tryzore_postgres::PermissionUse;
use tryzore_rbac::Slug;

const REPORT: &str = "/staff/permission-usage";

/// The permissions that are reported for `user`, each with its last day.
async fn unused(caller: &Caller, path: &str, user: UserId) -> Vec<(String, Option<String>)> {
    let report = caller.get(path).await;
    assert_eq!(report.status, 200, "{report:?}");
    let row = report.rows().iter().find(|row| row["user_id"] == json!(user.to_string())).unwrap().clone();
    let rows = row["unused"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    rows.map(|row| (text(&row["permission"]).unwrap(), text(&row["last_used_on"]))).collect()
}

fn names(unused: &[(String, Option<String>)]) -> Vec<&str> {
    unused.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn rba_03_a_permission_is_reported_until_it_is_used_and_again_after_the_days() {
    let office = TestStaff::open().await;
    let (owner, main) = (office.as_owner(), office.studio.main);
    let clerk = UserId::generate(office.studio.now());
    office.hire(clerk, "front_desk").await;
    let before = unused(&owner, REPORT, clerk).await;
    let all = ["events.view_all", "events.manage_attendance", "clients.view_all", "clients.create"];
    assert_eq!(names(&before), all);
    assert!(before.iter().all(|(_, day)| day.is_none()), "never since recording began");

    let as_clerk = office.caller(clerk, &[main], &all);
    assert_eq!(as_clerk.get("/clients").await.status, 200);
    assert_eq!(as_clerk.get("/staff").await.status, 403, "what is refused is not used");
    office.api.write_permission_use().await;
    assert_eq!(names(&unused(&owner, REPORT, clerk).await), [all[0], all[1], all[3]]);
    let used_on = office.studio.now().date_naive();
    office.studio.clock.pass(Duration::days(89));
    assert_eq!(unused(&owner, REPORT, clerk).await.len(), 3);
    office.studio.clock.pass(Duration::days(1));
    let after = unused(&owner, REPORT, clerk).await;
    assert_eq!(after[2], ("clients.view_all".into(), Some(used_on.to_string())));
    assert_eq!(unused(&owner, &format!("{REPORT}?unused_days=91"), clerk).await.len(), 3);

    // A batch of another process that comes late does not turn the day back, and two days may be in one batch.
    let view = Slug::find("clients.view_all").into_iter().collect();
    let of = |day| PermissionUse { user: clerk, day, used: view };
    let batch = [of(used_on - Days::new(9)), of(used_on - Days::new(1))];
    office.studio.db.permission_use_write(office.studio.tenant, &batch).await.unwrap();
    assert_eq!(unused(&owner, REPORT, clerk).await, after);
    let stranger = PermissionUse { user: UserId::generate(office.studio.now()), ..of(used_on) };
    office.studio.db.permission_use_write(office.studio.tenant, &[stranger]).await.unwrap();
    let rows = format!("SELECT count(*) FROM rbac.permission_use WHERE user_id <> '{}'", office.owner.uuid());
    assert_eq!(office.studio.count(&rows).await, 1, "of employees only");

    let gift = json!({
        "pattern": "financials.process_refund", "effect": "allow", "organization_id": main, "reason": "counts the till",
        "expires_at": office.studio.now() + Duration::days(1),
    });
    assert_eq!(owner.put(&format!("/staff/{clerk}/overrides"), None, &gift).await.status, 200);
    let report = owner.get(REPORT).await;
    let row = report.rows().iter().find(|row| row["user_id"] == json!(clerk.to_string())).unwrap();
    let by = |name: &str| {
        let unused = row["unused"].as_array().unwrap().iter();
        unused.filter(|row| row["permission"] == name).map(|row| row["granted_by"].clone()).next().unwrap()
    };
    assert_eq!(
        by("financials.process_refund"),
        json!([{"role_id": null, "name": "financials.process_refund", "organization_id": main, "expires_at": gift["expires_at"]}])
    );
    let role = office.role("front_desk");
    assert_eq!(
        by("clients.create"),
        json!([{"role_id": role.id, "name": role.name, "organization_id": main, "expires_at": null}])
    );
    assert_eq!(owner.delete(&format!("/staff/{clerk}"), None).await.status, 204);
    assert_eq!(office.studio.count(&rows).await, 0, "of employees only");
    office.api.stop().await;
}

#[tokio::test]
async fn rba_03_the_report_has_pages_and_shows_only_where_the_caller_manages_roles() {
    let (office, other) = (TestStaff::open().await, TestStaff::open().await);
    let (owner, clerk) = (office.as_owner(), UserId::generate(office.studio.now()));
    office.hire(clerk, "trainer").await;
    for (days, status) in [(0, 422), (1, 200), (730, 200), (731, 422)] {
        for path in [REPORT, "/staff/access-review"] {
            let path = format!("{path}?unused_days={days}");
            let url = format!("{}{path}", owner.base);
            let answer = Client::new().get(url).bearer_auth(&owner.token).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{path}");
        }
    }
    let first = owner.get(&format!("{REPORT}?limit=1")).await;
    let next = first.body["next_cursor"].as_str().unwrap();
    let second = owner.get(&format!("{REPORT}?limit=1&cursor={next}")).await;
    assert_eq!((first.rows().len(), second.rows().len()), (1, 1));
    assert_ne!(first.rows()[0]["user_id"], second.rows()[0]["user_id"]);
    assert_eq!(second.body["next_cursor"], Value::Null);

    let elsewhere = office.caller(UserId::generate(office.studio.now()), &[office.downtown], &["settings.*"]);
    assert_eq!(elsewhere.get(REPORT).await.rows().len(), 0);
    let stranger = other.as_owner().get(REPORT).await;
    assert!(stranger.rows().iter().all(|row| row["user_id"] != json!(clerk.to_string())));
    for path in [REPORT, "/staff/access-review"] {
        let refused = office.as_staff(&["settings.manage_staff"]).get(path).await;
        assert_eq!(refused.refusal(), (403, "rbac.permission.missing"));
    }
    office.api.stop().await;
    other.api.stop().await;
}

#[tokio::test]
async fn rba_03_the_review_of_access_is_a_file_with_a_line_for_each_role_and_override() {
    let office = TestStaff::open().await;
    let (owner, main) = (office.as_owner(), office.studio.main);
    let clerk = UserId::generate(office.studio.now());
    office.hire(clerk, "trainer").await;
    let rename = "UPDATE tenancy.employees SET name = $3 WHERE tenant_id = $1 AND user_id = $2";
    let ids = (office.studio.tenant.uuid(), clerk.uuid());
    office.studio.sql.execute(rename, &[&ids.0, &ids.1, &"=HYPERLINK(\"x\")"]).await.unwrap();
    let end = office.studio.now() + Duration::hours(1);
    let body = json!({
        "pattern": "clients.create", "effect": "allow", "organization_id": main, "reason": "cover", "expires_at": end,
    });
    assert_eq!(owner.put(&format!("/staff/{clerk}/overrides"), None, &body).await.status, 200);
    let file = async || {
        let url = format!("{}/staff/access-review", owner.base);
        let answer = Client::new().get(url).bearer_auth(&owner.token).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
        let lines: Vec<_> = text.trim_end().split("\r\n").map(str::to_owned).collect();
        assert!(lines[0].starts_with("\u{feff}\"user_id\",\"name\",\"kind\","), "{}", lines[0]);
        lines.into_iter().filter(|line| line.contains(&clerk.to_string())).collect::<Vec<_>>()
    };
    let [role, cover] = &file().await[..] else { panic!("a role and an override") };
    let start = format!(
        "\"{clerk}\",\"'=HYPERLINK(\"\"x\"\")\",\"role\",\"Trainer\",\"allow\",\"organization\",\"{main}\","
    );
    assert!(role.starts_with(&start), "{role}");
    assert!(role.contains(",\"\",\"active\",\"\",\"events.view_own events.edit_own"), "{role}");
    assert!(cover.contains("\"override\",\"clients.create\",\"allow\",\"organization\""), "{cover}");
    assert!(cover.ends_with("\"active\",\"\",\"clients.create\""), "{cover}");
    office.studio.clock.set(end);
    let ended = file().await;
    assert!(ended[1].ends_with("\"expired\",\"\",\"\""), "{}", ended[1]);
    office.api.stop().await;
}
