//! Where a follower continues after a reconnect.

use tryzore_kernel::{Problem, UserId};
use tryzore_postgres::stream::{CATCH_UP, Resume};
use tryzore_rbac::{Permit, SystemActor, catalogue::BookEvent};
use tryzore_testkit::{Database, Service, TestTenant};

/// Events of the tenant at these positions.
async fn happened(studio: &TestTenant, from: i64, to: i64) {
    let user = UserId::generate(studio.now());
    let insert = "INSERT INTO runtime.outbox (id, tenant_id, kind, aggregate_id, actor, payload, occurred_at, position)
                  SELECT gen_random_uuid(), $1, 'test.happened', $2, '{}', '{}', now(), position
                  FROM generate_series($3::bigint, $4::bigint) position";
    let worker = studio.database.client(Service::Work).await;
    worker.execute(insert, &[&studio.tenant.uuid(), &user.uuid(), &from, &to]).await.unwrap();
}

async fn resume(studio: &TestTenant, last: i64) -> Resume {
    let permit = Permit::<BookEvent>::system(studio.tenant, SystemActor::Seed);
    let resumed = studio.db.tenant_tx(&permit, async |tx| Ok::<_, Problem>(tx.stream_resume(last).await?));
    resumed.await.unwrap()
}

#[tokio::test]
async fn a_follower_continues_after_a_stored_event_and_otherwise_at_the_end() {
    let studio = TestTenant::open_in(Database::own().await).await;
    assert_eq!(resume(&studio, 0).await, Resume::After(0));
    assert_eq!(resume(&studio, 1).await, Resume::Reset { end: 0 }, "there is none");
    happened(&studio, 11, 110).await;
    for (last, expected) in [
        (-1, Resume::Reset { end: 110 }),
        (0, Resume::After(0)),
        (10, Resume::Reset { end: 110 }),
        (11, Resume::After(11)),
        (110, Resume::After(110)),
        (111, Resume::Reset { end: 110 }),
        (i64::MAX, Resume::Reset { end: 110 }),
    ] {
        assert_eq!(resume(&studio, last).await, expected, "{last}");
    }
}

#[tokio::test]
async fn a_follower_catches_up_on_a_limited_number_of_events() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let end = CATCH_UP + 2;
    happened(&studio, 1, end).await;
    assert_eq!(resume(&studio, 2).await, Resume::After(2));
    assert_eq!(resume(&studio, 1).await, Resume::Reset { end });
    assert_eq!(resume(&studio, 0).await, Resume::Reset { end });
    // Events of other tenants do not count.
    let neighbour = TestTenant::open_in(studio.database).await;
    assert_eq!(resume(&neighbour, 0).await, Resume::After(0));
}
