//! Which crate may depend on which.
//!
//! `kernel <- rbac <- domains <- stores, providers <- web, http <- testkit <- bins <- bench`; a domain may depend on
//! the kernel and on rbac and on **no other domain**, so that each can be taken out alone. Its store
//! (`crates/<domain>/postgres`) is built on the base (`crates/postgres`), its operations (`crates/<domain>/http`) on
//! its store and on `web`, and neither base nor `web` knows a domain. The tool depends on none of them, and its
//! programs (`xtask/<program>`) on the tool alone. Development dependencies follow the same rule,
//! with two exceptions: what is not a domain may be tested with the testkit, and the base with the stores.
//!
//! The dependencies of a domain are read by `cargo tree` for that package alone: the metadata of the whole
//! workspace unite the features of all crates, and would show the kernel's optional Diesel in every domain.

use super::{Violation, line_of};
use crate::steps::cargo;
use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The folders of the domains.
pub const DOMAINS: [&str; 15] = [
    "auth",
    "tenancy",
    "crm",
    "events",
    "access",
    "billing",
    "loyalty",
    "training",
    "messaging",
    "workflow",
    "support",
    "voice",
    "insight",
    "governance",
    "platform",
];

/// Crates with I/O, which can't be in a domain's tree. A name with `*` is a prefix.
const FORBIDDEN: [&str; 8] =
    ["diesel", "diesel-async", "actix-*", "reqwest", "hyper", "tokio", "tokio-postgres", "sqlx"];

/// The place of a crate in the order of dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Kernel,
    Rbac,
    Domain,
    Schema,
    Postgres,
    Store,
    Provider,
    Web,
    Http,
    Testkit,
    Bin,
    Bench,
    Tool,
    ToolProgram,
}

impl Layer {
    /// The layer of a folder, relative to the root.
    fn of(folder: &str) -> Option<Self> {
        Some(match folder.split('/').collect::<Vec<_>>().as_slice() {
            ["crates", "kernel"] => Self::Kernel,
            ["crates", "rbac"] => Self::Rbac,
            ["crates", name] if DOMAINS.contains(name) => Self::Domain,
            ["crates", "schema"] => Self::Schema,
            ["crates", "postgres"] => Self::Postgres,
            ["crates", name, "postgres"] if *name == "rbac" || DOMAINS.contains(name) => Self::Store,
            ["crates", name, "http"] if *name == "rbac" || DOMAINS.contains(name) => Self::Http,
            ["crates", "providers", _] => Self::Provider,
            ["crates", "web"] => Self::Web,
            ["crates", "testkit"] => Self::Testkit,
            ["crates", "bench"] => Self::Bench,
            ["bins", _] => Self::Bin,
            ["xtask"] => Self::Tool,
            ["xtask", _] => Self::ToolProgram,
            _ => return None,
        })
    }

    fn may_use(self, other: Self) -> bool {
        use Layer::{
            Bench, Bin, Domain, Http, Kernel, Postgres, Provider, Rbac, Schema, Store, Testkit, Tool,
            ToolProgram, Web,
        };
        match self {
            Kernel | Tool => false,
            ToolProgram => other == Tool,
            Rbac => other == Kernel,
            Domain | Schema => matches!(other, Kernel | Rbac),
            Postgres => matches!(other, Kernel | Rbac | Schema),
            Store => matches!(other, Kernel | Rbac | Domain | Schema | Postgres | Store),
            Provider => matches!(other, Kernel | Rbac | Domain),
            Web => matches!(other, Kernel | Rbac | Postgres),
            Http => matches!(other, Kernel | Rbac | Domain | Postgres | Store | Provider | Web | Http),
            Testkit => other == Schema || Http.may_use(other),
            Bin => !matches!(other, Bin | Bench | Tool | ToolProgram),
            Bench => !matches!(other, Bench | Tool | ToolProgram),
        }
    }

    fn may_be_tested_with(self, other: Self) -> bool {
        let is_pure = matches!(self, Self::Kernel | Self::Rbac | Self::Domain);
        let is_base = matches!(self, Self::Schema | Self::Postgres | Self::Provider);
        let of_domains = matches!(other, Self::Domain | Self::Store);
        self.may_use(other) || (other == Self::Testkit && !is_pure) || (is_base && of_domains)
    }
}

/// The used part of `cargo metadata`.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `null`, `dev` or `build`.
    kind: Option<String>,
    /// Set for a crate of the workspace.
    path: Option<PathBuf>,
}

/// The metadata of the workspace's own packages.
pub fn metadata(workspace: &Workspace) -> anyhow::Result<Metadata> {
    let output = cargo(workspace)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Checks the dependencies between our crates.
#[must_use]
pub fn check(root: &Path, metadata: &Metadata) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let manifest = super::relative(root, &package.manifest_path);
        let folder = manifest.trim_end_matches("/Cargo.toml");
        let Some(layer) = Layer::of(folder) else {
            violations.push(Violation::at(
                &manifest,
                1,
                format!("{} is in no layer of the architecture", package.name),
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(path) = &dependency.path else { continue };
            let Some(other) = Layer::of(&super::relative(root, path)) else { continue };
            let dev = dependency.kind.as_deref() == Some("dev");
            let allowed = if dev { layer.may_be_tested_with(other) } else { layer.may_use(other) };
            if !allowed {
                let text =
                    format!("{} ({layer:?}) may not depend on {} ({other:?})", package.name, dependency.name);
                let line = line_of_dependency(&package.manifest_path, &dependency.name);
                violations.push(Violation::at(&manifest, line, text));
            }
        }
    }
    violations
}

fn line_of_dependency(manifest: &Path, name: &str) -> usize {
    line_of(&std::fs::read_to_string(manifest).unwrap_or_default(), name)
}

/// Checks the trees of the kernel, of rbac and of each domain for crates with I/O.
pub fn check_trees(workspace: &Workspace, metadata: &Metadata) -> anyhow::Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let manifest = super::relative(workspace.root(), &package.manifest_path);
        let layer = Layer::of(manifest.trim_end_matches("/Cargo.toml"));
        if !matches!(layer, Some(Layer::Kernel | Layer::Rbac | Layer::Domain)) {
            continue;
        }
        let mut command = cargo(workspace);
        command.args([
            "tree",
            "--package",
            &package.name,
            "--edges",
            "normal",
            "--prefix",
            "depth",
            "--format",
            " {p}",
        ]);
        let output = command.output().context("cargo tree")?;
        ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
        for chain in forbidden_chains(&String::from_utf8_lossy(&output.stdout)) {
            let line = line_of_dependency(&package.manifest_path, chain.get(1).map_or("", String::as_str));
            let text = format!("a domain does no I/O, but this is in its tree: {}", chain.join(" -> "));
            violations.push(Violation::at(&manifest, line, text));
        }
    }
    Ok(violations)
}

