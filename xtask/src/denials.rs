//! The catalogue of denials, compared with the sources and the contracts.
//!
//! The web crate checks every denial that a test is answered with. What no test is answered with is checked here, from
//! the text of the sources.

use crate::operations::SERVICES;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The catalogue, from the root of the workspace.
pub const CATALOGUE: &str = "docs/denials.md";

// The section of the codes that no operation answers with.
const BACKGROUND: &str = "In the background";

/// Compares the catalogue with the sources and the committed contracts below `root`; returns the number of codes.
///
/// # Errors
/// With everything that differs.
pub fn check(root: &Path) -> anyhow::Result<usize> {
    let catalogue = std::fs::read_to_string(root.join(CATALOGUE)).context(CATALOGUE)?;
    let mut contracts = Vec::new();
    for service in SERVICES {
        let path = root.join(format!("docs/openapi/{service}.json"));
        contracts.push(serde_json::from_slice(&std::fs::read(&path)?).context(service)?);
    }
    let sources = sources(root)?;
    let faults = compare(&catalogue, &contracts, &sources);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(sections(&catalogue).len())
}

/// The sources of the product: path and text, without what is for tests.
pub(crate) fn sources(root: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("crates"), root.join("bins")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir()
                && !["tests", "examples", "benches", "testkit", "bench", "testing"].contains(&name)
            {
                folders.push(path);
            } else if name.ends_with(".rs") && !["tests.rs", "testing.rs"].contains(&name) {
                let text = std::fs::read_to_string(&path)?;
                let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
                found.push((path.strip_prefix(root)?.display().to_string(), product));
            }
        }
    }
    Ok(found)
}

/// The section of each code of the catalogue.
fn sections(catalogue: &str) -> BTreeMap<&str, &str> {
    let mut section = "";
    let mut codes = BTreeMap::new();
    for line in catalogue.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        }
        if let Some((code, _)) = line.strip_prefix("| `").and_then(|row| row.split_once('`')) {
            codes.insert(code, section);
        }
    }
    codes
}

fn compare(catalogue: &str, contracts: &[Value], sources: &[(String, String)]) -> Vec<String> {
    let sections = sections(catalogue);
    let mut faults = Vec::new();
    let mut declared = BTreeSet::new();
    let mut operations = BTreeSet::new();
    for contract in contracts {
        let shared = contract["x-denials"].as_array().into_iter().flatten();
        declared.extend(shared.filter_map(Value::as_str));
        for operation in
            contract["paths"].as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object())
        {
            for operation in operation.values() {
                operations.extend(operation["operationId"].as_str());
                let own = operation["x-denials"].as_array().into_iter().flatten();
                declared.extend(own.filter_map(Value::as_str));
            }
        }
    }
    for code in declared.iter().filter(|code| !sections.contains_key(*code)) {
        faults.push(format!("a contract declares `{code}`, which {CATALOGUE} lacks"));
    }
    for (path, text) in sources {
        for maker in ["Denial::state(\"", "Denial::right(\""] {
            let made = text.split(maker).skip(1).filter_map(|rest| rest.split('"').next());
            for code in made.filter(|code| !sections.contains_key(code)) {
                faults.push(format!("{path} makes the denial `{code}`, which {CATALOGUE} lacks"));
            }
        }
        if text.contains("Denial") {
            for action in actions(text).into_iter().filter(|action| !operations.contains(action)) {
                faults.push(format!(
                    "{path} names `{action}` as a remedy, which is no operation of a contract"
                ));
            }
        }
    }
    for (code, section) in &sections {
        let literal = format!("\"{code}\"");
        if !sources.iter().any(|(_, text)| text.contains(&literal)) {
            faults.push(format!("{CATALOGUE} has `{code}`, which no source has"));
        }
        match (declared.contains(code), *section == BACKGROUND) {
            (true, true) => faults.push(format!("an operation declares `{code}`, which is {BACKGROUND:?}")),
            (false, false) => faults.push(format!("no operation declares `{code}` of {CATALOGUE}")),
            _ => {}
        }
    }
    for line in catalogue.lines().filter(|line| line.starts_with("| `")) {
        let remedy = line.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap_or_default();
        for action in remedy.split('`').skip(1).step_by(2).filter(|name| name.contains('_')) {
            if !operations.contains(action) {
                faults.push(format!(
                    "{CATALOGUE} names `{action}` as a remedy, which is no operation of a contract"
                ));
            }
        }
    }
    faults
}

