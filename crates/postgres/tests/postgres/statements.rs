//! Every prepared statement of the stores is one that Postgres accepts on the migrated schema.
//!
//! The statements are read from the sources, so that one that no other test runs is found as well. Those whose
//! text is put together of parts are run by tests of their own.

use std::{
    fs,
    path::{Path, PathBuf},
};
use tryzore_testkit::Database;

struct Statement {
    name: String,
    types: Vec<String>,
    text: String,
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false if path.extension().is_some_and(|extension| extension == "rs") => into.push(path),
            false => {}
        }
    }
}

/// The type that Postgres knows by the name of a Diesel type.
fn postgres_type(diesel: &str) -> String {
    let diesel = diesel.trim().replace("diesel::", "").replace("sql_types::", "");
    let diesel = diesel.as_str();
    for (wrapper, suffix) in [("Nullable<", ""), ("Array<", "[]")] {
        if let Some(inner) = diesel.strip_prefix(wrapper).and_then(|rest| rest.strip_suffix('>')) {
            return format!("{}{suffix}", postgres_type(inner));
        }
    }
    match diesel.rsplit("::").next().unwrap() {
        "Uuid" | "SqlUuid" | "Id" => "uuid",
        "Text" => "text",
        "Timestamptz" => "timestamptz",
        "Date" => "date",
        "Time" => "time",
        "BigInt" => "bigint",
        "Integer" => "integer",
        "SmallInt" => "smallint",
        "Bool" => "boolean",
        "Jsonb" => "jsonb",
        "Binary" => "bytea",
        "Double" => "double precision",
        other => panic!("no Postgres type is known for {other}"),
    }
    .to_owned()
}

/// The statements that are declared in `source` with a plain text.
fn statements(source: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    for declared in source.split("statement! {").skip(1) {
        let Some((head, rest)) = declared.split_once("struct ") else { continue };
        let (name, rest) = rest.split_once('{').unwrap();
        let (fields, rest) = rest.split_once('}').unwrap();
        let rest = rest.trim_start();
        // What a macro completes has names with `$`, and a text that is put together starts with no quote.
        if head.contains('$') || name.contains('$') || fields.contains('$') || !rest.starts_with('"') {
            continue;
        }
        let text = rest[1..].split('"').next().unwrap();
        // SQL prepares queries and changes of rows alone; these two are run by every test.
        if text.starts_with("COMMIT") || text.starts_with("LOCK") {
            continue;
        }
        let fields = fields.lines().map(|line| line.split("//").next().unwrap()).collect::<String>();
        let types = fields.split("=>").skip(1).map(|rest| {
            let mut depth = 0;
            let end = rest.find(|c| {
                depth += i32::from(c == '<') - i32::from(c == '>');
                c == ',' && depth == 0
            });
            postgres_type(&rest[..end.unwrap_or(rest.len())])
        });
        found.push(Statement { name: name.trim().to_owned(), types: types.collect(), text: text.to_owned() });
    }
    found
}

#[tokio::test]
async fn postgres_accepts_every_statement() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    sources(&crates.join("postgres/src"), &mut files);
    for domain in fs::read_dir(crates).unwrap() {
        let store = domain.unwrap().path().join("postgres/src");
        if store.is_dir() {
            sources(&store, &mut files);
        }
    }
    let sql = Database::shared().await.owner_client().await;
    let (mut prepared, mut refused) = (0, Vec::new());
    for file in files {
        for Statement { name, types, text } in statements(&fs::read_to_string(&file).unwrap()) {
            let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
            let prepare = format!("PREPARE one {types} AS {text}");
            let outcome = match sql.batch_execute(&prepare).await {
                Ok(()) => sql.batch_execute("DEALLOCATE one").await,
                Err(error) => Err(error),
            };
            prepared += 1;
            if let Err(error) = outcome {
                let reason = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
                refused.push(format!("{}: {name}: {reason}", file.display()));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(prepared >= 100, "only {prepared} statements were found in the sources");
}
