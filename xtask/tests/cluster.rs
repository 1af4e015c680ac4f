//! A private Postgres: it starts (as root, under another account), is reused, survives the death of its
//! postmaster, and stops; and its catalogue is read correctly.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use rustix::process::Signal;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use xtask::cluster::account::Account;
use xtask::cluster::roles::LOGINS;
use xtask::cluster::{self, Cluster, Flavour, Home, connect, postmaster};
use xtask::process::{Stopped, alive, signal};
use xtask::tidy::{catalogue, catalogue_load};
use xtask::workspace::Workspace;

/// A folder that the server's account can reach.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

fn home(folder: &Path) -> Home {
    Home::place(&folder.join("postgres")).unwrap()
}

/// Stops the server also when a test fails.
struct Guard(Home);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(found) = postmaster::running(&self.0) {
            signal(found.pid, Signal::QUIT);
        }
    }
}

#[tokio::test]
async fn a_cluster_starts_is_reused_recovers_and_stops() {
    let folder = folder();
    let home = home(folder.path());
    let _guard = Guard(home.clone());

    let first = Cluster::start_in(home.clone(), Flavour::Dev).await.unwrap();
    assert!(!first.reused());
    let running = postmaster::running(&home).unwrap();
    if let Some(account) = Account::unprivileged() {
        assert_eq!(Path::new(&format!("/proc/{}", running.pid)).metadata().unwrap().uid(), account.uid);
    }
    assert_eq!(home.memory().metadata().unwrap().mode() & 0o777, 0o600);
    first.database_ensure("tryzore").await.unwrap();
    let owner = connect(&first.owner_url("tryzore")).await.unwrap();
    owner.batch_execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)").await.unwrap();

    let second = Cluster::start_in(home.clone(), Flavour::Dev).await.unwrap();
    assert!(second.reused());
    assert_eq!(postmaster::running(&home), Some(running));
    assert_eq!(second.owner_url("tryzore"), first.owner_url("tryzore"));

    signal(running.pid, Signal::KILL);
    while alive(running.pid) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(home.data().join("postmaster.pid").exists() && postmaster::running(&home).is_none());
    let third = Cluster::start_in(home.clone(), Flavour::Dev).await.unwrap();
    assert!(!third.reused());
    assert_eq!(
        third.owner_url("tryzore"),
        first.owner_url("tryzore"),
        "the port and the password are remembered"
    );
    let owner = connect(&third.owner_url("tryzore")).await.unwrap();
    assert_eq!(owner.query_one("SELECT id FROM kept", &[]).await.unwrap().get::<_, i32>(0), 42);

    assert_eq!(third.stop().await.unwrap(), Stopped::StopRequested);
    assert!(postmaster::running(&home).is_none() && !home.data().join("postmaster.pid").exists());
    assert_eq!(cluster::stop(&home).await.unwrap(), Stopped::Absent);
}

#[tokio::test]
async fn a_pid_file_with_the_number_of_another_process_does_not_prevent_the_start() {
    let folder = folder();
    let home = home(folder.path());
    let _guard = Guard(home.clone());
    Cluster::start_in(home.clone(), Flavour::Test).await.unwrap().stop().await.unwrap();
    let stale = format!("{}\n{}\n1\n{}\n\n127.0.0.1\n", std::process::id(), home.data().display(), 1);
    std::fs::write(home.data().join("postmaster.pid"), stale).unwrap();
    let again = Cluster::start_in(home.clone(), Flavour::Test).await.unwrap();
    assert!(!again.reused());
    again.stop().await.unwrap();
}

