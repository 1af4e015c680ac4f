//! A client's own bookings and places on the waitlist.

use super::{Amount, after};
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_events::{Ticket, permission::BookEvent};
use tryzore_kernel::{
    BookingId, EventId, Limit, Money, OrganizationId, Page, Problem, StoreResult, TenantId, UserId,
    WaitlistEntryId,
};
use tryzore_postgres::statement;
use tryzore_rbac::Permit;
use utoipa::ToSchema;

/// Which bookings a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Booked spots at events that are not over, the next event first.
    Upcoming,
    /// Bookings of past events and canceled bookings, the last event first.
    Past,
}

/// A booking as its client sees it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct MyBooking {
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
}

/// A place on the waitlist as its client sees it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct MyWait {
    /// The id of the place on the waitlist.
    #[diesel(sql_type = Uuid)]
    pub id: WaitlistEntryId,
    /// The event for which the client waits.
    #[diesel(sql_type = Uuid)]
    pub event_id: EventId,
    /// The name of the event.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The location where the event takes place.
    #[diesel(sql_type = Uuid)]
    pub organization_id: OrganizationId,
    /// The staff member who leads the event.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub staff_user_id: Option<UserId>,
    /// The name of the leader; null without a leader, or when the leader no longer works here.
    #[diesel(sql_type = Nullable<Text>)]
    pub staff_name: Option<String>,
    /// The start of the event.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// The rank of the client on the waitlist, from 1.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// The number of clients who wait.
    #[diesel(sql_type = BigInt)]
    pub of: i64,
    /// The code of the reason for which the client was passed over last.
    #[diesel(sql_type = Nullable<Text>)]
    pub passed_over: Option<String>,
}

/// A page of the bookings `b` of a client, joined with their events `e`.
macro_rules! bookings {
    (struct $name:ident $which_and_order:literal) => {
        statement! {
            struct $name {
                tenant: TenantId => Uuid,
                user: UserId => Uuid,
                now: DateTime<Utc> => Timestamptz,
                after_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
                after: Option<BookingId> => Nullable<Uuid>,
                limit: i64 => BigInt,
            }
            concat!(
                "SELECT b.id, b.event_id, e.name, e.kind, e.organization_id, o.name AS organization_name, o.time_zone,
                        e.location, e.staff_user_id, leader.name AS staff_name, e.starts_at, e.ends_at, b.status, b.from_waitlist,
                        e.starts_at - make_interval(hours => s.cancellation_window_hours) AS free_cancellation_until,
                        ROW(b.price_minor, b.currency) AS price, ROW(b.fee_minor, b.currency) AS fee, b.excuse
                 FROM crm.clients c
                 JOIN events.bookings b ON b.tenant_id = $1 AND b.client_id = c.id
                 JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
                 JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
                 JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = e.organization_id
                 LEFT JOIN tenancy.employees leader ON leader.tenant_id = $1 AND leader.user_id = e.staff_user_id
                 WHERE c.tenant_id = $1 AND c.user_id = $2 AND ",
                $which_and_order,
                " LIMIT $6"
            )
        }
    };
}

bookings! {
    struct ReadUpcoming
    "b.status IN ('booked', 'attended') AND e.ends_at > $3
       AND ($4 IS NULL OR (e.starts_at, b.id) > ($4, $5))
     ORDER BY e.starts_at, b.id"
}

bookings! {
    struct ReadPast
    "NOT (b.status IN ('booked', 'attended') AND e.ends_at > $3)
       AND ($4 IS NULL OR (e.starts_at, b.id) < ($4, $5))
     ORDER BY e.starts_at DESC, b.id DESC"
}

statement! {
    struct ReadWaits { tenant: TenantId => Uuid, user: UserId => Uuid }
    "SELECT own.id, own.event_id, e.name, e.organization_id, e.staff_user_id, leader.name AS staff_name,
            e.starts_at, own.passed_over,
            count(*) FILTER (WHERE w.place <= own.place) AS position, count(*) AS of
     FROM crm.clients c
     JOIN events.waitlist_entries own ON own.tenant_id = $1 AND own.client_id = c.id AND own.status = 'waiting'
     JOIN events.events e ON e.tenant_id = $1 AND e.id = own.event_id
     JOIN events.waitlist_entries w ON w.tenant_id = $1 AND w.event_id = own.event_id AND w.status = 'waiting'
     LEFT JOIN tenancy.employees leader ON leader.tenant_id = $1 AND leader.user_id = e.staff_user_id
     WHERE c.tenant_id = $1 AND c.user_id = $2
     GROUP BY own.id, own.event_id, own.passed_over, own.place, e.name, e.organization_id, e.staff_user_id,
              leader.name, e.starts_at
     ORDER BY e.starts_at, own.id"
}

statement! {
    struct ReadTicket { tenant: TenantId => Uuid, user: UserId => Uuid, booking: BookingId => Uuid }
    "SELECT e.name, concat_ws(', ', nullif(e.location, ''), o.name, o.address) AS place, e.starts_at, e.ends_at,
            e.version, b.status IN ('booked', 'attended') AND e.status <> 'canceled' AS is_held
     FROM events.bookings b
     JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = e.organization_id
     WHERE b.tenant_id = $1 AND b.id = $3 AND b.user_id = $2"
}

#[derive(QueryableByName)]
struct TicketRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Bool)]
    is_held: bool,
}

/// The caller's own `booking` as a file for their calendar.
///
/// # Errors
/// Fails when the database query fails.
pub async fn my_ticket(
    permit: &Permit<BookEvent>,
    tx: &mut EventStore<'_>,
    booking: BookingId,
) -> StoreResult<Option<Ticket>> {
    let Some(user) = permit.actor().user() else { return Ok(None) };
    let row: Option<TicketRow> = tx.tx.row(ReadTicket { tenant: tx.tenant, user, booking }).await?;
    Ok(row.map(|TicketRow { name, place, starts_at, ends_at, version, is_held }| {
        let version = u32::try_from(version).unwrap_or_default();
        Ticket { booking, name, place, starts_at, ends_at, is_held, version }
    }))
}

/// The caller's own bookings.
///
/// # Errors
/// 422 for an invalid cursor.
pub async fn my_bookings(
    permit: &Permit<BookEvent>,
    tx: &mut EventStore<'_>,
    period: Period,
    cursor: Option<&str>,
    limit: Limit,
    now: DateTime<Utc>,
) -> Result<Page<MyBooking>, Problem> {
    let Some(user) = permit.actor().user() else { return Ok(Page { data: Vec::new(), next_cursor: None }) };
    let (after_at, after) = after::<(DateTime<Utc>, BookingId)>(cursor)?.unzip();
    let (tenant, probe) = (tx.tenant, limit.fetch_limit());
    let rows: StoreResult<Vec<MyBooking>> = match period {
        Period::Upcoming => {
            tx.tx.rows(ReadUpcoming { tenant, user, now, after_at, after, limit: probe }).await
        }
        Period::Past => tx.tx.rows(ReadPast { tenant, user, now, after_at, after, limit: probe }).await,
    };
    Ok(Page::from_rows(rows?, limit, |booking| (booking.starts_at, booking.id)))
}

/// The events for which the caller waits, the next first.
///
/// # Errors
/// Fails when the database query fails.
pub async fn my_waits(permit: &Permit<BookEvent>, tx: &mut EventStore<'_>) -> StoreResult<Vec<MyWait>> {
    let Some(user) = permit.actor().user() else { return Ok(Vec::new()) };
    tx.tx.rows(ReadWaits { tenant: tx.tenant, user }).await
}
