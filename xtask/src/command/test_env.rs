//! `cargo xtask test-env`: a database for tests, for `eval "$(cargo xtask test-env)"` before running a test by
//! hand.
//!
//! **The contract with the tests** ([`variables`]):
//! - `TRYZORE_TEST_DATABASE_URL`: the owner's address of the run's own migrated database, in which every test
//!   makes tenants of its own;
//! - `TRYZORE_TEST_TEMPLATE`: the name of a migrated database on the same server that nobody connects to, for
//!   tests that need a database of their own: `CREATE DATABASE <mine> TEMPLATE <template>` as that owner.
//!
//! A later run drops databases without connections once they are an hour old, and databases that a test made for
//! itself (`test_<process>_<id>`) once its process is dead.

use crate::cluster::{Cluster, Flavour};
use crate::progress::Step;
use crate::say;
use crate::steps;
use crate::tidy::sources;
use crate::workspace::Workspace;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The migrated database that tests clone.
pub(crate) const TEMPLATE: &str = "tryzore_template";

/// Runs the command.
pub async fn run(workspace: &Workspace) -> anyhow::Result<()> {
    // Only the variables may appear on the standard output: a shell reads it.
    let cluster = prepare(workspace, &Step::silent()).await?;
    for (name, value) in variables(&cluster).await? {
        say!("export {name}='{value}'");
    }
    Ok(())
}

/// Starts the cluster of the tests and makes the template, unless it was made from the present migrations.
pub async fn prepare(workspace: &Workspace, step: &Step) -> anyhow::Result<Cluster> {
    prepare_as(workspace, Flavour::Test, step).await
}

/// Does the same in a cluster of another flavour.
pub async fn prepare_as(workspace: &Workspace, flavour: Flavour, step: &Step) -> anyhow::Result<Cluster> {
    let cluster = Cluster::start(workspace, flavour).await?;
    cluster.leftovers_drop(&[TEMPLATE]).await?;
    let present = fingerprint(workspace)?;
    if cluster.database_comment(TEMPLATE).await?.as_deref() != Some(&*present) {
        cluster.database_recreate(TEMPLATE).await?;
        let log = workspace.step_logs().join("template-migrate.log");
        steps::run(steps::build(workspace, &["migrate"], false), &log, step).await?;
        steps::run(steps::migrate(workspace, &cluster.owner_url(TEMPLATE), false), &log, step).await?;
        cluster.database_comment_set(TEMPLATE, &present).await?;
    }
    Ok(cluster)
}

/// A hash of the migrations, only used to detect changes.
fn fingerprint(workspace: &Workspace) -> anyhow::Result<String> {
    let mut hasher = DefaultHasher::new();
    for migration in sources(workspace.root(), &["migrations"], "sql")? {
        (migration.path, migration.text).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The name of the database of this run.
#[must_use]
pub fn run_database() -> String {
    format!("tryzore_run_{}", std::process::id())
}

/// Makes the database of a run; the variables of the contract.
pub async fn variables(cluster: &Cluster) -> anyhow::Result<[(&'static str, String); 2]> {
    let name = run_database();
    cluster.database_drop(&name).await?;
    cluster.database_clone(TEMPLATE, &name).await?;
    Ok([
        ("TRYZORE_TEST_DATABASE_URL", cluster.owner_url(&name)),
        ("TRYZORE_TEST_TEMPLATE", TEMPLATE.to_owned()),
    ])
}