/// The operations that remedies in `text` name: the literals in `Some(…)` after the text of a remedy.
fn actions(text: &str) -> Vec<&str> {
    let somes = text.match_indices("Some(").filter_map(|(at, _)| {
        let before = text[..at].trim_end();
        let rest = text[at + "Some(".len()..].trim_start().strip_prefix('"')?;
        let (name, rest) = rest.split_once('"')?;
        // The text of a remedy comes before its action: `"…", Some("…")` or `format!("…"), Some("…")`.
        let follows_text = before.ends_with("\",") || before.ends_with("),");
        (follows_text && rest.trim_start().starts_with([')', ','])).then_some(name)
    });
    somes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DOCUMENT: &str = "## Booking\n| code |\n|---|\n| `a.full` | Full. | | Wait (`join_waitlist`). |\n\
                            ## In the background\n| `a.gap` | Rows are missing. | | |\n";

    fn contract(codes: &[&str]) -> Value {
        json!({ "paths": { "/book": { "post": { "operationId": "join_waitlist", "x-denials": codes } } } })
    }

    fn faults(catalogue: &str, codes: &[&str], text: &str) -> String {
        compare(catalogue, &[contract(codes)], &[("book.rs".into(), text.into())]).join("\n")
    }

    const SOURCE: &str =
        r#"Denial::state("a.full").remedy("Wait.", Some("join_waitlist")); Denial::state("a.gap")"#;

    #[test]
    fn the_committed_catalogue_is_that_of_the_sources_and_the_contracts() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert!(check(&root).unwrap() > 100);
    }

    #[test]
    fn a_code_that_the_catalogue_lacks_or_that_no_source_has_is_named() {
        assert_eq!(faults(DOCUMENT, &["a.full"], SOURCE), "");
        let unlisted =
            faults(DOCUMENT, &["a.full", "a.late"], &format!("{SOURCE} Denial::right(\"a.other\")"));
        assert!(unlisted.contains("a contract declares `a.late`"), "{unlisted}");
        assert!(unlisted.contains("book.rs makes the denial `a.other`"), "{unlisted}");
        let gone = faults(DOCUMENT, &["a.full"], r#"Denial::state("a.full")"#);
        assert!(gone.contains("has `a.gap`, which no source has"), "{gone}");
    }

    #[test]
    fn each_code_is_declared_by_an_operation_unless_it_is_of_the_background() {
        assert!(faults(DOCUMENT, &[], SOURCE).contains("no operation declares `a.full`"));
        assert!(faults(DOCUMENT, &["a.full", "a.gap"], SOURCE).contains("an operation declares `a.gap`"));
    }

    #[test]
    fn a_remedy_names_an_operation() {
        let wrong = faults(DOCUMENT, &["a.full"], &SOURCE.replace("join_waitlist", "events.wait"));
        assert!(wrong.contains("book.rs names `events.wait` as a remedy"), "{wrong}");
        let catalogue = DOCUMENT.replace("join_waitlist", "wait_a_while");
        assert!(faults(&catalogue, &["a.full"], SOURCE).contains("names `wait_a_while` as a remedy"));
        assert_eq!(actions("(\"Look.\", Some(\n \"get_me\",\n))"), ["get_me"]);
        assert_eq!(actions("then_some(\"code\"), f(Some(\"x\"))"), [""; 0]);
    }
}
