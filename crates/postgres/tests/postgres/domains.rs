//! The rules of columns with domain types: the database refuses values that no service would write.

use chrono::Duration;
use tokio_postgres::error::SqlState;
use tryzore_testkit::TestTenant;

const KEY: &str = "INSERT INTO runtime.idempotency_keys
    SELECT tenant_id, client_id, repeat('k', 255), '', 201, '{}', now() FROM events.bookings";
const DECISION: &str = "INSERT INTO runtime.decisions
    SELECT tenant_id, id, 'events.book', event_id, NULL, '{}', NULL, 'denied', 'events.book.full', '[]', NULL, now()
    FROM events.bookings";

#[tokio::test]
async fn invalid_values_are_refused() {
    let studio = TestTenant::open().await;
    studio.booked_classes(studio.member(studio.main).await, 1).await;
    let of_event = |set: &str| format!("UPDATE events.events SET {set}");
    let of_booking = |set: &str| format!("UPDATE events.bookings SET {set}");
    // Values that are just valid, and values that just are not.
    let cases = [
        (of_event("kind = 'tour'"), of_event("kind = 'party'")),
        (of_event("status = 'confirmed'"), of_event("status = 'lost'")),
        (of_event("name = repeat('n', 255)"), of_event("name = repeat('n', 256)")),
        (of_event("name = 'n'"), of_event("name = ''")),
        (of_event("spots_total = 10000"), of_event("spots_total = 10001")),
        (of_event("spots_total = 1"), of_event("spots_total = 0, spots_booked = 0")),
        (of_booking("status = 'attended'"), of_booking("status = 'here'")),
        (of_booking("price_minor = 0"), of_booking("price_minor = -1")),
        (of_booking("fee_minor = 0"), of_booking("fee_minor = -1")),
        (of_booking("currency = 'THB'"), of_booking("currency = 'eur'")),
        (KEY.into(), KEY.replace("255", "256")),
        (KEY.replace("255", "1"), KEY.replace("255", "0")),
        (DECISION.into(), DECISION.replace("'denied'", "'perhaps'")),
    ];
    for (holds, does_not) in cases {
        assert_eq!(studio.sql.execute(&holds, &[]).await.unwrap(), 1, "{holds}");
        let refused = studio.sql.execute(&does_not, &[]).await.unwrap_err();
        assert_eq!(refused.code(), Some(&SqlState::CHECK_VIOLATION), "{does_not}");
    }
    // A rule over two columns is a constraint of the table.
    let class = studio.class(studio.main, 1, Duration::hours(1)).await;
    let more = "UPDATE events.events SET spots_booked = 2 WHERE id = $1";
    let refused = studio.sql.execute(more, &[&class.uuid()]).await.unwrap_err();
    assert_eq!(refused.as_db_error().and_then(|error| error.constraint()), Some("events_capacity"));
}
