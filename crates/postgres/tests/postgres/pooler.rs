//! Behind a pooler in transaction mode that does not track prepared statements: all statements of a
//! transaction use one server connection, and nothing of them stays behind.

use chrono::Duration;
use futures::future::{join, join_all};
use std::{collections::HashSet, process::Command};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, Problem};
use tryzore_postgres::{Answer, DatabaseConfig, Db, OnceKey};
use tryzore_testkit::{Database, PgBouncer, Service, TestTenant, test_tenant::Member};

/// The server connections of the pooler.
const SERVERS: usize = 2;
/// Set for a child process that is to use the pooler of its parent.
const POOLER: &str = "TRYZORE_TEST_POOLER_URL";

/// The pooler's URL, and the pooler if it is this process's own.
async fn pooler() -> (String, Option<PgBouncer>) {
    match std::env::var(POOLER) {
        Ok(url) => (url, None),
        Err(_) => {
            let own = PgBouncer::start(&Database::shared().await, Service::Api, SERVERS).await;
            (own.url(), Some(own))
        }
    }
}

fn connect(url: &str, studio: &TestTenant) -> Db {
    let config = DatabaseConfig {
        prepared_statements: false,
        pool_size: 8,
        pool_wait_ms: 30_000,
        ..DatabaseConfig::new(url)
    };
    Db::connect(&config, studio.clock.clone()).unwrap()
}

async fn studio_behind(url: &str) -> TestTenant {
    let mut studio = TestTenant::open().await;
    studio.db = connect(url, &studio);
    studio
}

async fn book(studio: &TestTenant, member: Member, event: EventId) -> Result<events::Booking, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio.db.tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await).await
}

async fn members(studio: &TestTenant, count: usize) -> Vec<Member> {
    let mut members = Vec::new();
    for _ in 0..count {
        members.push(studio.member(studio.main).await);
    }
    members
}

/// The state of one server connection as the next session finds it: its process, its tenant, how many
/// bookings it shows, its prepared statements. Queried without preparing anything.
#[derive(Debug)]
struct Found {
    process: String,
    tenant: String,
    bookings: String,
    statements: String,
}

/// All server connections: each query stays in a transaction until all connections are in use.
async fn look(url: &str) -> Vec<Found> {
    let mut held = Vec::new();
    for _ in 0..SERVERS {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("BEGIN").await.unwrap();
        held.push(client);
    }
    let mut found = Vec::new();
    for client in &held {
        let sql = "SELECT pg_backend_pid(), coalesce(current_setting('app.tenant_id', true), ''),
                       (SELECT count(*) FROM events.bookings),
                       (SELECT coalesce(string_agg(name || ': ' || statement, '; '), '') FROM pg_prepared_statements)";
        let answer = client.simple_query(sql).await.unwrap();
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let field = |at| row.unwrap().get(at).unwrap_or_default().to_owned();
        found.push(Found { process: field(0), tenant: field(1), bookings: field(2), statements: field(3) });
        client.batch_execute("COMMIT").await.unwrap();
    }
    found
}

async fn assert_nothing_is_left(url: &str) {
    let found = look(url).await;
    let processes: HashSet<_> = found.iter().map(|one| &one.process).collect();
    assert_eq!(processes.len(), SERVERS, "every server connection is looked at: {found:?}");
    for one in &found {
        assert_eq!((&*one.tenant, &*one.bookings, &*one.statements), ("", "0", ""), "{one:?}");
    }
}

#[tokio::test]
async fn sixty_at_once_fill_twenty_spots_through_two_server_connections() {
    let (url, own) = pooler().await;
    let studio = studio_behind(&url).await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let members = members(&studio, 60).await;
    let outcomes = join_all(members.iter().map(|member| book(&studio, *member, class))).await;
    let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    let codes: HashSet<_> = refused.iter().map(|problem| problem.denial.as_ref().map(|d| &*d.code)).collect();
    assert_eq!(codes, HashSet::from([Some("events.book.full")]), "{refused:?}");
    assert_eq!(refused.len(), 40);
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE status = 'booked'").await, 20);
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 20);
    assert_eq!(studio.count("SELECT count(*) FROM runtime.decisions WHERE outcome = 'denied'").await, 40);
    if own.is_some() {
        assert_nothing_is_left(&url).await;
    }
}