const SCHEMA: &str = "
    CREATE ROLE tryzore_api; CREATE ROLE tryzore_inbound; CREATE ROLE tryzore_work;
    CREATE SCHEMA good; CREATE SCHEMA bad;
    CREATE TABLE good.users (id uuid PRIMARY KEY);
    CREATE TABLE good.plans (id uuid PRIMARY KEY);
    CREATE TABLE good.events (tenant_id uuid NOT NULL, id uuid NOT NULL, plan uuid REFERENCES good.plans,
                              PRIMARY KEY (tenant_id, id));
    CREATE TABLE good.bookings (tenant_id uuid NOT NULL, id uuid NOT NULL, event uuid NOT NULL, seat int,
                                PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, event, seat),
                                FOREIGN KEY (tenant_id, event) REFERENCES good.events ON DELETE CASCADE);
    CREATE TABLE bad.lonely (id uuid PRIMARY KEY);
    CREATE TABLE bad.open (tenant_id uuid PRIMARY KEY);
    ALTER TABLE bad.open ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY everyone ON bad.open USING (true);
    CREATE TABLE bad.bookings (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, event uuid, name text,
                               FOREIGN KEY (tenant_id, event) REFERENCES good.events ON DELETE SET NULL,
                               FOREIGN KEY (event) REFERENCES good.users);
    CREATE UNIQUE INDEX bookings_name ON bad.bookings (lower(name), tenant_id);
    CREATE FUNCTION bad.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touch BEFORE UPDATE ON bad.bookings FOR EACH ROW EXECUTE FUNCTION bad.touch();";

const LIST: &str = "good.users # of no tenant\ngood.plans reference # few\n";

