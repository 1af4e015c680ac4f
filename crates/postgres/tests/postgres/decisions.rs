//! Who may look up a decision: the user whom it concerns, and managers of the location.

use chrono::Duration;
use tryzore_events::{
    self as events,
    permission::{BookEvent, CancelEvent, EditEvent, ManageAttendance},
};
use tryzore_events_postgres::Events;
use tryzore_kernel::{BookingId, DecisionId, EventId, Limit, OrganizationId, Problem, UserId};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Grants, Permission, Permit, catalogue::OwnProfile};
use tryzore_testkit::{TestTenant, test_tenant::Member};

fn staff<P: Permission>(studio: &TestTenant) -> Permit<P> {
    let user = UserId::generate(studio.now());
    studio.as_staff(user, studio.main, &["events.*"]).permit().unwrap()
}

async fn book(studio: &TestTenant, member: Member, event: EventId) -> Result<BookingId, Problem> {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    let booked = studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
        .await;
    booked.map(|booking| booking.id)
}

/// The decision of a refusal.
fn decision<T>(outcome: Result<T, Problem>, code: &str) -> DecisionId {
    let denial = outcome.err().and_then(|problem| problem.denial).expect(code);
    assert_eq!(denial.code, code);
    denial.decision.expect(code)
}

async fn is_shown(studio: &TestTenant, grants: &Grants, id: DecisionId) -> bool {
    let reader = studio.as_staff(UserId::generate(studio.now()), studio.main, &["*"]);
    let permit: Permit<OwnProfile> = reader.permit().unwrap();
    let found = studio.db.tenant_tx(&permit, async |tx| tx.decision_find(id, grants).await);
    found.await.unwrap().is_some()
}

/// Checks that the front desk of the location sees `id`, and that of another location and trainers don't.
async fn is_for_the_location(studio: &TestTenant, downtown: OrganizationId, id: DecisionId, what: &str) {
    let someone = |at, patterns: &[&str]| studio.as_staff(UserId::generate(studio.now()), at, patterns);
    assert!(is_shown(studio, &someone(studio.main, &["events.view_all"]), id).await, "{what}");
    assert!(!is_shown(studio, &someone(downtown, &["events.view_all"]), id).await, "{what}: elsewhere");
    assert!(!is_shown(studio, &someone(studio.main, &["events.view_own"]), id).await, "{what}: no right");
}

#[tokio::test]
async fn managers_of_a_locations_events_may_look_up_every_refusal_there() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let (client, desk) = (
        studio.as_client(ada, studio.main).permit::<BookEvent>().unwrap(),
        staff::<ManageAttendance>(&studio),
    );
    let (lead, manager) = (staff::<EditEvent>(&studio), staff::<CancelEvent>(&studio));
    let now = studio.now();
    let mut refused = Vec::new();

    let said = studio
        .db
        .tenant_tx(&client, async |tx| events::wait(&client, &mut tx.events(), class, now).await)
        .await;
    refused.push(decision(said, "events.wait.spots_free"));
    let spot = book(&studio, ada, class).await.unwrap();
    refused.push(decision(book(&studio, bea, class).await, "events.book.full"));
    let said = studio
        .db
        .tenant_tx(&desk, async |tx| events::check_in(&desk, &mut tx.events(), spot, now).await)
        .await;
    refused.push(decision(said, "events.check_in.too_early"));
    let said = studio
        .db
        .tenant_tx(&desk, async |tx| events::mark_no_show(&desk, &mut tx.events(), spot, None, now).await)
        .await;
    refused.push(decision(said, "events.no_show.not_started"));
    let said = studio
        .db
        .tenant_tx(&desk, async |tx| events::undo_attendance(&desk, &mut tx.events(), spot, now).await)
        .await;
    refused.push(decision(said, "events.undo.nothing"));
    let said = studio
        .db
        .tenant_tx(&desk, async |tx| events::excuse(&desk, &mut tx.events(), spot, "Ill", now).await)
        .await;
    refused.push(decision(said, "events.excuse.no_fee"));
    let said = studio
        .db
        .tenant_tx(&desk, async |tx| events::complete_event(&desk, &mut tx.events(), class, now).await)
        .await;
    refused.push(decision(said, "events.complete.not_started"));
    let said = studio
        .db
        .tenant_tx(&desk, async |tx| events::start_event(&desk, &mut tx.events(), class, now).await)
        .await;
    refused.push(decision(said, "events.start.too_early"));
    let later = now + Duration::hours(4) + Duration::minutes(45);
    let walk_in =
        async |tx: &mut TenantTx| events::walk_in(&desk, &mut tx.events(), class, bea.client, later).await;
    refused.push(decision(studio.db.tenant_tx(&desk, walk_in).await, "events.walk_in.full"));
    let over = now + Duration::hours(7);
    studio
        .db
        .tenant_tx(&desk, async |tx| events::complete_event(&desk, &mut tx.events(), class, over).await)
        .await
        .unwrap();
    let said = studio
        .db
        .tenant_tx(&client, async |tx| events::cancel_booking(&client, &mut tx.events(), spot, over).await)
        .await;
    refused.push(decision(said, "events.cancel_booking.not_booked"));
    let said = studio
        .db
        .tenant_tx(&manager, async |tx| {
            events::cancel_event(&manager, &mut tx.events(), class, "Ill", over).await
        })
        .await;
    refused.push(decision(said, "events.cancel.completed"));
    let said = studio
        .db
        .tenant_tx(&lead, async |tx| events::confirm_event(&lead, &mut tx.events(), class, over).await)
        .await;
    refused.push(decision(said, "events.confirm.not_scheduled"));

    for id in refused {
        is_for_the_location(&studio, downtown, id, &id.to_string()).await;
    }
    let nowhere = "SELECT count(*) FROM runtime.decisions WHERE organization_id IS NULL";
    assert_eq!(studio.count(nowhere).await, 0, "what was allowed names its place as well");
}

