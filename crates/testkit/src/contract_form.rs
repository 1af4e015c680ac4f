//! The form of the fields that a contract names: ids and money.

use serde_json::Value;
use std::collections::BTreeSet;
use tryzore_web::server::{Routes, contract};

/// The fields of the contract of `routes` that break a rule of form, each as `Schema.field`, or as
/// `operation_id.field` where a schema has no name.
///
/// - A field that holds an id is called `id` or ends in `_id`, and one that holds several ends in `_ids`.
/// - An amount is a `Money`: no other schema has minor units.
#[must_use]
pub fn fields_of_another_form(routes: Routes) -> BTreeSet<String> {
    let contract = serde_json::to_value(contract("Form", "", routes)).unwrap();
    let mut found = BTreeSet::new();
    for (name, schema) in contract["components"]["schemas"].as_object().unwrap() {
        // A page has a copy of the schema of its items.
        look(&contract, name.strip_prefix("Page_").unwrap_or(name), schema, &mut found);
    }
    let operations = contract["paths"].as_object().unwrap().values();
    for operation in operations.flat_map(|path| path.as_object().unwrap().values()) {
        look(&contract, operation["operationId"].as_str().unwrap(), operation, &mut found);
    }
    found
}

fn look(contract: &Value, name: &str, node: &Value, found: &mut BTreeSet<String>) {
    match node {
        Value::Object(parts) => {
            let fields = node["properties"].as_object().into_iter().flatten();
            let broken = fields.filter(|(field, schema)| !has_form(contract, name, field, schema));
            found.extend(broken.map(|(field, _)| format!("{name}.{field}")));
            parts.values().for_each(|part| look(contract, name, part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| look(contract, name, part, found)),
        _ => {}
    }
}

fn has_form(contract: &Value, of: &str, field: &str, schema: &Value) -> bool {
    let is_minor = field == "minor" || field.ends_with("_minor") || field.ends_with("_cents");
    match ids(contract, schema) {
        Some(Ids::One) => field == "id" || field.ends_with("_id"),
        Some(Ids::Several) => field.ends_with("_ids"),
        None => !is_minor || (of, field) == ("Money", "minor"),
    }
}

enum Ids {
    One,
    Several,
}

/// What a value of `schema` is, if it is made of ids.
fn ids(contract: &Value, schema: &Value) -> Option<Ids> {
    if let Some(reference) = schema["$ref"].as_str() {
        return ids(contract, contract.pointer(&reference[1..]).unwrap());
    }
    let is_id = schema["format"] == "uuid"
        || schema["pattern"].as_str().is_some_and(|pattern| pattern.ends_with("[0-9a-f]{12})$"));
    if is_id {
        return Some(Ids::One);
    }
    if schema["items"].is_object() {
        return ids(contract, &schema["items"]).map(|_| Ids::Several);
    }
    let choices = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|kind| schema[kind].as_array());
    choices.flatten().find_map(|choice| ids(contract, choice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn broken(fields: Value) -> Vec<String> {
        let id = json!({ "type": "string", "pattern": "^(evt_)?([0-9a-f]{32}|[0-9a-f]{12})$" });
        let contract = json!({ "EventId": id });
        let mut found = BTreeSet::new();
        look(&contract, "View", &json!({ "allOf": [{ "properties": fields }] }), &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn a_field_of_another_form_is_found_wherever_it_is() {
        let id = json!({ "$ref": "#/EventId" });
        let nullable = json!({ "oneOf": [{ "type": "null" }, id] });
        let several = json!({ "type": "array", "items": id });
        let text = json!({ "type": "string" });
        let right = json!({
            "id": id, "event_id": nullable, "event_ids": several, "organization": { "properties": { "id": id } },
            "minority": text, "grid": text
        });
        assert!(broken(right).is_empty());
        let wrong = json!({
            "event": id, "held": nullable, "events": several, "other_id": several, "some_ids": id,
            "fee_minor": { "type": "integer" }, "fee_cents": { "type": "integer" }, "minor": { "type": "integer" }
        });
        let names = ["event", "events", "fee_cents", "fee_minor", "held", "minor", "other_id", "some_ids"];
        assert_eq!(broken(wrong), names.map(|name| format!("View.{name}")));
    }
}
