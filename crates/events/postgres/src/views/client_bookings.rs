//! The bookings of one client, for staff of the locations where the events take place.

use super::{Amount, after, filter, mine::Period};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_events::permission::ManageAttendance;
use tryzore_kernel::{
    BookingId, ClientId, EventId, Limit, Money, OrganizationId, Page, Problem, StoreResult, TenantId, UserId,
};
use tryzore_postgres::statement;
use tryzore_rbac::Permit;
use utoipa::ToSchema;

/// A booking of a client, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct ClientBooking {
    /// The booking.
    #[diesel(sql_type = Uuid)]
    pub id: BookingId,
    /// The event that was booked.
    #[diesel(sql_type = Uuid)]
    pub event_id: EventId,
    /// The name of the event.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The kind of the event: `class`, `tour` or `appointment`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_events::EventKind)]
    pub kind: String,
    /// The location where the event takes place.
    #[diesel(sql_type = Uuid)]
    pub organization_id: OrganizationId,
    /// The name of the location.
    #[diesel(sql_type = Text)]
    pub organization_name: String,
    /// The time zone of the location (IANA name).
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// The room or the meeting point.
    #[diesel(sql_type = Text)]
    pub location: String,
    /// The staff member who leads the event.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub staff_user_id: Option<UserId>,
    /// The name of the leader; null without a leader, or when the leader no longer works here.
    #[diesel(sql_type = Nullable<Text>)]
    pub staff_name: Option<String>,
    /// The start of the event.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// The end of the event.
    #[diesel(sql_type = Timestamptz)]
    pub ends_at: DateTime<Utc>,
    /// The status: `booked`, `attended`, `no_show`, `canceled` or `canceled_late`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_events::BookingState)]
    pub status: String,
    /// When the booking entered this status.
    #[diesel(sql_type = Timestamptz)]
    pub status_at: DateTime<Utc>,
    /// Whether the booking was promoted from the waitlist.
    #[diesel(sql_type = Bool)]
    pub from_waitlist: bool,
    /// The last moment, included, at which canceling is free.
    #[diesel(sql_type = Timestamptz)]
    pub free_cancellation_until: DateTime<Utc>,
    /// The price of the visit.
    #[diesel(sql_type = Amount)]
    pub price: Money,
    /// The fee for canceling late or not coming.
    #[diesel(sql_type = Amount)]
    pub fee: Money,
    /// The reason for which the fee was waived.
    #[diesel(sql_type = Nullable<Text>)]
    pub excuse: Option<String>,
    /// The staff member who booked for the client; null when the client booked.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub booked_by_user_id: Option<UserId>,
    /// The staff member who canceled for the client; null when the client canceled.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub canceled_by_user_id: Option<UserId>,
}

statement! {
    /// Whether the client is at home at one of the locations `at`, or has ever booked there.
    struct SeesClient {
        tenant: TenantId => Uuid,
        client: ClientId => Uuid,
        at: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
    }
    "SELECT $3 IS NULL OR c.home_organization_id = ANY($3) OR EXISTS (
         SELECT FROM events.bookings b
         WHERE b.tenant_id = $1 AND b.client_id = c.id AND b.attended_organization_id = ANY($3)) AS is_seen
     FROM crm.clients c
     WHERE c.tenant_id = $1 AND c.id = $2"
}

#[derive(QueryableByName)]
struct SeenRow {
    #[diesel(sql_type = Bool)]
    is_seen: bool,
}

/// A page of the bookings `b` of a client, joined with their events `e`.
macro_rules! bookings {
    (struct $name:ident $which_and_order:literal) => {
        statement! {
            struct $name {
                tenant: TenantId => Uuid,
                client: ClientId => Uuid,
                at: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
                now: DateTime<Utc> => Timestamptz,
                after_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
                after: Option<BookingId> => Nullable<Uuid>,
                limit: i64 => BigInt,
            }
            concat!(
                "SELECT b.id, b.event_id, e.name, e.kind, e.organization_id, o.name AS organization_name, o.time_zone,
                        e.location, e.staff_user_id, leader.name AS staff_name, e.starts_at, e.ends_at,
                        b.status, b.status_at, b.from_waitlist,
                        e.starts_at - make_interval(hours => s.cancellation_window_hours) AS free_cancellation_until,
                        ROW(b.price_minor, b.currency) AS price, ROW(b.fee_minor, b.currency) AS fee, b.excuse, b.booked_by_user_id, b.canceled_by_user_id
                 FROM events.bookings b
                 JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
                 JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
                 JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = e.organization_id
                 LEFT JOIN tenancy.employees leader ON leader.tenant_id = $1 AND leader.user_id = e.staff_user_id
                 WHERE b.tenant_id = $1 AND b.client_id = $2
                   AND ($3 IS NULL OR b.attended_organization_id = ANY($3)) AND ",
                $which_and_order,
                " LIMIT $7"
            )
        }
    };
}

bookings! {
    struct ReadUpcoming
    "b.status IN ('booked', 'attended') AND e.ends_at > $4
       AND ($5 IS NULL OR (e.starts_at, b.id) > ($5, $6))
     ORDER BY e.starts_at, b.id"
}

bookings! {
    struct ReadPast
    "NOT (b.status IN ('booked', 'attended') AND e.ends_at > $4)
       AND ($5 IS NULL OR (e.starts_at, b.id) < ($5, $6))
     ORDER BY e.starts_at DESC, b.id DESC"
}

/// The bookings of `client` at the locations that the permit reaches. None for a client who is neither
/// at home nor has booked at one of these locations.
///
/// # Errors
/// 422 for an invalid cursor.
pub async fn client_bookings(
    permit: &Permit<ManageAttendance>,
    tx: &mut EventStore<'_>,
    client: ClientId,
    period: Period,
    cursor: Option<&str>,
    limit: Limit,
    now: DateTime<Utc>,
) -> Result<Option<Page<ClientBooking>>, Problem> {
    let (after_at, after) = after::<(DateTime<Utc>, BookingId)>(cursor)?.unzip();
    let (tenant, at, limit_rows) = (tx.tenant, filter(permit.reach()), limit.fetch_limit());
    let seen: Option<SeenRow> = tx.tx.row(SeesClient { tenant, client, at: at.clone() }).await?;
    if !seen.is_some_and(|row| row.is_seen) {
        return Ok(None);
    }
    let rows: StoreResult<Vec<ClientBooking>> = match period {
        Period::Upcoming => {
            tx.tx.rows(ReadUpcoming { tenant, client, at, now, after_at, after, limit: limit_rows }).await
        }
        Period::Past => {
            tx.tx.rows(ReadPast { tenant, client, at, now, after_at, after, limit: limit_rows }).await
        }
    };
    Ok(Some(Page::from_rows(rows?, limit, |booking| (booking.starts_at, booking.id))))
}
