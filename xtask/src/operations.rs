//! The committed list of operation ids, compared with the contracts.
//!
//! Clients are generated from the contracts and name their functions after the operation ids. An id that changes
//! breaks them at build time, and an id that is reused for another operation breaks them silently.

use anyhow::{Context, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The services that have a contract.
pub const SERVICES: [&str; 2] = ["app-api", "crm-api"];
/// The list of operations, from the root of the workspace.
pub const LIST: &str = "docs/openapi/operations.txt";

// In place of the service, for an operation that no service has any more.
const REMOVED: &str = "removed";

/// Compares the list with the committed contracts below `root`.
///
/// # Errors
/// When they differ, naming each line, when an id names two operations, and when a body has no example.
pub fn check(root: &Path) -> anyhow::Result<usize> {
    let list = std::fs::read_to_string(root.join(LIST)).context(LIST)?;
    let mut contracts = Vec::new();
    for service in SERVICES {
        let path = root.join(format!("docs/openapi/{service}.json"));
        let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
        contracts.push((service, serde_json::from_slice(&text)?));
    }
    compare(&list, &contracts)
}

/// Compares a list with contracts; returns how many ids are in use.
fn compare(list: &str, contracts: &[(&str, Value)]) -> anyhow::Result<usize> {
    let listed: BTreeSet<String> = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(String::from)
        .collect();
    let mut found = BTreeSet::new();
    let mut operations: BTreeMap<&str, (String, &Value)> = BTreeMap::new();
    for (service, contract) in contracts {
        for (path, item) in contract["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Some(id) = operation["operationId"].as_str() else { continue };
                let place = format!("{} {path}", method.to_uppercase());
                for (body, media) in bodies(operation) {
                    ensure!(!media["example"].is_null(), "{place} has no example of {body}");
                }
                ensure!(found.insert(format!("{id} {service} {place}")), "`{id}` is used twice at {place}");
                // The same id in two services is the same operation, served by both.
                let (first, same) = operations.entry(id).or_insert_with(|| (place.clone(), operation));
                ensure!(
                    *first == place && *same == operation,
                    "the operation id `{id}` is used for {first} and for another operation, {place} of {service}"
                );
            }
        }
    }
    let removed = |line: &&String| line.split(' ').nth(1) == Some(REMOVED);
    for line in listed.iter().filter(removed) {
        let id = line.split(' ').next().unwrap_or_default();
        ensure!(!operations.contains_key(id), "`{id}` named a removed operation: choose another id ({LIST})");
    }
    let missing: Vec<_> = found.difference(&listed).map(|line| format!("+ {line}")).collect();
    let gone: Vec<_> =
        listed.difference(&found).filter(|line| !removed(line)).map(|line| format!("- {line}")).collect();
    ensure!(
        missing.is_empty() && gone.is_empty(),
        "{LIST} differs from the contracts. Add the lines of new operations (+); put back the ids of operations \
         that changed or disappeared (-), or write `{REMOVED}` in place of the service:\n{}",
        [gone, missing].concat().join("\n")
    );
    Ok(operations.len())
}

