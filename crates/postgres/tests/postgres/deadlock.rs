//! Two transactions that wait for each other's locks.

use chrono::Duration;
use std::time::Duration as Span;
use tokio::{sync::Barrier, time::timeout};
use tryzore_events::{Bookings, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, Problem};
use tryzore_rbac::Permit;
use tryzore_testkit::TestTenant;

#[tokio::test]
async fn of_two_deadlocked_transactions_one_succeeds_and_the_other_may_be_retried() {
    let studio = TestTenant::open().await;
    let [one, two] = [
        studio.class(studio.main, 1, Duration::hours(5)).await,
        studio.class(studio.main, 1, Duration::hours(5)).await,
    ];
    let member = studio.member(studio.main).await;
    let permit: Permit<BookEvent> = studio.as_client(member, studio.main).permit().unwrap();
    let both_hold = Barrier::new(2);
    let hold = async |first: EventId, second: EventId| {
        let held = studio.db.tenant_tx(&permit, async |tx| {
            tx.events().booking_context(first, member.user, None).await?;
            both_hold.wait().await;
            tx.events().booking_context(second, member.user, None).await?;
            Ok::<_, Problem>(())
        });
        held.await.map_err(|problem| problem.status)
    };
    let both = async { tokio::join!(hold(one, two), hold(two, one)) };
    let (first, second) = timeout(Span::from_secs(30), both).await.expect("the database tells them apart");
    let mut outcomes = [first, second];
    outcomes.sort();
    assert_eq!(outcomes, [Ok(()), Err(503)]);
    // Nothing is left behind on the connections.
    assert_eq!(hold_one(&studio, &permit, one, member.user).await, Ok(()));
}

async fn hold_one(
    studio: &TestTenant,
    permit: &Permit<BookEvent>,
    event: EventId,
    user: tryzore_kernel::UserId,
) -> Result<(), Problem> {
    let held = studio.db.tenant_tx(permit, async |tx| {
        tx.events().booking_context(event, user, None).await?;
        Ok::<_, Problem>(())
    });
    held.await
}
