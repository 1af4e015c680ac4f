//! Canceling, waiting and being promoted, on real Postgres and concurrently.

use chrono::Duration;
use futures::future::{join_all, join3};
use tryzore_events::{
    self as events, BookingState, Waited,
    permission::{BookEvent, EditEvent, ManageAttendance},
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, EventId, Problem, UserId};
use tryzore_testkit::{TestTenant, test_tenant::Member};

async fn book(studio: &TestTenant, member: Member, event: EventId) -> Result<events::Booking, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio.db.tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await).await
}

async fn wait(studio: &TestTenant, member: Member, event: EventId) -> Result<Waited, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio.db.tenant_tx(&permit, async |tx| events::wait(&permit, &mut tx.events(), event, now).await).await
}

async fn leave(studio: &TestTenant, member: Member, event: EventId) -> Result<events::Rank, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio.db.tenant_tx(&permit, async |tx| events::leave(&permit, &mut tx.events(), event, now).await).await
}

async fn cancel(studio: &TestTenant, member: Member, booking: BookingId) -> Result<events::Booking, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::cancel_booking(&permit, &mut tx.events(), booking, now).await)
        .await
}

async fn members<const N: usize>(studio: &TestTenant) -> [Member; N] {
    let mut members = Vec::new();
    for _ in 0..N {
        members.push(studio.member(studio.main).await);
    }
    members.try_into().unwrap()
}

async fn waitlist(studio: &TestTenant, event: EventId) -> Vec<uuid::Uuid> {
    let query = "SELECT user_id FROM events.waitlist_entries
                 WHERE event_id = $1 AND status = 'waiting' ORDER BY place";
    let rows = studio.sql.query(query, &[&event.uuid()]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn outbox(studio: &TestTenant) -> Vec<String> {
    let rows = studio.sql.query("SELECT kind FROM runtime.outbox ORDER BY seq", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

const COUNT_AGREES: &str = "SELECT count(*) FROM events.events e WHERE e.spots_booked <> (
    SELECT count(*) FROM events.bookings b
    WHERE b.event_id = e.id AND b.status IN ('booked', 'attended', 'no_show'))";

#[tokio::test]
async fn evt_10_a_canceled_spot_goes_to_the_first_on_the_waitlist_in_one_transaction() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let [ada, bea, cleo] = members(&studio).await;
    let booking = book(&studio, ada, class).await.unwrap();
    for (member, position) in [(bea, 1), (cleo, 2)] {
        let Waited::InLine { rank, .. } = wait(&studio, member, class).await.unwrap() else { panic!("full") };
        assert_eq!((rank.position, rank.of), (position, position));
    }
    let given = cancel(&studio, ada, booking.id).await.unwrap();
    assert_eq!((given.state, given.fee.minor), (BookingState::Canceled, 0));
    assert_eq!(waitlist(&studio, class).await, [cleo.user.uuid()]);
    let promoted = "SELECT count(*) FROM events.bookings WHERE status = 'booked' AND from_waitlist";
    assert_eq!(studio.count(promoted).await, 1);
    let sent =
        ["events.booked", "events.waiting", "events.waiting", "events.booking_canceled", "events.promoted"];
    assert_eq!(outbox(&studio).await, sent);
    let same = "SELECT count(DISTINCT xmin::text) FROM runtime.outbox WHERE kind IN ('events.booking_canceled', 'events.promoted')";
    assert_eq!(studio.count(same).await, 1, "one transaction");
    assert_eq!(leave(&studio, cleo, class).await.unwrap().to_string(), "1st of 1");
    assert_eq!(leave(&studio, cleo, class).await.unwrap_err().status, 404);
    assert_eq!(studio.count(COUNT_AGREES).await, 0);
}

#[tokio::test]
async fn evt_08_a_late_cancellation_keeps_its_fee_and_can_be_booked_again() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(2)).await;
    let ada = studio.member(studio.main).await;
    let first = book(&studio, ada, class).await.unwrap();
    assert_eq!(
        cancel(&studio, ada, first.id).await.unwrap().state,
        BookingState::Canceled,
        "two hours before"
    );
    let second = book(&studio, ada, class).await.unwrap();
    studio.clock.pass(Duration::microseconds(1));
    let late = cancel(&studio, ada, second.id).await.unwrap();
    assert_eq!((late.state, late.fee.minor), (BookingState::CanceledLate, 1_500));
    let kept = "SELECT fee_minor FROM events.bookings WHERE status = 'canceled_late'";
    assert_eq!(studio.count(kept).await, 1_500);
    let sent = "SELECT (payload->'fee'->>'minor')::bigint FROM runtime.outbox
                WHERE kind = 'events.booking_canceled' ORDER BY seq DESC LIMIT 1";
    assert_eq!(studio.count(sent).await, 1_500);
    let again = cancel(&studio, ada, second.id).await.unwrap_err();
    assert_eq!(again.denial.unwrap().code, "events.cancel_booking.not_booked");
    assert!(book(&studio, ada, class).await.is_ok(), "after a cancellation the client can book again");
}

