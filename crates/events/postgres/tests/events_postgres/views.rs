//! The views of events: who sees which events and clients, in which order, and at which price.

use chrono::Duration;
use tryzore_events::{
    self as events, EventState,
    permission::{BookEvent, BrowseSchedule, ManageAttendance, ViewEvents},
};
use tryzore_events_postgres::Events;
use tryzore_events_postgres::views::{
    detail::{client_event, staff_event},
    history::client_history,
    mine::{Period, my_bookings, my_waits},
    roster::{roster, waitlist},
    schedule::{
        EventCard, MAX_DAYS, ScheduleFilter, client_schedule, cross_location_schedule, staff_schedule,
    },
};
use tryzore_kernel::{BookingId, Currency, EventId, Limit, Money, OrganizationId, UserId};
use tryzore_rbac::{Permit, catalogue::ViewClientsAcross};
use tryzore_testkit::{Database, TestTenant, test_tenant::Member};

fn week(studio: &TestTenant) -> ScheduleFilter {
    ScheduleFilter::window(studio.now(), studio.now() + Duration::days(7))
}

fn ids(cards: &[EventCard]) -> Vec<EventId> {
    cards.iter().map(|card| card.id).collect()
}

async fn staff_sees(
    studio: &TestTenant,
    permit: &Permit<ViewEvents>,
    asked: &ScheduleFilter,
) -> Vec<EventCard> {
    studio
        .db
        .tenant_tx(permit, async |tx| staff_schedule(permit, &mut tx.events(), asked).await)
        .await
        .unwrap()
        .data
}

async fn book(studio: &TestTenant, member: Member, event: EventId) -> BookingId {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
        .await
        .unwrap()
        .id
}

async fn wait(studio: &TestTenant, member: Member, event: EventId) {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::wait(&permit, &mut tx.events(), event, now).await)
        .await
        .unwrap();
}

fn viewer(studio: &TestTenant, user: UserId, at: OrganizationId, patterns: &[&str]) -> Permit<ViewEvents> {
    studio.as_staff(user, at, patterns).permit().unwrap()
}

#[tokio::test]
async fn evt_15_staff_see_the_schedule_of_their_locations_and_leaders_their_own_events() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let leader = UserId::generate(studio.now());
    let late = studio.class(studio.main, 1, Duration::hours(9)).await;
    let early = studio.class(studio.main, 5, Duration::hours(2)).await;
    let elsewhere = studio.class(downtown, 5, Duration::hours(3)).await;
    studio
        .sql
        .execute("UPDATE events.events SET staff_user_id = $1 WHERE id = $2", &[&leader.uuid(), &late.uuid()])
        .await
        .unwrap();
    let ada = studio.member(studio.main).await;
    book(&studio, ada, late).await;
    wait(&studio, studio.member(studio.main).await, late).await;
    let all = viewer(&studio, UserId::generate(studio.now()), studio.main, &["events.view_all"]);
    let cards = staff_sees(&studio, &all, &week(&studio)).await;
    assert_eq!(ids(&cards), [early, late]);
    assert_eq!((cards[1].spots_booked, cards[1].is_full, cards[1].waiting), (1, true, 1));
    assert!(!cards[0].is_full && cards[1].my_booking_id.is_none());
    let own = viewer(&studio, leader, studio.main, &["events.view_own"]);
    assert_eq!(ids(&staff_sees(&studio, &own, &week(&studio)).await), [late]);
    let there = ScheduleFilter { organization: Some(downtown), ..week(&studio) };
    assert!(staff_sees(&studio, &all, &there).await.is_empty(), "out of the reach of the permit");
    let states = ScheduleFilter { states: vec![EventState::Canceled], ..week(&studio) };
    assert!(staff_sees(&studio, &all, &states).await.is_empty());
    let led = ScheduleFilter { staff: Some(leader), ..week(&studio) };
    assert_eq!(ids(&staff_sees(&studio, &all, &led).await), [late]);
    for (event, seen) in [(late, true), (early, false), (elsewhere, false)] {
        let detail = studio
            .db
            .tenant_tx(&own, async |tx| staff_event(&own, &mut tx.events(), event).await)
            .await
            .unwrap();
        assert_eq!(detail.is_some(), seen);
        let names =
            studio.db.tenant_tx(&own, async |tx| roster(&own, &mut tx.events(), event).await).await.unwrap();
        assert_eq!(names.is_some(), seen);
    }
}