#[tokio::test]
async fn evt_10_a_client_who_was_skipped_and_the_location_see_that_decision() {
    let studio = TestTenant::open().await;
    let downtown = studio.location("Downtown").await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    let spot = book(&studio, ada, class).await.unwrap();
    let permit = studio.as_client(bea, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::wait(&permit, &mut tx.events(), class, now).await)
        .await
        .unwrap();
    let archive = "UPDATE crm.clients SET status = 'archived' WHERE id = $1";
    studio.sql.execute(archive, &[&bea.client.uuid()]).await.unwrap();
    let hers = studio.as_client(ada, studio.main).permit::<BookEvent>().unwrap();
    studio
        .db
        .tenant_tx(&hers, async |tx| events::cancel_booking(&hers, &mut tx.events(), spot, now).await)
        .await
        .unwrap();
    let denied = "SELECT id FROM runtime.decisions WHERE command = 'events.promote' AND outcome = 'denied'";
    let id = studio.sql.query_one(denied, &[]).await.unwrap().get::<_, uuid::Uuid>(0).into();
    is_for_the_location(&studio, downtown, id, "passed over").await;
    assert!(is_shown(&studio, &studio.as_client(bea, studio.main), id).await);
    let other = studio.member(studio.main).await;
    assert!(!is_shown(&studio, &studio.as_client(other, studio.main), id).await, "another client");
}

#[tokio::test]
async fn a_page_contains_only_visible_decisions_and_reveals_nothing_of_the_rest() {
    let studio = TestTenant::open().await;
    let class = studio.class(studio.main, 1, Duration::hours(5)).await;
    let (ada, bea) = (studio.member(studio.main).await, studio.member(studio.main).await);
    book(&studio, ada, class).await.unwrap();
    studio.clock.pass(Duration::milliseconds(1));
    let hers = decision(book(&studio, ada, class).await, "events.book.already_booked");
    // Newer than the reader's own decisions, and not visible to them.
    for _ in 0..3 {
        studio.clock.pass(Duration::milliseconds(1));
        decision(book(&studio, bea, class).await, "events.book.full");
    }
    let reader = studio.as_client(ada, studio.main);
    let permit: Permit<OwnProfile> = reader.permit().unwrap();
    let page = async |grants: &Grants, before| {
        let limit = Limit::try_new(1).unwrap();
        let about = studio
            .db
            .tenant_tx(&permit, async |tx| tx.decisions_about(class.uuid(), grants, before, limit).await);
        about.await.unwrap()
    };
    let first = page(&reader, None).await;
    assert_eq!(first.data[0].id, hers, "the first that she may see, however much is newer");
    assert!(first.next_cursor.is_some());
    let second = page(&reader, Some(hers)).await;
    assert_eq!((second.data[0].code.as_str(), second.next_cursor), ("allowed", None));

    let stranger = studio.as_client(studio.member(studio.main).await, studio.main);
    let nothing = page(&stranger, None).await;
    assert_eq!((nothing.data.len(), nothing.next_cursor), (0, None), "no cursor to what is hidden");
    let lead = studio.as_staff(UserId::generate(studio.now()), studio.main, &["events.view_all"]);
    assert_eq!(page(&lead, None).await.data[0].code, "events.book.full");
    let elsewhere = studio.location("Downtown").await;
    let other = studio.as_staff(UserId::generate(studio.now()), elsewhere, &["events.view_all"]);
    assert_eq!(page(&other, None).await.data.len(), 0);
}
