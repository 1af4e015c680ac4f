//! The day of an event on real Postgres: check-in, no-shows, completion, reminders, calling off.

use chrono::Duration;
use futures::future::join_all;
use tryzore_events::{
    self as events, Booking, BookingState,
    permission::{BookEvent, CancelEvent, ManageAttendance},
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, Problem, UserId};
use tryzore_rbac::{Permit, SystemActor};
use tryzore_testkit::{TestTenant, test_tenant::Member};

async fn book(studio: &TestTenant, member: Member, event: EventId) -> Booking {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
        .await
        .unwrap()
}

fn staff(studio: &TestTenant) -> Permit<ManageAttendance> {
    let staff = UserId::generate(studio.now());
    studio.as_staff(staff, studio.main, &["events.manage_attendance"]).permit().unwrap()
}

async fn check_in(studio: &TestTenant, booking: &Booking) -> Result<Booking, Problem> {
    let (permit, now) = (staff(studio), studio.now());
    studio
        .db
        .tenant_tx(&permit, async |tx| events::check_in(&permit, &mut tx.events(), booking.id, now).await)
        .await
}

async fn complete(
    studio: &TestTenant,
    event: EventId,
) -> Result<events::domain_event::EventCompleted, Problem> {
    let (permit, now) = (staff(studio), studio.now());
    studio
        .db
        .tenant_tx(&permit, async |tx| events::complete_event(&permit, &mut tx.events(), event, now).await)
        .await
}

fn code(problem: Problem) -> String {
    problem.denial.expect("a denial").code.into_owned()
}

async fn outbox(studio: &TestTenant, kind: &str) -> Vec<serde_json::Value> {
    let query = "SELECT payload FROM runtime.outbox WHERE kind = $1 ORDER BY seq";
    studio.sql.query(query, &[&kind]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn evt_11_a_client_who_is_checked_in_concurrently_is_checked_in_once() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 5, Duration::minutes(30)).await;
    let booking = book(&studio, studio.member(studio.main).await, class).await;
    studio.clock.set(studio.now() - Duration::microseconds(1));
    assert_eq!(code(check_in(&studio, &booking).await.unwrap_err()), "events.check_in.too_early");
    studio.clock.pass(Duration::microseconds(1));
    let outcomes = join_all((0..6).map(|_| check_in(&studio, &booking))).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap().state == BookingState::Attended));
    let sent = outbox(&studio, "events.attended").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["is_first_timer"], true);
}

#[tokio::test]
async fn evt_11_a_client_is_a_first_timer_until_they_have_attended() {
    let studio = TestTenant::open().await;
    let (one, two) = (
        studio.class(studio.main, 5, Duration::minutes(10)).await,
        studio.class(studio.main, 5, Duration::minutes(20)).await,
    );
    let ada = studio.member(studio.main).await;
    let (first, second) = (book(&studio, ada, one).await, book(&studio, ada, two).await);
    assert!(first.is_first_timer && second.is_first_timer, "the client has attended nothing yet");
    assert!(check_in(&studio, &first).await.unwrap().is_first_timer);
    assert!(!check_in(&studio, &second).await.unwrap().is_first_timer);
}

#[tokio::test]
async fn evt_11_a_client_without_a_phone_or_booking_comes_in_when_there_is_a_spot() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::minutes(10)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let (permit, now) = (staff(&studio), studio.now());
    let walk_in = async |member: Member| {
        let client = member.client;
        studio
            .db
            .tenant_tx(&permit, async |tx| {
                events::walk_in(&permit, &mut tx.events(), class, client, now).await
            })
            .await
    };
    let booking = walk_in(ada).await.unwrap();
    assert_eq!(booking.state, BookingState::Attended);
    assert_eq!(walk_in(ada).await.unwrap().id, booking.id, "by the existing booking");
    assert_eq!(code(walk_in(bea).await.unwrap_err()), "events.walk_in.full");
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE status = 'attended'").await, 1);
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 1);
}

#[tokio::test]
async fn evt_12_completion_settles_every_booking_once() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(studio.main, 3, Duration::minutes(20)).await;
    let (ada, bea, guest, late) = (
        studio.member(studio.main).await,
        studio.member(studio.main).await,
        studio.member(downtown).await,
        studio.member(studio.main).await,
    );
    let came = book(&studio, ada, class).await;
    book(&studio, bea, class).await;
    book(&studio, guest, class).await;
    let wait = studio.as_client(late, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&wait, async |tx| events::wait(&wait, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    check_in(&studio, &came).await.unwrap();
    studio.clock.pass(Duration::minutes(20) - Duration::microseconds(1));
    assert_eq!(code(complete(&studio, class).await.unwrap_err()), "events.complete.not_started");
    studio.clock.pass(Duration::microseconds(1));
    let outcomes = join_all((0..4).map(|_| complete(&studio, class))).await;
    let done: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
    assert_eq!(done.len(), 1, "settled once");
    assert_eq!((done[0].attended, done[0].no_shows, done[0].first_timers, done[0].expired), (1, 2, 1, 1));
    let missing = outbox(&studio, "events.no_show").await;
    assert_eq!(missing.len(), 2);
    let visiting = missing.iter().find(|sent| sent["is_visit"] == true).unwrap();
    assert_eq!(visiting["fee"]["minor"], 2_500);
    assert_eq!(visiting["attended_at"], studio.main.to_string(), "the fee is owed to this location");
    assert_eq!(visiting["booked_from"], downtown.to_string());
    assert_eq!(outbox(&studio, "events.wait_expired").await.len(), 1);
    assert_eq!(
        studio.count("SELECT count(*) FROM events.waitlist_entries WHERE status = 'expired'").await,
        1
    );
    assert_eq!(studio.count("SELECT sum(fee_minor)::bigint FROM events.bookings").await, 5_000);
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 3);
}

