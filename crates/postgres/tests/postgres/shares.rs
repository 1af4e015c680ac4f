//! Each thread of a server has its share of the connections.

use futures::future::join_all;
use tokio::sync::{Semaphore, mpsc};
use tryzore_events::permission::BookEvent;
use tryzore_kernel::{Problem, StoreError};
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_testkit::{Service, TestTenant};

fn connect(studio: &TestTenant, pool_size: usize) -> Db {
    let config = DatabaseConfig {
        pool_size,
        pool_wait_ms: 1_000,
        ..DatabaseConfig::new(studio.database.url(Service::Api))
    };
    Db::connect(&config, studio.clock.clone()).unwrap()
}

#[tokio::test]
async fn a_thread_that_is_busy_leaves_the_others_their_connections() {
    let studio = TestTenant::open().await;
    let member = studio.member(studio.main).await;
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let db = connect(&studio, 4);
    let shares = db.shares(2).unwrap();
    let [busy, idle] = shares.as_slice() else { panic!("{} shares", shares.len()) };

    let (told, mut under_way) = mpsc::channel(2);
    let release = Semaphore::new(0);
    let hold = async || {
        let held = busy.tenant_tx(&permit, async |_| {
            told.send(()).await.unwrap();
            let _ = release.acquire().await;
            Ok::<_, Problem>(())
        });
        held.await.unwrap();
    };
    let looked = async {
        under_way.recv().await.unwrap();
        under_way.recv().await.unwrap();
        assert!(matches!(busy.ping().await, Err(StoreError::Unavailable(_))), "it has two, and no more");
        idle.ping().await.unwrap();
        db.ping().await.unwrap();
        release.add_permits(2);
    };
    tokio::join!(join_all([hold(), hold()]), looked);
    busy.ping().await.unwrap();
}

#[tokio::test]
async fn connections_that_are_too_few_to_share_are_everyones() {
    let studio = TestTenant::open().await;
    for (pool_size, threads, shares) in [(3, 2, 1), (4, 2, 2), (16, 1, 1), (16, 4, 4), (16, 64, 8)] {
        let made = connect(&studio, pool_size).shares(threads).unwrap().len();
        assert_eq!(made, shares, "{pool_size} connections, {threads} threads");
    }
}
