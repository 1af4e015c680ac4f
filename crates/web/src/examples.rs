//! Examples of requests and answers, made from their schemas.
//!
//! A field is what its schema gives as an example; otherwise its first word, or a value of its format; a text is one
//! that fits its name. So every body of the contract has a complete example, and none can be out of date.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use utoipa::openapi::{Components, RefOr, content::Content, path::Operation};

// Deeper than any schema; one that contains itself ends here.
const DEPTH: usize = 24;

/// Texts by the name of their field.
const TEXTS: [(&str, &str); 76] = [
    ("access_token", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMDE5MyJ9.c2lnbmF0dXJl"),
    ("action", "roles.edit"),
    ("added_by_name", "Grace Hopper"),
    ("address", "Via Roma 1, Torino"),
    ("because", "unpaid invoices"),
    ("body", "{}"),
    ("booked_by_name", "Grace Hopper"),
    ("business_name", "Fit & Co"),
    ("category", "Yoga"),
    ("code", "events.book.full"),
    ("code_verifier", "c2VjcmV0LXZlcmlmaWVy"),
    ("command", "events.book"),
    ("country", "IT"),
    ("currency", "EUR"),
    ("delimiter", ","),
    ("description", "A class for everybody."),
    ("detail", "expected at least 1"),
    ("device_name", "Ada's phone"),
    ("encoding", "UTF-8"),
    ("equipment", "mats"),
    ("error_message", "the database cannot be reached"),
    ("event_type", "session.revoked"),
    ("excuse", "ill"),
    ("external_id", "event_01H4"),
    ("external_ref", "4711"),
    ("fact", "event.spots_total"),
    ("family_name", "Rossi"),
    ("file_name", "clients.csv"),
    ("given_name", "Ada"),
    ("header", "E-mail"),
    ("ip_address", "192.0.2.7"),
    ("jurisdiction", "IT"),
    ("kid", "2026-03"),
    ("kind", "mail.send"),
    ("last_error", "the database cannot be reached"),
    ("local_start", "2026-03-30T18:30:00+02:00"),
    ("local_time", "18:30:00"),
    ("locale", "it"),
    ("location", "Room 1"),
    ("location_names", "Downtown"),
    ("next", "Follow the link in the mail."),
    ("notes", "its time zone is unknown"),
    ("organization_name", "Downtown"),
    ("passed_over", "events.book.client_archived"),
    ("pattern", "events.create"),
    ("patterns", "events.*"),
    ("permission", "events.create"),
    ("permissions", "events.create"),
    ("phone", "+393331234567"),
    ("plan_tiers", "pro"),
    ("pointer", "/name"),
    ("prefix", "0193a5b2"),
    ("preset", "trainer"),
    ("processed_by", "job_0193a5b2c4d67e8f9a0b1c2d3e4f5061"),
    ("provider", "workos"),
    ("provider_organization", "org_01H4"),
    ("reason", "The trainer is ill."),
    ("reasons", "it has no start"),
    ("redirect_uri", "https://app.example.com/signed-in"),
    ("refresh_token", "tzr_c2VjcmV0"),
    ("registration_number", "IT12345678901"),
    ("reviewed_permissions", "events.*"),
    ("role_name", "Trainer"),
    ("rule", "FREQ=WEEKLY;BYDAY=MO"),
    ("sample", "03/04/1990"),
    ("staff_name", "Grace Hopper"),
    ("state", "c3RhdGU"),
    ("status_reason", "The trainer is ill."),
    ("text", "Join the waitlist."),
    ("time_zone", "Europe/Rome"),
    ("title", "Yoga"),
    ("token", "tzo_c2VjcmV0"),
    ("uid", "4711@example.com"),
    ("url", "https://signin.example.com/authorize"),
    ("user_agent", "Mozilla/5.0"),
    ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
];

/// Moments by the name of their field; all others are [`MOMENT`].
const MOMENTS: [(&str, &str); 5] = [
    ("starts_at", "2026-03-30T18:30:00+02:00"),
    ("ends_at", "2026-03-30T19:30:00+02:00"),
    ("expires_at", "2026-04-30T09:00:00Z"),
    ("refresh_expires_at", "2026-04-30T09:00:00Z"),
    ("locked_until", "2026-03-02T11:15:00Z"),
];
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\nBEGIN:VEVENT\r\nUID:4711@example.com\r\n\
    DTSTAMP:20260302T110000Z\r\nDTSTART:20260330T163000Z\r\nDTEND:20260330T173000Z\r\nSUMMARY:Yoga\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";
const STREAM: &str = "id: 4711\nevent: events.booked\ndata: {\"spots_free\":3}\n\n";
const MOMENT: &str = "2026-03-02T11:00:00Z";

/// The schemas of a contract, from which examples are made.
pub(crate) struct Examples(Value);

impl Examples {
    pub(crate) fn of(components: &Components) -> Self {
        Self(serde_json::to_value(&components.schemas).unwrap_or_default())
    }

    /// The names of the schemas that requests contain, also within others.
    pub(crate) fn of_requests<'a>(
        &self,
        operations: impl Iterator<Item = &'a Operation>,
    ) -> BTreeSet<String> {
        let mut open = Vec::new();
        for operation in operations {
            let asked = json!([operation.request_body, operation.parameters]);
            references(&asked, &mut open);
        }
        let mut found = BTreeSet::new();
        while let Some(name) = open.pop() {
            references(&self.0[&name], &mut open);
            // A schema that was found before has been followed before.
            open.retain(|name| !found.contains(name));
            found.insert(name);
        }
        found
    }

    /// Adds an example to each body of `operation` that has none.
    pub(crate) fn add(&self, operation: &mut Operation) {
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.content.iter_mut().for_each(|(media, content)| self.complete(media, content));
        }
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response
                && status.starts_with('2')
            {
                response.content.iter_mut().for_each(|(media, content)| self.complete(media, content));
            }
        }
    }

    fn complete(&self, media: &str, content: &mut RefOr<Content>) {
        let RefOr::T(content) = content else { return };
        if content.example.is_some() || !content.examples.is_empty() {
            return;
        }
        content.example = match media {
            "application/json" => {
                let schema = content.schema.as_ref().and_then(|schema| serde_json::to_value(schema).ok());
                schema.map(|schema| self.value(&schema, "", "", DEPTH))
            }
            "text/calendar" => Some(json!(CALENDAR)),
            "text/event-stream" => Some(json!(STREAM)),
            "text/csv" => Some(json!("given_name,family_name,email\nAda,Rossi,ada@example.com\n")),
            _ => None,
        };
    }

    /// A value of `schema`, which is the field `field` of the schema `parent`.
    fn value(&self, schema: &Value, parent: &str, field: &str, depth: usize) -> Value {
        if depth == 0 || field == "next_cursor" {
            return Value::Null;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            return self.value(&self.0[name], name, field, depth - 1);
        }
        for given in [&schema["example"], &schema["examples"][0], &schema["enum"][0], &schema["default"]] {
            if !given.is_null() {
                return given.clone();
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.value(part, parent, field, depth - 1));
            let objects =
                parts.filter_map(|part| if let Value::Object(object) = part { Some(object) } else { None });
            return Value::Object(objects.flatten().collect());
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let choice = choices.iter().find(|choice| choice["type"] != "null");
            return choice.map_or(Value::Null, |choice| self.value(choice, parent, field, depth - 1));
        }
        let kind = schema["type"].as_str().or_else(|| {
            let kinds = schema["type"].as_array()?;
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null")
        });
        match kind {
            Some("string") => Value::from(text(schema, parent, field)),
            Some("integer" | "number") => {
                schema.get("minimum").filter(|least| **least != 0).cloned().unwrap_or(json!(1))
            }
            Some("boolean") => json!(false),
            Some("array") => {
                let one = self.value(&schema["items"], parent, field, depth - 1);
                if one.is_null() { json!([]) } else { json!([one]) }
            }
            Some("object") => {
                let fields = schema["properties"].as_object().into_iter().flatten();
                let fields =
                    fields.map(|(name, field)| (name.clone(), self.value(field, parent, name, depth - 1)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            _ => Value::Null,
        }
    }
}

fn text(schema: &Value, parent: &str, field: &str) -> &'static str {
    let named =
        |texts: &[(&str, &'static str)]| texts.iter().find(|(name, _)| *name == field).map(|(_, text)| *text);
    match schema["format"].as_str() {
        Some("date-time") => named(&MOMENTS).unwrap_or(MOMENT),
        Some("date") => "2026-03-30",
        Some("uuid") => "0193a5b2-7c4d-7e1f-8a2b-3c4d5e6f7081",
        Some("email") => "ada@example.com",
        Some("password") => "a long password",
        _ if field.ends_with("email") => "ada@example.com",
        _ if field == "name" => {
            let is = |words: &[&str]| words.iter().any(|word| parent.contains(word));
            match parent {
                _ if is(&["Location", "Organization"]) => "Downtown",
                _ if is(&["Room"]) => "Studio 1",
                _ if is(&["Role"]) => "Trainer",
                _ if is(&["Tenant"]) => "Fit & Co",
                _ if is(&["Key"]) => "Door",
                _ if is(&["Device"]) => "Ada's phone",
                _ if is(&["Event", "Series", "Template", "Booking", "Wait", "Visit"]) => "Yoga",
                _ if is(&["Calendar"]) => "Classes",
                _ if is(&["File"]) => "clients.csv",
                _ => "Ada Rossi",
            }
        }
        _ => named(&TEXTS).unwrap_or("text"),
    }
}

/// The names of the schemas to which `value` refers.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(name) =
                fields.get("$ref").and_then(|reference| reference.as_str()?.rsplit('/').next())
            {
                found.push(name.to_owned());
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