// The driver numbers its statements from s0 in every process: one that outlived its transaction would
// collide with one of the same name.
#[tokio::test]
async fn several_processes_share_the_server_connections() {
    let (url, own) = pooler().await;
    let children = (0..3).map(|_| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "pooler::sixty_at_once_fill_twenty_spots_through_two_server_connections"]);
        tokio::task::spawn_blocking({
            let url = url.clone();
            move || child.env(POOLER, url).output().unwrap()
        })
    });
    for output in join_all(children.collect::<Vec<_>>()).await {
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
    assert_nothing_is_left(&url).await;
    drop(own);
}

#[tokio::test]
async fn connections_are_set_up_on_one_server_connection_each() {
    let (url, _own) = pooler().await;
    let studio = TestTenant::open().await;
    for _ in 0..4 {
        let databases: Vec<_> = (0..8).map(|_| connect(&url, &studio)).collect();
        for answer in join_all(databases.iter().map(Db::ping)).await {
            answer.unwrap();
        }
    }
    assert_nothing_is_left(&url).await;
}

// Cached statements would fail now and then, long after the start: the first connection must fail.
#[tokio::test]
async fn a_forgotten_setting_fails_the_first_connection() {
    let (url, _own) = pooler().await;
    let studio = TestTenant::open().await;
    let db = Db::connect(&DatabaseConfig::new(&url), studio.clock.clone()).unwrap();
    let refused = db.ping().await.unwrap_err().to_string();
    assert!(refused.contains("unsupported startup parameter"), "{refused}");
}

#[tokio::test]
async fn writes_that_the_database_refuses_leave_nothing_behind() {
    let (url, _own) = pooler().await;
    let studio = studio_behind(&url).await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let member = studio.member(studio.main).await;
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    // The same key at once: all but one fail on its unique row and return the first answer.
    let once = async || {
        let key = OnceKey { key: "k".into(), fingerprint: vec![1] };
        let work = async |tx: &mut tryzore_postgres::TenantTx| {
            events::book(&permit, &mut tx.events(), class, now).await.map(|booking| booking.id)
        };
        studio.db.tenant_tx_once(&permit, &key, 201, work).await
    };
    let outcomes = join_all((0..8).map(|_| once())).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| matches!(outcome, Ok(Answer::Fresh(_)))).count(),
        1,
        "{outcomes:?}"
    );
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Answer::Replayed { .. }))).count(), 7);
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 1);
    assert_nothing_is_left(&url).await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_halfway_closes_its_server_connection() {
    let (url, _own) = pooler().await;
    let studio = studio_behind(&url).await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let member = studio.member(studio.main).await;
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    for _ in 0..20 {
        let started = studio.db.tenant_tx(&permit, async |tx| {
            events::book(&permit, &mut tx.events(), class, now).await?;
            std::future::pending::<Result<(), events::UseCaseError>>().await
        });
        let timeout = tokio::time::timeout(std::time::Duration::from_millis(50), started);
        assert!(timeout.await.is_err());
    }
    assert!(book(&studio, member, class).await.is_ok(), "no lock and no connection was left behind");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 1);
    assert_nothing_is_left(&url).await;
}

#[tokio::test]
async fn the_tenant_of_one_transaction_is_never_that_of_the_next() {
    let (url, _own) = pooler().await;
    let (ours, theirs) = (studio_behind(&url).await, studio_behind(&url).await);
    let our_class = ours.class(ours.main, 100, Duration::hours(5)).await;
    let their_class = theirs.class(theirs.main, 100, Duration::hours(5)).await;
    let (us, them) = (members(&ours, 40).await, members(&theirs, 40).await);
    let work = join_all(us.iter().zip(&them).map(async |(our, their)| {
        // Both ways: a tenant's own class can be booked, the other tenant's does not exist.
        let (own, other) = join(book(&ours, *our, our_class), book(&ours, *our, their_class)).await;
        assert!(own.is_ok(), "{own:?}");
        assert_eq!(other.unwrap_err().status, 404);
        let (own, other) = join(book(&theirs, *their, their_class), book(&theirs, *their, our_class)).await;
        assert!(own.is_ok(), "{own:?}");
        assert_eq!(other.unwrap_err().status, 404);
    }));
    // A query outside any tenant in between.
    let stranger = async {
        for _ in 0..20 {
            assert_nothing_is_left(&url).await;
        }
    };
    join(work, stranger).await;
    for (studio, class) in [(&ours, our_class), (&theirs, their_class)] {
        let booked = "SELECT count(*) FROM events.bookings WHERE event_id = ";
        assert_eq!(studio.count(&format!("{booked}'{}'", class.uuid())).await, 40);
        assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 40);
    }
}
