//! Booking on real Postgres: round trips, locks, row security and what is recorded.

use chrono::Duration;
use futures::future::join_all;
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{Denial, EventId, Problem};
use tryzore_postgres::{Answer, OnceKey};
use tryzore_testkit::{TestTenant, test_tenant::Member};

async fn book(studio: &TestTenant, member: Member, event: EventId) -> Result<events::Booking, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio.db.tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await).await
}

fn denial(problem: Problem) -> Denial {
    *problem.denial.expect("a denial")
}

#[tokio::test]
async fn evt_07_a_booking_takes_a_spot_and_is_recorded() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 10, Duration::hours(5)).await;
    let booking = book(&studio, studio.member(studio.main).await, class).await.unwrap();
    assert!(booking.is_first_timer);
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 1);
    assert_eq!(studio.count("SELECT count(*) FROM runtime.outbox WHERE kind = 'events.booked'").await, 1);
    assert_eq!(studio.count("SELECT count(*) FROM runtime.decisions WHERE outcome = 'allowed'").await, 1);
}

#[tokio::test]
async fn a_booking_is_six_messages_and_nothing_is_planned_twice() {
    let mut studio = TestTenant::open().await;
    let class = studio.class(studio.main, 10, Duration::hours(5)).await;
    let (first, second) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let tap = studio.tap().await;
    book(&studio, first, class).await.unwrap();
    let (statements, prepared) = (tap.statements(), tap.prepared());
    book(&studio, second, class).await.unwrap();
    // BEGIN, the lock, the booking context, the booking, the appended rows, COMMIT.
    assert_eq!((tap.statements() - statements, tap.prepared() - prepared), (6, 0));
}

#[tokio::test]
async fn a_refusal_is_recorded_and_changes_nothing() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 10, Duration::zero()).await;
    let refused = denial(book(&studio, studio.member(studio.main).await, class).await.unwrap_err());
    assert_eq!(refused.code, "events.book.started");
    let recorded = studio.sql.query_one("SELECT id, code FROM runtime.decisions", &[]).await.unwrap();
    assert_eq!(Some(recorded.get::<_, uuid::Uuid>(0).into()), refused.decision);
    assert_eq!(recorded.get::<_, &str>(1), "events.book.started");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 0);
    assert_eq!(studio.count("SELECT count(*) FROM runtime.outbox").await, 0);
}

#[tokio::test]
async fn sixty_at_once_fill_twenty_spots_and_not_one_more() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let mut members = Vec::new();
    for _ in 0..60 {
        members.push(studio.member(studio.main).await);
    }
    let outcomes = join_all(members.iter().map(|member| book(&studio, *member, class))).await;
    let refused: Vec<_> = outcomes.into_iter().filter_map(Result::err).map(denial).collect();
    assert_eq!(refused.len(), 40);
    assert!(refused.iter().all(|denial| denial.code == "events.book.full"));
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE status = 'booked'").await, 20);
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 20);
}

#[tokio::test]
async fn one_client_books_once_however_often_at_once() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let member = studio.member(studio.main).await;
    let outcomes = join_all((0..10).map(|_| book(&studio, member, class))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 1);
}

#[tokio::test]
async fn a_key_makes_a_second_request_return_the_first_answer() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let permit =
        studio.as_client(studio.member(studio.main).await, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let once = |fingerprint: u8| OnceKey { key: "k".into(), fingerprint: vec![fingerprint] };
    let book = async |key: OnceKey| {
        let work = async |tx: &mut tryzore_postgres::TenantTx| {
            events::book(&permit, &mut tx.events(), class, now).await.map(|booking| booking.id)
        };
        studio.db.tenant_tx_once(&permit, &key, 201, work).await
    };
    let outcomes = join_all((0..8).map(|_| book(once(1)))).await;
    let fresh = outcomes.iter().filter_map(|o| match o {
        Ok(Answer::Fresh(id)) => Some(format!("\"{id}\"")),
        _ => None,
    });
    let fresh = fresh.collect::<Vec<_>>();
    assert_eq!(fresh.len(), 1);
    for outcome in &outcomes {
        match outcome {
            Ok(Answer::Replayed { status, body }) => {
                assert_eq!((*status, body), (201, &fresh[0]))
            }
            Ok(Answer::Fresh(_)) => {}
            Err(problem) => panic!("{problem}"),
        }
    }
    assert_eq!(book(once(2)).await.unwrap_err().status, 422, "the same key for another request");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 1);
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    let (ours, theirs) = (TestTenant::open().await, TestTenant::open().await);
    let class = theirs.class(theirs.main, 20, Duration::hours(5)).await;
    let problem = book(&ours, ours.member(ours.main).await, class).await.unwrap_err();
    assert_eq!((problem.status, problem.denial), (404, None));
    assert_eq!(ours.count("SELECT count(*) FROM events.events").await, 0);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_halfway_leaves_nothing_behind() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 20, Duration::hours(5)).await;
    let member = studio.member(studio.main).await;
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    for _ in 0..40 {
        let started = studio.db.tenant_tx(&permit, async |tx| {
            events::book(&permit, &mut tx.events(), class, now).await?;
            std::future::pending::<Result<(), events::UseCaseError>>().await
        });
        let timeout = tokio::time::timeout(std::time::Duration::from_millis(20), started);
        assert!(timeout.await.is_err());
    }
    assert!(book(&studio, member, class).await.is_ok(), "no lock and no connection was left behind");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 1);
}

#[tokio::test]
async fn a_failure_that_is_swallowed_is_not_committed() {
    use tryzore_events::Bookings;
    let studio = TestTenant::open().await;
    let (class, other) = (
        studio.class(studio.main, 1, Duration::hours(5)).await,
        studio.class(studio.main, 9, Duration::hours(5)).await,
    );
    let member = studio.member(studio.main).await;
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let outcome = studio.db.tenant_tx(&permit, async |tx| {
        let booking = events::book(&permit, &mut tx.events(), class, now).await?;
        // A second time: the database refuses, and the use case does not care.
        tx.events().booking_insert(&booking).await?;
        let _ = tx.events().booking_context(other, member.user, None).await;
        Ok::<_, events::UseCaseError>(())
    });
    assert_eq!(outcome.await.unwrap_err().status, 500);
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings").await, 0);
    assert!(book(&studio, member, class).await.is_ok(), "the connection is as good as new");
}