#[tokio::test]
async fn evt_10_a_client_who_may_not_have_the_spot_is_passed_over_and_keeps_their_rank() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let [ada, bea, cleo, dora] = members(&studio).await;
    let booking = book(&studio, ada, class).await.unwrap();
    wait(&studio, bea, class).await.unwrap();
    wait(&studio, cleo, class).await.unwrap();
    studio
        .sql
        .execute("UPDATE crm.clients SET status = 'archived' WHERE id = $1", &[&bea.client.uuid()])
        .await
        .unwrap();
    cancel(&studio, ada, booking.id).await.unwrap();
    assert_eq!(waitlist(&studio, class).await, [bea.user.uuid()], "Cleo has the spot");
    let reason =
        "SELECT count(*) FROM events.waitlist_entries WHERE passed_over = 'events.book.client_archived'";
    assert_eq!(studio.count(reason).await, 1);
    let recorded =
        "SELECT count(*) FROM runtime.decisions WHERE command = 'events.promote' AND outcome = 'denied'";
    assert_eq!(studio.count(recorded).await, 1);
    // A spot that only Bea may not have goes to the next client who asks.
    let booking_of_cleo = studio
        .sql
        .query_one("SELECT id FROM events.bookings WHERE client_id = $1", &[&cleo.client.uuid()])
        .await
        .unwrap();
    cancel(&studio, cleo, booking_of_cleo.get::<_, uuid::Uuid>(0).into()).await.unwrap();
    assert_eq!(book(&studio, dora, class).await.unwrap_err().denial.unwrap().code, "events.book.others_wait");
    assert!(
        matches!(wait(&studio, dora, class).await.unwrap(), Waited::Promoted(booking) if booking.user == dora.user)
    );
    assert_eq!(studio.count(recorded).await, 1, "the same reason is recorded once");
    assert_eq!(studio.count(COUNT_AGREES).await, 0);
}

#[tokio::test]
async fn evt_04_a_client_who_gets_a_spot_in_any_way_leaves_the_waitlist() {
    let studio = TestTenant::open().await;
    let [ada, bea, cleo] = members(&studio).await;
    let more_spots = async |class: EventId| {
        let more = "UPDATE events.events SET spots_total = spots_total + 1 WHERE id = $1";
        studio.sql.execute(more, &[&class.uuid()]).await.unwrap();
    };
    let booked = studio.class(studio.main, 1, Duration::minutes(10)).await;
    book(&studio, ada, booked).await.unwrap();
    wait(&studio, bea, booked).await.unwrap();
    more_spots(booked).await;
    book(&studio, bea, booked).await.unwrap();
    assert!(waitlist(&studio, booked).await.is_empty());

    let walked_in = studio.class(studio.main, 1, Duration::minutes(10)).await;
    book(&studio, ada, walked_in).await.unwrap();
    wait(&studio, bea, walked_in).await.unwrap();
    wait(&studio, cleo, walked_in).await.unwrap();
    let again = wait(&studio, cleo, walked_in).await.unwrap_err().denial.unwrap();
    assert_eq!(again.code, "events.wait.already_waiting");
    assert!(again.remedy.unwrap().text.contains("2nd of 2"));
    more_spots(walked_in).await;
    let staff_permit = studio.as_staff(UserId::generate(studio.now()), studio.main, &["events.*"]);
    let (permit, now) = (staff_permit.permit::<ManageAttendance>().unwrap(), studio.now());
    let came = studio.db.tenant_tx(&permit, async |tx| {
        events::walk_in(&permit, &mut tx.events(), walked_in, cleo.client, now).await
    });
    assert_eq!(came.await.unwrap().state, BookingState::Attended);
    assert_eq!(waitlist(&studio, walked_in).await, [bea.user.uuid()], "the others keep their places");
    assert_eq!(studio.count(COUNT_AGREES).await, 0);
}