#[tokio::test]
async fn the_schedule_comes_in_pages_by_start() {
    let studio = TestTenant::open().await;
    let mut expected = Vec::new();
    for hour in [5, 1, 1, 3, 2] {
        expected.push((hour, studio.class(studio.main, 5, Duration::hours(hour)).await));
    }
    expected.sort();
    let all = viewer(&studio, UserId::generate(studio.now()), studio.main, &["events.view_all"]);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let asked =
            ScheduleFilter { cursor: cursor.clone(), limit: Limit::try_new(2).unwrap(), ..week(&studio) };
        let page = studio
            .db
            .tenant_tx(&all, async |tx| staff_schedule(&all, &mut tx.events(), &asked).await)
            .await
            .unwrap();
        seen.extend(ids(&page.data));
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
    let wide = |days| ScheduleFilter::window(studio.now(), studio.now() + Duration::days(days));
    for (asked, fits) in [(wide(MAX_DAYS), true), (wide(MAX_DAYS + 1), false), (wide(0), false)] {
        let page =
            studio.db.tenant_tx(&all, async |tx| staff_schedule(&all, &mut tx.events(), &asked).await).await;
        assert_eq!(page.is_ok(), fits);
    }
    let broken = ScheduleFilter { cursor: Some("nonsense".into()), ..week(&studio) };
    let page =
        studio.db.tenant_tx(&all, async |tx| staff_schedule(&all, &mut tx.events(), &broken).await).await;
    assert_eq!(page.unwrap_err().errors[0].pointer, "cursor");
}

#[tokio::test]
async fn evt_15_a_client_sees_their_own_booking_rank_and_price() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let (mine, full) = (
        studio.class(studio.main, 5, Duration::hours(2)).await,
        studio.class(studio.main, 1, Duration::hours(3)).await,
    );
    let (there, closed) = (
        studio.class(downtown, 5, Duration::hours(4)).await,
        studio.class(downtown, 5, Duration::hours(5)).await,
    );
    studio
        .sql
        .execute(
            "UPDATE events.events SET allow_cross_location_booking = false WHERE id = $1",
            &[&closed.uuid()],
        )
        .await
        .unwrap();
    studio.sql.execute("UPDATE tenancy.organization_settings SET honor_other_location_memberships = false WHERE organization_id = $1", &[&downtown.uuid()]).await.unwrap();
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    book(&studio, bea, full).await;
    wait(&studio, studio.member(studio.main).await, full).await;
    let booking = book(&studio, ada, mine).await;
    wait(&studio, ada, full).await;
    let permit = studio.as_client(ada, studio.main).permit::<BrowseSchedule>().unwrap();
    let asked = week(&studio);
    let here = studio
        .db
        .tenant_tx(&permit, async |tx| client_schedule(&permit, &mut tx.events(), &asked).await)
        .await
        .unwrap()
        .data;
    assert_eq!(ids(&here), [mine, full], "at the current location");
    assert_eq!((here[0].my_booking_id, here[0].my_waitlist_position), (Some(booking), None));
    assert_eq!((here[1].my_booking_id, here[1].my_waitlist_position), (None, Some(2)));
    let across = studio
        .db
        .tenant_tx(&permit, async |tx| cross_location_schedule(&permit, &mut tx.events(), &asked).await);
    assert_eq!(ids(&across.await.unwrap().data), [there], "only other locations that take visitors");
    let detail = async |event| {
        studio
            .db
            .tenant_tx(&permit, async |tx| client_event(&permit, &mut tx.events(), event).await)
            .await
            .unwrap()
            .unwrap()
    };
    assert_eq!(detail(mine).await.my_price, Some(Money::new(0, Currency::EUR)));
    let elsewhere = detail(there).await;
    assert_eq!(elsewhere.my_price, Some(Money::new(2_000, Currency::EUR)));
    assert_eq!(elsewhere.card.starts_at - elsewhere.free_cancellation_until, Duration::hours(2));
    assert_eq!(elsewhere.card.starts_at - elsewhere.checkin_opens_at, Duration::minutes(30));
    studio
        .sql
        .execute(
            "UPDATE crm.clients SET allowed_organization_ids = ARRAY[$1::uuid] WHERE id = $2",
            &[&studio.main.uuid(), &ada.client.uuid()],
        )
        .await
        .unwrap();
    let across = studio
        .db
        .tenant_tx(&permit, async |tx| cross_location_schedule(&permit, &mut tx.events(), &asked).await);
    assert!(across.await.unwrap().data.is_empty(), "the client is restricted to their own location");
}