/// The paths from the root of a `cargo tree --prefix depth` to each forbidden crate.
pub(crate) fn forbidden_chains(tree: &str) -> Vec<Vec<String>> {
    let (mut chain, mut found): (Vec<String>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(Ok(depth)), Some(name)) = (words.next().map(str::parse::<usize>), words.next()) else {
            continue;
        };
        chain.truncate(depth);
        chain.push(name.to_owned());
        let forbidden = FORBIDDEN.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == *pattern,
        });
        if forbidden && !found.iter().any(|known| known.last() == chain.last()) {
            found.push(chain.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies.iter().map(|(folder, kind)| Dependency {
            name: format!("tryzore-{}", folder.rsplit('/').next().unwrap()),
            kind: kind.map(str::to_owned),
            path: Some(Path::new("/w").join(folder)),
        });
        Package {
            name: format!("tryzore-{}", folder.rsplit('/').next().unwrap()),
            manifest_path: Path::new("/w").join(folder).join("Cargo.toml"),
            dependencies: dependencies.collect(),
        }
    }

    fn texts(packages: Vec<Package>) -> Vec<String> {
        check(Path::new("/w"), &Metadata { packages }).into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn the_order_of_the_architecture_is_kept() {
        let fine = vec![
            package("crates/rbac", &[("crates/kernel", None)]),
            package("crates/events", &[("crates/kernel", None), ("crates/rbac", None)]),
            package("crates/events/postgres", &[("crates/events", None), ("crates/postgres", None)]),
            package("crates/events/http", &[("crates/events/postgres", None), ("crates/web", None)]),
            package(
                "crates/postgres",
                &[("crates/events/postgres", Some("dev")), ("crates/testkit", Some("dev"))],
            ),
            package("crates/testkit", &[("crates/postgres", None), ("crates/auth/http", None)]),
            package("bins/worker", &[("crates/web", None), ("crates/providers/smtp", None)]),
            package("xtask/journey", &[("xtask", None)]),
        ];
        assert_eq!(texts(fine), Vec::<String>::new());
    }

    #[test]
    fn what_goes_against_it_is_found() {
        let broken = vec![
            package("crates/kernel", &[("crates/rbac", None)]),
            package("crates/events", &[("crates/crm", None)]),
            package("crates/crm", &[("crates/testkit", Some("dev"))]),
            package("crates/providers/smtp", &[("crates/postgres", None)]),
            package("crates/postgres", &[("crates/events", None)]),
            package("crates/web", &[("crates/testkit", None)]),
            package("crates/misc/http", &[]),
            package("bins/worker", &[("bins/sandbox", None)]),
            package("crates/misc", &[]),
            package("xtask", &[("xtask/journey", None)]),
            package("xtask/bench", &[("crates/kernel", None)]),
        ];
        assert_eq!(
            texts(broken),
            [
                "tryzore-kernel (Kernel) may not depend on tryzore-rbac (Rbac)",
                "tryzore-events (Domain) may not depend on tryzore-crm (Domain)",
                "tryzore-crm (Domain) may not depend on tryzore-testkit (Testkit)",
                "tryzore-smtp (Provider) may not depend on tryzore-postgres (Postgres)",
                "tryzore-postgres (Postgres) may not depend on tryzore-events (Domain)",
                "tryzore-web (Web) may not depend on tryzore-testkit (Testkit)",
                "tryzore-http is in no layer of the architecture",
                "tryzore-worker (Bin) may not depend on tryzore-sandbox (Bin)",
                "tryzore-misc is in no layer of the architecture",
                "tryzore-xtask (Tool) may not depend on tryzore-journey (ToolProgram)",
                "tryzore-bench (ToolProgram) may not depend on tryzore-kernel (Kernel)",
            ]
        );
    }

    #[test]
    fn a_forbidden_crate_is_shown_with_the_way_to_it() {
        let tree = "0 tryzore-events v0.1.0 (/w/crates/events)\n1 chrono v0.4.45\n2 tokio-util v0.7.1\n3 tokio v1.54.0\n\
                    1 rrule v0.14.0\n2 tokio v1.54.0 (*)\n1 actix-http v3.1.0\n";
        assert_eq!(
            forbidden_chains(tree),
            [vec!["tryzore-events", "chrono", "tokio-util", "tokio"], vec!["tryzore-events", "actix-http"]]
        );
        assert!(forbidden_chains("0 tryzore-events v0.1.0\n1 diesel-derive-enum v2.0.0\n").is_empty());
    }
}
