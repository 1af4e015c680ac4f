//! Diesel's tables, written from a migrated database.
//!
//! One file per Postgres schema in `crates/schema/src`, and a `lib.rs` that names them. `cargo xtask schema`
//! writes them; `cargo xtask tidy` compares them with the migrations.

use crate::tidy::Violation;
use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use tokio_postgres::Client;

/// Where the files are, relative to the root.
const FOLDER: &str = "crates/schema/src";

const HEAD: &str = "//! Diesel's view of the database: one module a Postgres schema.
//!
//! Generated from the migrated database by `cargo xtask schema`; `cargo xtask tidy` fails when it and the
//! migrations differ. Nothing is written here by hand.
#![allow(missing_docs, reason = \"generated: the migrations are the documentation\")]

";

const COLUMNS: &str = "
    SELECT n.nspname, c.relname, a.attname, coalesce(base.typname, t.typname), a.attnotnull,
           (SELECT string_agg(k.attname, ', ' ORDER BY array_position(i.indkey::int2[], k.attnum))
            FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
            WHERE i.indrelid = c.oid AND i.indisprimary)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type base ON base.oid = t.typbasetype AND t.typtype = 'd'
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('public', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY n.nspname, c.relname, a.attnum";

/// The files for the database of `client`: name and text.
pub async fn generate(client: &Client) -> anyhow::Result<BTreeMap<String, String>> {
    let mut schemas: BTreeMap<String, BTreeMap<String, (String, String)>> = BTreeMap::new();
    for row in client.query(COLUMNS, &[]).await? {
        let (schema, table, column): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let key: Option<String> = row.get(5);
        let key = key.with_context(|| format!("{schema}.{table} has no primary key"))?;
        let kind = diesel_type(row.get(3)).with_context(|| format!("{schema}.{table}.{column}"))?;
        let kind = if row.get(4) { kind } else { format!("Nullable<{kind}>") };
        let (_, columns) = schemas.entry(schema).or_default().entry(table).or_insert((key, String::new()));
        writeln!(columns, "        {column} -> {kind},")?;
    }
    let mut files = BTreeMap::new();
    let mut lib = HEAD.to_owned();
    for (schema, tables) in schemas {
        writeln!(lib, "pub mod {schema};")?;
        let mut text =
            format!("//! The tables of the Postgres schema `{schema}`. Generated: see the crate's head.\n");
        for (table, (key, columns)) in &tables {
            write!(text, "\ndiesel::table! {{\n    {schema}.{table} ({key}) {{\n{columns}    }}\n}}\n")?;
        }
        if tables.len() > 1 {
            let names: Vec<_> = tables.keys().map(String::as_str).collect();
            write!(text, "\ndiesel::allow_tables_to_appear_in_same_query!({});\n", names.join(", "))?;
        }
        files.insert(format!("{schema}.rs"), text);
    }
    files.insert("lib.rs".to_owned(), lib);
    Ok(files)
}

/// Writes the files, and removes those of schemas that are gone.
pub fn write(workspace: &Workspace, files: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let folder = workspace.root().join(FOLDER);
    for entry in std::fs::read_dir(&folder)? {
        let entry = entry?;
        if !files.contains_key(entry.file_name().to_string_lossy().as_ref()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    for (name, text) in files {
        std::fs::write(folder.join(name), formatted(workspace, text)?)?;
    }
    Ok(())
}

/// How the files of the workspace differ from `files`.
pub fn check(workspace: &Workspace, files: &BTreeMap<String, String>) -> anyhow::Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for (name, text) in files {
        let place = format!("{FOLDER}/{name}");
        let found = std::fs::read_to_string(workspace.root().join(&place)).unwrap_or_default();
        if found != formatted(workspace, text)? {
            violations.push(Violation::at(place, 0, "differs from the migrations: run `cargo xtask schema`"));
        }
    }
    Ok(violations)
}

fn diesel_type(name: &str) -> anyhow::Result<String> {
    if let Some(element) = name.strip_prefix('_') {
        return Ok(format!("Array<{}>", diesel_type(element)?));
    }
    let known = match name {
        "uuid" => "Uuid",
        "text" => "Text",
        "int8" => "BigInt",
        "int4" => "Integer",
        "int2" => "SmallInt",
        "bool" => "Bool",
        "timestamptz" => "Timestamptz",
        "date" => "Date",
        "time" => "Time",
        "jsonb" => "Jsonb",
        "bytea" => "Binary",
        other => anyhow::bail!("no Diesel type is known for `{other}`: add it in xtask/src/schema.rs"),
    };
    Ok(known.to_owned())
}

fn formatted(workspace: &Workspace, text: &str) -> anyhow::Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(workspace.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt")?;
    rustfmt.stdin.take().context("rustfmt takes no input")?.write_all(text.as_bytes())?;
    let output = rustfmt.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt failed");
    Ok(String::from_utf8(output.stdout)?)
}