#[tokio::test]
async fn evt_11_a_roster_shows_contact_data_only_with_the_permission() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 2, Duration::minutes(10)).await;
    let [ada, bea, cleo] = [
        studio.member(studio.main).await,
        studio.member(studio.main).await,
        studio.member(studio.main).await,
    ];
    for (member, name) in [(ada, "Verdi"), (bea, "Bianchi"), (cleo, "Neri")] {
        let email = format!("{name}{}@example.com", member.client.uuid().simple()).to_lowercase();
        studio
            .sql
            .execute(
                "UPDATE crm.clients SET family_name = $1, email = $2 WHERE id = $3",
                &[&name, &email, &member.client.uuid()],
            )
            .await
            .unwrap();
    }
    let booking = book(&studio, ada, class).await;
    book(&studio, bea, class).await;
    wait(&studio, cleo, class).await;
    let staff = studio.as_staff(UserId::generate(studio.now()), studio.main, &["events.*"]);
    let permit = staff.permit::<ManageAttendance>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::check_in(&permit, &mut tx.events(), booking, now).await)
        .await
        .unwrap();
    let names =
        viewer(&studio, UserId::generate(now), studio.main, &["events.view_all", "clients.view_basic"]);
    let view = studio
        .db
        .tenant_tx(&names, async |tx| roster(&names, &mut tx.events(), class).await)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((view.spots_booked, view.spots_total, view.is_full), (2, 2, true));
    let rows: Vec<_> =
        view.clients.iter().map(|row| (&*row.family_name, &*row.status, row.is_first_timer)).collect();
    assert_eq!(rows, [("Bianchi", "booked", true), ("Verdi", "attended", true)]);
    assert!(view.clients.iter().all(|row| row.email.is_none()));
    let free = Money::new(0, Currency::EUR);
    assert!(view.clients.iter().all(|row| (row.price, row.fee) == (free, free)));
    let line = studio
        .db
        .tenant_tx(&names, async |tx| waitlist(&names, &mut tx.events(), class).await)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((line[0].position, &*line[0].family_name, &line[0].email), (1, "Neri", &None));
    let contact =
        viewer(&studio, UserId::generate(now), studio.main, &["events.view_all", "clients.view_all"]);
    let view = studio
        .db
        .tenant_tx(&contact, async |tx| roster(&contact, &mut tx.events(), class).await)
        .await
        .unwrap()
        .unwrap();
    assert!(view.clients.iter().all(|row| row.email.is_some()));
}

