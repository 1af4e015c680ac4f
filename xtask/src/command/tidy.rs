//! `cargo xtask tidy`: runs every check of [`crate::tidy`] and prints the violations.

use crate::cluster::{Cluster, Flavour, connect};
use crate::progress::{Progress, Step};
use crate::say;
use crate::schema;
use crate::tidy::{
    Violation, catalogue, catalogue_load, global, layers, length, links, names, purity, snippets, sources,
    sql,
};
use crate::workspace::Workspace;
use anyhow::{Context, bail};
use tokio_postgres::Client;

/// The options of `tidy`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// A migrated database to check, as its owner; without it, one is made in the cluster of the tests
    #[arg(long, env = "TRYZORE_TIDY_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Leave out the database's rules
    #[arg(long)]
    pub without_database: bool,
}

/// Runs the command: an error if anything was found.
pub async fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let progress = Progress::default();
    let root = workspace.root();
    let rust = sources(root, &["crates", "bins", "examples", "xtask"], "rs")?;
    let mut documents = sources(root, &["docs", "README.md"], "md")?;
    let of_crates = sources(root, &["crates"], "md")?;
    documents.extend(of_crates.into_iter().filter(|one| file_name(&one.path).starts_with("README")));
    let exceptions = std::fs::read_to_string(root.join(length::EXCEPTIONS)).unwrap_or_default();

    let mut found = Vec::new();
    let step = progress.begin("dependencies");
    let metadata = layers::metadata(workspace)?;
    let mut layered = layers::check(root, &metadata);
    layered.extend(layers::check_trees(workspace, &metadata)?);
    close(step, &mut found, layered);
    close(progress.begin("length"), &mut found, length::check(&rust, &exceptions));
    close(progress.begin("purity"), &mut found, purity::check(&rust));
    close(progress.begin("sql"), &mut found, sql::check(&rust));
    close(progress.begin("names"), &mut found, names::check(&rust));
    close(progress.begin("links"), &mut found, links::check(root, &documents));
    close(progress.begin("snippets"), &mut found, snippets::check(root, &documents));
    if !options.without_database {
        let step = progress.begin("database");
        match database(workspace, options).await {
            Ok(violations) => close(step, &mut found, violations),
            Err(error) => {
                close(step, &mut found, vec![Violation::at("database", 0, format!("not checked: {error:#}"))])
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    found.sort();
    for violation in &found {
        say!("{violation}");
    }
    bail!("{} violations", found.len())
}

fn close(step: Step, found: &mut Vec<Violation>, violations: Vec<Violation>) {
    match violations.len() {
        0 => step.done(""),
        count => step.failed(&format!("{count} violations")),
    }
    found.extend(violations);
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

async fn database(workspace: &Workspace, options: &Options) -> anyhow::Result<Vec<Violation>> {
    let list = workspace.root().join(global::LIST);
    let list = std::fs::read_to_string(&list).with_context(|| format!("{} can't be read", list.display()))?;
    let check = async |client: &Client| {
        let mut found = catalogue::check(&catalogue_load::load(client).await?, &list);
        found.extend(schema::check(workspace, &schema::generate(client).await?)?);
        Ok(found)
    };
    match &options.database_url {
        Some(url) => check(&connect(url).await?).await,
        None => with_migrated(workspace, check).await,
    }
}

/// Calls `look` with a connection to a newly migrated database.
pub(super) async fn with_migrated<T>(
    workspace: &Workspace,
    look: impl AsyncFnOnce(&Client) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut cluster = Cluster::start(workspace, Flavour::Test).await?;
    let name = format!("tryzore_tidy_{}", std::process::id());
    cluster.database_recreate(&name).await?;
    let url = cluster.owner_url(&name);
    let looked = async {
        cluster.logins_ensure().await?;
        let client = connect(&url).await?;
        migrate(workspace, &client).await?;
        cluster.groups_grant().await?;
        look(&client).await
    };
    let looked = looked.await;
    cluster.database_drop(&name).await?;
    looked
}

// Only the SQL files are used, so that tables can be generated while the code that uses them does not compile.
async fn migrate(workspace: &Workspace, client: &Client) -> anyhow::Result<()> {
    let folder = workspace.root().join("migrations");
    let mut names: Vec<_> =
        std::fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    names.sort();
    for name in names {
        let sql = std::fs::read_to_string(name.join("up.sql"))?;
        client.batch_execute(&sql).await.with_context(|| format!("{} fails", name.display()))?;
    }
    Ok(())
}