#[tokio::test]
async fn evt_12_a_no_show_is_excused_or_undone() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(3)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let (first, second) = (book(&studio, ada, class).await, book(&studio, bea, class).await);
    studio.clock.pass(Duration::hours(4));
    complete(&studio, class).await.unwrap();
    let (permit, now) = (staff(&studio), studio.now());
    let excuse = studio
        .db
        .tenant_tx(&permit, async |tx| events::excuse(&permit, &mut tx.events(), first.id, "ill", now).await);
    assert!(excuse.await.unwrap().fee.is_zero());
    let undo = studio.db.tenant_tx(&permit, async |tx| {
        events::undo_attendance(&permit, &mut tx.events(), second.id, now).await
    });
    assert_eq!(undo.await.unwrap().state, BookingState::Attended);
    assert_eq!(outbox(&studio, "events.fee_waived").await.len(), 2);
    assert_eq!(studio.count("SELECT sum(fee_minor)::bigint FROM events.bookings").await, 0);
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE excuse = 'ill'").await, 1);
    assert_eq!(
        studio.count("SELECT count(*) FROM governance.audit_log WHERE action = 'events.excuse'").await,
        1
    );
}

#[tokio::test]
async fn evt_09_everyone_who_is_expected_is_reminded_once() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 5, Duration::hours(2)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    book(&studio, ada, class).await;
    let given = book(&studio, bea, class).await;
    let own = studio.as_client(bea, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&own, async |tx| events::cancel_booking(&own, &mut tx.events(), given.id, now).await)
        .await
        .unwrap();
    let permit = Permit::<ManageAttendance>::system(studio.tenant, SystemActor::Reminder);
    let early = studio.now() - Duration::microseconds(1);
    let none = studio
        .db
        .tenant_tx(&permit, async |tx| events::remind(&permit, &mut tx.events(), class, early).await)
        .await;
    assert_eq!(none.unwrap(), 0);
    let remind = || async {
        studio
            .db
            .tenant_tx(&permit, async |tx| events::remind(&permit, &mut tx.events(), class, now).await)
            .await
    };
    let sent: u32 = join_all((0..6).map(|_| remind())).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(sent, 1);
    let reminders = outbox(&studio, "events.reminder_due").await;
    assert_eq!(reminders.len(), 1);
    assert_eq!(reminders[0]["user"], ada.user.to_string());
}

#[tokio::test]
async fn calling_off_frees_the_spots_notifies_everyone_and_charges_nobody() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(1)).await;
    let members = [
        studio.member(studio.main).await,
        studio.member(studio.main).await,
        studio.member(studio.main).await,
    ];
    let first = book(&studio, members[0], class).await;
    book(&studio, members[1], class).await;
    let own = studio.as_client(members[2], studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&own, async |tx| events::wait(&own, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    let late = studio.as_client(members[0], studio.main).permit::<BookEvent>().unwrap();
    studio
        .db
        .tenant_tx(&late, async |tx| events::cancel_booking(&late, &mut tx.events(), first.id, now).await)
        .await
        .unwrap();
    let staff = studio.as_staff(UserId::generate(now), studio.main, &["events.cancel"]);
    let permit = staff.permit::<CancelEvent>().unwrap();
    let off = async || {
        studio
            .db
            .tenant_tx(&permit, async |tx| {
                events::cancel_event(&permit, &mut tx.events(), class, "ill", now).await
            })
            .await
    };
    assert_eq!(off().await.unwrap().booked, 2);
    assert_eq!(off().await.unwrap().booked, 0, "once");
    let sent = outbox(&studio, "events.called_off").await;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|one| one["reason"] == "ill"));
    assert_eq!(outbox(&studio, "events.fee_waived").await.len(), 1, "for the late cancellation");
    assert_eq!(studio.count("SELECT sum(fee_minor)::bigint FROM events.bookings").await, 0);
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 0);
    let reason = "SELECT count(*) FROM events.events WHERE status = 'canceled' AND status_reason = 'ill'";
    assert_eq!(studio.count(reason).await, 1);
}

#[tokio::test]
async fn staff_of_another_location_and_of_another_tenant_change_nothing() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(studio.main, 5, Duration::minutes(10)).await;
    let booking = book(&studio, studio.member(studio.main).await, class).await;
    let now = studio.now();
    let theirs = TestTenant::open().await;
    let next_door = studio.as_staff(UserId::generate(now), downtown, &["events.*"]);
    let stranger = theirs.as_staff(UserId::generate(now), theirs.main, &["events.*"]);
    for (db, grants) in [(&studio.db, next_door), (&theirs.db, stranger)] {
        let permit = grants.permit::<ManageAttendance>().unwrap();
        let check_in = db.tenant_tx(&permit, async |tx| {
            events::check_in(&permit, &mut tx.events(), booking.id, now).await
        });
        assert_eq!(check_in.await.unwrap_err().status, 404);
        let permit = grants.permit::<CancelEvent>().unwrap();
        let off = db.tenant_tx(&permit, async |tx| {
            events::cancel_event(&permit, &mut tx.events(), class, "x", now).await
        });
        assert_eq!(off.await.unwrap_err().status, 404);
    }
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE status = 'booked'").await, 1);
}