#[tokio::test]
async fn a_client_sees_their_upcoming_and_past_bookings_and_their_waits() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let ada = studio.member(studio.main).await;
    let (soon, later, full) = (
        studio.class(studio.main, 5, Duration::hours(3)).await,
        studio.class(studio.main, 5, Duration::hours(30)).await,
        studio.class(studio.main, 1, Duration::hours(40)).await,
    );
    book(&studio, studio.member(studio.main).await, full).await;
    book(&studio, ada, later).await;
    let first = book(&studio, ada, soon).await;
    let away = studio.class(downtown, 5, Duration::hours(31)).await;
    let permit = studio.as_client(ada, downtown).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let visit = studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), away, now).await)
        .await
        .unwrap();
    wait(&studio, ada, full).await;
    studio
        .db
        .tenant_tx(&permit, async |tx| events::cancel_booking(&permit, &mut tx.events(), visit.id, now).await)
        .await
        .unwrap();
    let list = async |period, now| {
        let limit = Limit::default();
        let page = studio.db.tenant_tx(&permit, async |tx| {
            my_bookings(&permit, &mut tx.events(), period, None, limit, now).await
        });
        page.await.unwrap().data.into_iter().map(|row| row.event_id).collect::<Vec<_>>()
    };
    assert_eq!(list(Period::Upcoming, now).await, [soon, later]);
    assert_eq!(list(Period::Past, now).await, [away]);
    let past = studio.db.tenant_tx(&permit, async |tx| {
        my_bookings(&permit, &mut tx.events(), Period::Past, None, Limit::default(), now).await
    });
    let given_back = &past.await.unwrap().data[0];
    assert_eq!((given_back.price, given_back.fee), (visit.price, Money::new(0, Currency::EUR)));
    let end = now + Duration::hours(4);
    assert_eq!(list(Period::Upcoming, end - Duration::microseconds(1)).await, [soon, later], "until its end");
    assert_eq!(list(Period::Past, end).await, [away, soon], "the last event first");
    let waits =
        studio.db.tenant_tx(&permit, async |tx| my_waits(&permit, &mut tx.events()).await).await.unwrap();
    assert_eq!((waits.len(), waits[0].event_id, waits[0].position, waits[0].of), (1, full, 1, 1));
    studio
        .sql
        .execute("UPDATE events.bookings SET status = 'attended' WHERE id = $1", &[&first.uuid()])
        .await
        .unwrap();
    let across = studio.as_staff(UserId::generate(now), studio.main, &["clients.view_cross_org"]);
    let across = across.permit::<ViewClientsAcross>().unwrap();
    let history =
        studio.db.tenant_tx(&across, async |tx| client_history(&across, &mut tx.events(), ada.client).await);
    let history = history.await.unwrap().unwrap();
    assert_eq!((history[0].organization_id, history[0].is_home), (studio.main, true));
    assert_eq!((history[0].attended, history[0].upcoming, history[1].canceled), (1, 1, 1));
    let next_door = studio.as_staff(UserId::generate(now), downtown, &["clients.view_cross_org"]);
    let next_door = next_door.permit::<ViewClientsAcross>().unwrap();
    let none = studio
        .db
        .tenant_tx(&next_door, async |tx| client_history(&next_door, &mut tx.events(), ada.client).await);
    assert!(none.await.unwrap().is_none());
}

#[tokio::test]
async fn ten_thousand_events_are_never_scanned_sequentially() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let downtown = studio.location("Downtown").await;
    for at in [studio.main, downtown] {
        studio
            .sql
            .execute(
                "INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at,
                     spots_total, status, created_at, updated_at)
                 SELECT $1, gen_random_uuid(), $2, 'class', 'Yoga', $3::timestamptz + n * interval '1 hour',
                        $3::timestamptz + n * interval '1 hour' + interval '1 hour', 10, 'scheduled', now(), now()
                 FROM generate_series(1, 5000) n",
                &[&studio.tenant.uuid(), &at.uuid(), &studio.now()],
            )
            .await
            .unwrap();
    }
    let owner = studio.database.owner_client().await;
    owner.batch_execute("ANALYZE events.events").await.unwrap();
    // How often the table was scanned sequentially, and how often by an index, as Postgres counts it.
    let counted = async || {
        let query = "SELECT seq_scan, idx_scan FROM pg_stat_user_tables
                     WHERE schemaname = 'events' AND relname = 'events'";
        let row = owner.query_one(query, &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };
    let now = studio.now();
    let staff = viewer(&studio, UserId::generate(now), studio.main, &["events.view_all"]);
    let everywhere = Permit::<ViewEvents>::system(studio.tenant, tryzore_rbac::SystemActor::Seed);
    let ada = studio.member(studio.main).await;
    let client = studio.as_client(ada, studio.main).permit::<BrowseSchedule>().unwrap();
    let before = counted().await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // Each connection reports its statistics about once a second. Until then, every statement is run
    // often enough to get a generic plan.
    loop {
        let asked = week(&studio);
        for permit in [&staff, &everywhere] {
            let page = studio
                .db
                .tenant_tx(permit, async |tx| staff_schedule(permit, &mut tx.events(), &asked).await)
                .await
                .unwrap();
            assert_eq!(page.data.len(), 50);
        }
        studio
            .db
            .tenant_tx(&client, async |tx| client_schedule(&client, &mut tx.events(), &asked).await)
            .await
            .unwrap();
        studio
            .db
            .tenant_tx(&client, async |tx| cross_location_schedule(&client, &mut tx.events(), &asked).await)
            .await
            .unwrap();
        let after = counted().await;
        assert_eq!(after.0, before.0, "the table was scanned sequentially");
        if after.1 >= before.1 + 40 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "Postgres counted no index scan");
    }
}