#[tokio::test]
async fn the_catalogue_of_a_database_is_read_correctly() {
    let folder = folder();
    let home = home(folder.path());
    let _guard = Guard(home.clone());
    let mut cluster = Cluster::start_in(home.clone(), Flavour::Test).await.unwrap();
    cluster.database_recreate("scratch").await.unwrap();
    cluster.logins_ensure().await.unwrap();
    assert!(cluster.groups_grant().await.unwrap_err().to_string().contains("no role tryzore_api"));
    let owner = connect(&cluster.owner_url("scratch")).await.unwrap();
    owner.batch_execute(SCHEMA).await.unwrap();
    for table in ["events", "bookings"] {
        let sql = format!(
            "ALTER TABLE good.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
             CREATE POLICY tenant ON good.{table} USING (tenant_id = current_setting('app.tenant_id')::uuid)"
        );
        owner.batch_execute(&sql).await.unwrap();
    }
    cluster.groups_grant().await.unwrap();
    cluster.groups_grant().await.unwrap();

    let found = catalogue::check(&catalogue_load::load(&owner).await.unwrap(), LIST);
    let mut texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    texts.sort();
    let beginnings = [
        "bad.bookings: foreign key bookings_event_fkey refers to good.users, a global table",
        "bad.bookings: foreign key bookings_tenant_id_event_fkey sets null or a default",
        "bad.bookings: primary key bookings_pkey does not begin with tenant_id",
        "bad.bookings: row security has no policy",
        "bad.bookings: row security is not enabled",
        "bad.bookings: row security is not forced",
        "bad.bookings: trigger touch",
        "bad.bookings: unique index bookings_name does not begin with tenant_id",
        "bad.lonely: has no tenant_id, and is not in",
        "bad.open: row security has no policy by app.tenant_id",
    ];
    assert_eq!(texts.len(), beginnings.len(), "{texts:#?}");
    for (text, beginning) in texts.iter().zip(beginnings) {
        assert!(text.starts_with(beginning), "{text} / {beginning}");
    }

    // The logins work, are in their groups, and a login that owns something or can become the owner is found.
    for login in LOGINS {
        let client = connect(&cluster.url(login.role, "scratch").unwrap()).await.unwrap();
        let member =
            client.query_one("SELECT pg_has_role($1::name, 'MEMBER')", &[&login.group]).await.unwrap();
        assert!(member.get::<_, bool>(0), "{}", login.role);
    }
    owner.batch_execute("GRANT CREATE ON SCHEMA good TO tryzore_worker").await.unwrap();
    let worker = connect(&cluster.url("tryzore_worker", "scratch").unwrap()).await.unwrap();
    worker.batch_execute("CREATE SEQUENCE good.mine").await.unwrap();
    let superuser = connect(&cluster.url("postgres", "scratch").unwrap()).await.unwrap();
    superuser.batch_execute("GRANT postgres TO tryzore_ingest").await.unwrap();
    let found = catalogue::check(&catalogue_load::load(&owner).await.unwrap(), LIST);
    let roles: Vec<String> =
        found.iter().map(ToString::to_string).filter(|text| text.starts_with("role ")).collect();
    assert_eq!(roles.len(), 2, "{roles:#?}");
    assert!(roles[0].starts_with("role tryzore_ingest: is a member of the owner"));
    assert!(roles[1].starts_with("role tryzore_worker: owns objects"));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_existing_server_is_used_through_its_owner_and_its_roles_are_not_touched() {
    let folder = folder();
    let home = home(folder.path());
    let _guard = Guard(home.clone());
    let cluster = Cluster::start_in(home.clone(), Flavour::Test).await.unwrap();
    cluster.database_ensure("given").await.unwrap();
    let url = cluster.owner_url("given");

    let mine = Workspace::at(folder.path().join("mine"));
    let mut external = Cluster::external(&mine, &url).await.unwrap();
    assert!(external.wants_seed(), "an empty database is new");
    assert_eq!(external.database(), "given");
    external.logins_ensure().await.unwrap();
    connect(&external.url("tryzore_worker", "given").unwrap()).await.unwrap();
    assert!(external.database_recreate("given").await.is_err());

    let owner = connect(&url).await.unwrap();
    owner.batch_execute("CREATE TABLE kept (id int)").await.unwrap();
    let theirs = Workspace::at(folder.path().join("theirs"));
    let mut stranger = Cluster::external(&theirs, &url).await.unwrap();
    assert!(!stranger.wants_seed(), "a database with tables is not new");
    let error = stranger.logins_ensure().await.unwrap_err().to_string();
    assert!(error.contains("tryzore_crm_api exists"), "{error}");
    connect(&external.url("tryzore_crm_api", "given").unwrap()).await.unwrap();
    assert_eq!(external.stop().await.unwrap(), Stopped::Absent);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn databases_are_cloned_and_only_old_or_orphaned_leftovers_dropped() {
    let folder = folder();
    let home = home(folder.path());
    let _guard = Guard(home.clone());
    let cluster = Cluster::start_in(home.clone(), Flavour::Test).await.unwrap();
    cluster.database_recreate("template_of_tests").await.unwrap();
    cluster.database_comment_set("template_of_tests", "abc").await.unwrap();
    assert_eq!(cluster.database_comment("template_of_tests").await.unwrap().as_deref(), Some("abc"));
    assert_eq!(cluster.database_comment("none").await.unwrap(), None);
    let owner = connect(&cluster.owner_url("postgres")).await.unwrap();
    cluster.database_clone("template_of_tests", "old").await.unwrap();
    // As the owner of the template, who is no superuser: how tests get a separate database.
    owner.batch_execute("CREATE DATABASE young TEMPLATE template_of_tests").await.unwrap();
    let row = owner.query_one("SELECT oid FROM pg_database WHERE datname = 'old'", &[]).await.unwrap();
    let version = home.data().join(format!("base/{}/PG_VERSION", row.get::<_, u32>(0)));
    let file = std::fs::File::options().write(true).open(&version).unwrap();
    let hour_ago = version.metadata().unwrap().modified().unwrap() - Duration::from_secs(3_660);
    file.set_modified(hour_ago).unwrap();
    // A database of a dead process is dropped, however new it is.
    let mut ended = std::process::Command::new("true").spawn().unwrap();
    ended.wait().unwrap();
    let (dead, living) = (format!("test_{}_a", ended.id()), format!("test_{}_a", std::process::id()));
    for name in [&dead, &living] {
        owner.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template_of_tests")).await.unwrap();
    }
    assert_eq!(cluster.leftovers_drop(&["template_of_tests"]).await.unwrap(), 2);
    let sql =
        "SELECT datname::text FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')
               ORDER BY 1";
    let left: Vec<String> = owner.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(left, ["template_of_tests", &*living, "young"]);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_cluster_of_benchmarks_is_as_durable_as_in_production() {
    let folder = folder();
    let home = home(folder.path());
    let _guard = Guard(home.clone());
    let cluster = Cluster::start_in(home.clone(), Flavour::Bench).await.unwrap();
    let owner = connect(&cluster.owner_url("postgres")).await.unwrap();
    for setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
        let value: String = owner.query_one(&format!("SHOW {setting}"), &[]).await.unwrap().get(0);
        assert_eq!(value, "on", "{setting}");
    }
    cluster.stop().await.unwrap();
}