#[tokio::test]
async fn evt_10_concurrent_steps_keep_the_count_the_waitlist_and_the_spots() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 5, Duration::hours(5)).await;
    let crowd: [Member; 30] = members(&studio).await;
    let staff = UserId::generate(studio.now());
    let staff_permit =
        studio.as_staff(staff, studio.main, &["events.*"]).permit::<ManageAttendance>().unwrap();
    let raise = studio.as_staff(staff, studio.main, &["events.*"]).permit::<EditEvent>().unwrap();
    let everyone = async |round: usize| {
        join_all(crowd.iter().enumerate().map(async |(n, member)| match (n + round) % 5 {
            0 => {
                let query = "SELECT id FROM events.bookings WHERE client_id = $1 AND status = 'booked'";
                if let Some(row) = studio.sql.query_opt(query, &[&member.client.uuid()]).await.unwrap() {
                    cancel(&studio, *member, row.get::<_, uuid::Uuid>(0).into()).await.map(drop)
                } else {
                    book(&studio, *member, class).await.map(drop)
                }
            }
            1 | 2 => book(&studio, *member, class).await.map(drop),
            3 => wait(&studio, *member, class).await.map(drop),
            _ if round == 3 => leave(&studio, *member, class).await.map(drop),
            _ => wait(&studio, *member, class).await.map(drop),
        }))
        .await
    };
    for round in 0..6_usize {
        let now = studio.now();
        let work = studio.db.tenant_tx(&staff_permit, async |tx| {
            events::process_waitlist(&staff_permit, &mut tx.events(), class, now).await
        });
        let edit = studio.db.tenant_tx(&raise, async |tx| {
            let version = i32::try_from(round).unwrap() + 1;
            let offer = events::Offer {
                name: "Yoga".into(),
                staff: None,
                duration_minutes: 60,
                spots_total: 5 + u32::try_from(round).unwrap(),
                location: format!("Room {round}"),
                takes_visitors: true,
            };
            let edit =
                events::EventEdit { offer, start: events::Start::At(now + Duration::hours(5)), room: None };
            events::edit_event(&raise, &mut tx.events(), class, version, edit, now).await
        });
        let (outcomes, worked, edited) = join3(everyone(round), work, edit).await;
        worked.unwrap();
        edited.unwrap();
        for problem in outcomes.into_iter().filter_map(Result::err) {
            assert!(problem.denial.is_some() || problem.status == 404, "{problem:?}");
        }
        assert_eq!(
            studio.count(COUNT_AGREES).await,
            0,
            "spots_booked equals the number of bookings that hold a spot"
        );
        let over = "SELECT count(*) FROM events.events WHERE spots_booked > spots_total";
        assert_eq!(studio.count(over).await, 0);
        let waiting_despite_free_spot =
            "SELECT count(*) FROM events.events e JOIN events.waitlist_entries w ON w.event_id = e.id
                      WHERE w.status = 'waiting' AND e.spots_booked < e.spots_total";
        assert_eq!(studio.count(waiting_despite_free_spot).await, 0, "nobody waits while a spot is free");
        let both = "SELECT count(*) FROM events.waitlist_entries w
                    JOIN events.bookings b ON b.event_id = w.event_id AND b.client_id = w.client_id
                    WHERE w.status = 'waiting' AND b.status = 'booked'";
        assert_eq!(studio.count(both).await, 0, "no client with a spot waits");
    }
    // First come, first served: every promoted client had joined before all who still wait.
    let order = "SELECT count(*) FROM events.waitlist_entries p, events.waitlist_entries w
                 WHERE p.status = 'promoted' AND w.status = 'waiting' AND p.place > w.place";
    assert_eq!(studio.count(order).await, 0);
    assert!(studio.count("SELECT count(*) FROM events.waitlist_entries WHERE status = 'promoted'").await > 0);
}

#[tokio::test]
async fn evt_10_two_concurrent_cancellations_promote_two() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::hours(5)).await;
    let [ada, bea, cleo, dora] = members(&studio).await;
    let first = book(&studio, ada, class).await.unwrap();
    let second = book(&studio, bea, class).await.unwrap();
    wait(&studio, cleo, class).await.unwrap();
    wait(&studio, dora, class).await.unwrap();
    let again = cancel(&studio, ada, first.id);
    let (one, two, three) =
        join3(cancel(&studio, ada, first.id), cancel(&studio, bea, second.id), again).await;
    assert!(two.is_ok() && (one.is_ok() != three.is_ok()), "the same booking can be canceled once");
    assert!(waitlist(&studio, class).await.is_empty());
    assert_eq!(studio.count("SELECT spots_booked::bigint FROM events.events").await, 2);
}

#[tokio::test]
async fn evt_10_a_visitor_is_promoted_by_their_location_when_they_joined() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let (ada, guest) = (studio.member(studio.main).await, studio.member(downtown).await);
    let booking = book(&studio, ada, class).await.unwrap();
    // `wait` joins while switched to the main location; the client could not join while at their own location.
    let away = studio.as_client(guest, downtown).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let refused =
        studio.db.tenant_tx(&away, async |tx| events::wait(&away, &mut tx.events(), class, now).await).await;
    assert_eq!(refused.unwrap_err().status, 403);
    wait(&studio, guest, class).await.unwrap();
    cancel(&studio, ada, booking.id).await.unwrap();
    let visit = "SELECT count(*) FROM events.bookings
                 WHERE booking_organization_id <> attended_organization_id AND status = 'booked'";
    assert_eq!(studio.count(visit).await, 1);
}
