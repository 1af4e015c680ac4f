//! The ids of the demo, so that calls reach existing objects.

use crate::caller::Caller;
use chrono::TimeDelta;
use serde_json::Value;

/// The ids of each kind of object in paths and queries; none where the caller may not list them.
pub(super) async fn known(caller: &Caller) -> anyhow::Result<Vec<(&'static str, Vec<String>)>> {
    let now = caller.get("/auth/me").await?.at;
    let day = |days| (now + TimeDelta::days(days)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let schedule = format!("/events?from={}&to={}&limit=200", day(-20), day(40));
    let lists = [
        ("organization_id", "/organizations".to_owned(), "id"),
        ("client_id", "/clients".to_owned(), "id"),
        ("event_id", schedule, "id"),
        ("template_id", "/event-templates".to_owned(), "id"),
        ("series_id", "/event-series".to_owned(), "id"),
        ("role_id", "/roles".to_owned(), "id"),
        ("user_id", "/staff".to_owned(), "user_id"),
        ("booking_id", "/bookings".to_owned(), "id"),
        ("tenant_id", "/platform/tenants".to_owned(), "id"),
    ];
    let mut known = Vec::new();
    for (name, path, id) in lists {
        let answer = caller.get(&path).await?.body;
        known.push((name, field(answer.as_array().or(answer["data"].as_array()), id)));
    }
    let events = known.iter().find(|(name, _)| *name == "event_id").map_or(&[][..], |(_, ids)| ids);
    let mut booked = Vec::new();
    for event in events.iter().take(20) {
        let roster = caller.get(&format!("/events/{event}/roster")).await?.body;
        booked.extend(field(roster["clients"].as_array(), "booking_id"));
    }
    known.extend((!booked.is_empty()).then_some(("booking_id", booked)));
    known.retain(|(_, ids)| !ids.is_empty());
    Ok(known)
}

/// A field of each item of a list.
fn field(items: Option<&Vec<Value>>, name: &str) -> Vec<String> {
    items.into_iter().flatten().filter_map(|item| item[name].as_str().map(str::to_owned)).collect()
}