/// The bodies of an operation: which one, and its media type with schema and example.
fn bodies(operation: &Value) -> impl Iterator<Item = (String, &Value)> {
    let request = operation["requestBody"]["content"].as_object().into_iter().flatten();
    let request = request.map(|(media, body)| (format!("its request ({media})"), body));
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers = answers.filter(|(status, _)| status.starts_with('2')).flat_map(|(status, answer)| {
        let content = answer["content"].as_object().into_iter().flatten();
        content.map(move |(media, body)| (format!("its answer {status} ({media})"), body))
    });
    request.chain(answers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn contract(operations: &[(&str, &str, &str)]) -> Value {
        let mut contract = json!({ "paths": {} });
        for (id, method, path) in operations {
            contract["paths"][path][method] = json!({ "operationId": id });
        }
        contract
    }

    fn refusal(list: &str, operations: &[(&str, &str, &str)]) -> String {
        compare(list, &[("crm-api", contract(operations))]).unwrap_err().to_string()
    }

    const LISTED: &str = "# ids\nget_me crm-api GET /me\nold removed GET /old\n";

    #[test]
    fn the_committed_list_names_the_operations_of_the_committed_contracts() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert!(check(&root).unwrap() > 100);
    }

    /// The names of the types that sources make schemas of, each as often as it is declared.
    fn schemas(sources: &[(String, String)]) -> Vec<&str> {
        let derived = sources.iter().flat_map(|(_, text)| text.split("#[derive(").skip(1));
        let derived =
            derived.filter(|rest| rest.split(")]").next().is_some_and(|list| list.contains("ToSchema")));
        derived.filter_map(|rest| declared(rest, ["struct ", "enum "])).collect()
    }

    fn declared<'t>(text: &'t str, kinds: [&str; 2]) -> Option<&'t str> {
        let line = text.lines().find(|line| kinds.iter().any(|kind| is_item(line, kind)))?;
        let name = kinds.iter().find_map(|kind| line.split_once(kind))?.1;
        // In a macro, the name is a variable.
        name.split(|c: char| !c.is_alphanumeric()).next().filter(|name| !name.is_empty())
    }

    fn is_item(line: &str, kind: &str) -> bool {
        let before = line.split(kind).next().unwrap_or_default();
        line.contains(kind) && !line.trim_start().starts_with(['/', '#']) && !before.contains('"')
    }

    // `When` is written out where it is a parameter, and is no schema by itself.
    #[test]
    fn no_two_types_have_schemas_of_the_same_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sources = crate::denials::sources(&root).unwrap();
        let all = schemas(&sources);
        assert!(all.len() > 150, "{}", all.len());
        let twice: BTreeSet<_> =
            all.iter().filter(|name| all.iter().filter(|other| other == name).count() > 1).collect();
        assert_eq!(twice, BTreeSet::from([&"When"]), "the contract would have one of them for both");
    }

    #[test]
    fn an_id_may_be_served_by_both_services_when_it_is_the_same_operation() {
        let same = contract(&[("get_me", "get", "/me")]);
        let list = format!("{LISTED}get_me app-api GET /me\n");
        let contracts = [("crm-api", same.clone()), ("app-api", same.clone())];
        assert_eq!(compare(&list, &contracts).unwrap(), 1);
        let mut other = same.clone();
        other["paths"]["/me"]["get"]["summary"] = json!("Get my client profile");
        let refused = compare(&list, &[("crm-api", same), ("app-api", other)]).unwrap_err().to_string();
        assert!(refused.contains("`get_me` is used for GET /me and for another operation"), "{refused}");
    }

    #[test]
    fn an_id_that_changed_disappeared_or_is_new_is_named() {
        assert!(compare(LISTED, &[("crm-api", contract(&[("get_me", "get", "/me")]))]).is_ok());
        let changed = refusal(LISTED, &[("get_user", "get", "/me")]);
        assert!(changed.contains("- get_me crm-api GET /me\n+ get_user crm-api GET /me"), "{changed}");
        let moved = refusal(LISTED, &[("get_me", "get", "/users/me")]);
        assert!(moved.contains("- get_me crm-api GET /me\n+ get_me crm-api GET /users/me"), "{moved}");
        assert!(refusal(LISTED, &[]).contains("- get_me crm-api GET /me"));
    }

    #[test]
    fn a_body_without_an_example_is_named() {
        let with = |example: Value| {
            let mut contract = contract(&[("get_me", "get", "/me")]);
            let body = json!({ "content": { "application/json": { "example": example } } });
            contract["paths"]["/me"]["get"]["responses"] = json!({ "200": body, "default": {} });
            compare(LISTED, &[("crm-api", contract)])
        };
        assert_eq!(with(json!({ "id": 1 })).unwrap(), 1);
        let missing = with(Value::Null).unwrap_err().to_string();
        assert_eq!(missing, "GET /me has no example of its answer 200 (application/json)");
    }

    #[test]
    fn an_id_that_is_reused_is_refused() {
        let twice = refusal(LISTED, &[("get_me", "get", "/me"), ("get_me", "put", "/me")]);
        assert!(twice.contains("the operation id `get_me` is used for GET /me"), "{twice}");
        let again = refusal(LISTED, &[("get_me", "get", "/me"), ("old", "get", "/new")]);
        assert!(again.contains("`old` named a removed operation"), "{again}");
    }
}
