//! A booking and the closing of its location at the same moment (TEN-03, EVT-07): the second of the two
//! is refused.

use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use std::{pin::pin, time::Duration as Span};
use tokio::{sync::Notify, time::timeout};
use tryzore_events::{
    self as events, EventKind, NewOffer, Start,
    create_event::{NewEvent, create_event},
    permission::{BookEvent, CreateEvent},
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, OrganizationId, Problem};
use tryzore_rbac::{Permit, SystemActor};
use tryzore_tenancy::{close_organization, permission::DeleteOrganization};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::{TestTenant, test_tenant::Member};

// Long enough for the other transaction to reach the lock; if it takes longer, it only comes later.
const A_MOMENT: Span = Span::from_millis(150);

async fn book(studio: &TestTenant, member: Member, event: EventId) -> Result<events::Booking, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio.db.tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await).await
}

async fn close(studio: &TestTenant, at: OrganizationId) -> Result<(), Problem> {
    close_slowly(studio, at, &Notify::new(), Span::ZERO).await
}

/// Closes `at`, tells `has_locked` once the location is locked, and waits for `before_commit` before the commit.
async fn close_slowly(
    studio: &TestTenant,
    at: OrganizationId,
    has_locked: &Notify,
    before_commit: Span,
) -> Result<(), Problem> {
    let permit = Permit::<DeleteOrganization>::system(studio.tenant, SystemActor::Seed);
    let now = studio.now();
    let closing = studio.db.tenant_tx(&permit, async |tx| {
        close_organization(&permit, &mut tx.tenancy(), at, 1, now).await?;
        has_locked.notify_one();
        tokio::time::sleep(before_commit).await;
        Ok::<_, tryzore_tenancy::UseCaseError>(())
    });
    closing.await
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> String {
    outcome.unwrap_err().code.into_owned()
}

async fn bookings(studio: &TestTenant, at: OrganizationId) -> i64 {
    let query = format!(
        "SELECT count(*) FROM events.bookings WHERE status = 'booked' AND attended_organization_id = '{}'",
        at.uuid()
    );
    studio.count(&query).await
}

fn tomorrow(now: DateTime<Utc>) -> Start {
    Start::At(now + Duration::days(1))
}

#[tokio::test]
async fn ten_03_an_uncommitted_booking_keeps_its_location_open() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(downtown, 5, Duration::hours(5)).await;
    let member = studio.member(downtown).await;
    let permit = studio.as_client(member, downtown).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let booking = studio.db.tenant_tx(&permit, async |tx| {
        let booking = events::book(&permit, &mut tx.events(), class, now).await?;
        // The closing begins while the booking is not committed yet.
        let mut closing = pin!(close(&studio, downtown));
        assert!(timeout(A_MOMENT, &mut closing).await.is_err(), "it waits for the booking's lock");
        Ok::<_, events::UseCaseError>(booking)
    });
    booking.await.unwrap();
    assert_eq!(code(close(&studio, downtown).await), "organizations.close.events_booked");
    assert_eq!(bookings(&studio, downtown).await, 1);
}

#[tokio::test]
async fn ten_03_a_booking_that_comes_while_its_location_closes_is_refused() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(downtown, 5, Duration::hours(5)).await;
    let members = [studio.member(downtown).await, studio.member(downtown).await];
    let has_locked = Notify::new();
    let (closed, booked) = tokio::join!(close_slowly(&studio, downtown, &has_locked, A_MOMENT), async {
        has_locked.notified().await;
        book(&studio, members[0], class).await
    });
    closed.unwrap();
    assert_eq!(code(booked), "events.book.location_closed");
    let refused = book(&studio, members[1], class).await.unwrap_err();
    let denial = refused.denial.unwrap();
    assert_eq!((refused.status, &*denial.code), (409, "events.book.location_closed"));
    assert_eq!(denial.because[1].value, "closed");
    let kept = "SELECT count(*) FROM runtime.decisions WHERE code = 'events.book.location_closed'";
    assert_eq!((bookings(&studio, downtown).await, studio.count(kept).await), (0, 2));
    let elsewhere = studio.class(studio.main, 5, Duration::hours(5)).await;
    assert!(book(&studio, studio.member(studio.main).await, elsewhere).await.is_ok(), "others stay open");
}

#[tokio::test]
async fn ten_03_no_event_is_created_while_its_location_closes() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let permit = Permit::<CreateEvent>::system(studio.tenant, SystemActor::Seed);
    let now = studio.now();
    let create = async || {
        let offer = NewOffer {
            kind: Some(EventKind::Class),
            name: Some("Yoga".into()),
            duration_minutes: Some(60),
            spots_total: Some(5),
            ..NewOffer::default()
        };
        let new = NewEvent { organization: downtown, offer, start: tomorrow(now), room: None };
        studio.db.tenant_tx(&permit, async |tx| create_event(&permit, &mut tx.events(), new, now).await).await
    };
    let has_locked = Notify::new();
    let (closed, created) = tokio::join!(close_slowly(&studio, downtown, &has_locked, A_MOMENT), async {
        has_locked.notified().await;
        create().await
    });
    closed.unwrap();
    assert_eq!(created.unwrap_err().status, 404, "there is no such location any more");
    assert_eq!(studio.count("SELECT count(*) FROM events.events").await, 0);
}

#[tokio::test]
async fn ten_03_no_booking_is_stored_at_a_location_that_closes_concurrently() {
    let studio = TestTenant::open().await;
    let (mut closed, mut stayed) = (0, 0);
    for round in 0..24_u64 {
        let at = studio.location("Downtown").await;
        let classes = [
            studio.class(at, 5, Duration::hours(5)).await,
            studio.class(at, 5, Duration::hours(6)).await,
            studio.class(at, 5, Duration::hours(7)).await,
        ];
        let mut members = Vec::new();
        for _ in 0..6 {
            members.push(studio.member(at).await);
        }
        let wanted = members.iter().enumerate().map(|(n, member)| book(&studio, *member, classes[n % 3]));
        let later = Span::from_micros(round * 150);
        let (closing, booked) = tokio::join!(
            async {
                tokio::time::sleep(later).await;
                close(&studio, at).await
            },
            join_all(wanted),
        );
        let made = booked.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(bookings(&studio, at).await, i64::try_from(made).unwrap());
        match closing {
            Ok(()) => {
                closed += 1;
                assert_eq!(made, 0, "closed although someone has booked");
                let codes = booked.into_iter().map(code);
                assert!(codes.into_iter().all(|code| code == "events.book.location_closed"));
            }
            Err(refused) => {
                stayed += 1;
                assert_eq!((&*refused.code, made > 0), ("organizations.close.events_booked", true));
            }
        }
    }
    assert_eq!(closed + stayed, 24);
}
