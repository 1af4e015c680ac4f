//! The clients with a booking of an event, and the clients who wait for it (EVT-11, EVT-15).
//!
//! Addresses and phone numbers are shown only to staff with the permission for clients' contact data at
//! that location; all other staff see names.

use super::Amount;
use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_events::permission::ViewEvents;
use tryzore_kernel::{
    BookingId, ClientId, EventId, Money, OrganizationId, StoreResult, TenantId, UserId, WaitlistEntryId,
};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, Slug};
use utoipa::ToSchema;

/// Everyone who has or had a spot at an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RosterView {
    /// The event.
    pub event_id: EventId,
    /// The staff member who leads the event.
    pub staff_user_id: Option<UserId>,
    /// The name of the leader; null without a leader, or when the leader no longer works here.
    pub staff_name: Option<String>,
    /// The number of booked spots: the x of "x/y".
    pub spots_booked: i32,
    /// The number of spots.
    pub spots_total: i32,
    /// Whether every spot is booked.
    pub is_full: bool,
    /// Clients who are expected, came, did not come or canceled too late; by family name.
    pub clients: Vec<RosterRow>,
}

/// A client on the roster.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct RosterRow {
    /// The booking.
    #[diesel(sql_type = Uuid)]
    pub booking_id: BookingId,
    /// The client.
    #[diesel(sql_type = Uuid)]
    pub client_id: ClientId,
    /// The given name of the client.
    #[diesel(sql_type = Text)]
    pub given_name: String,
    /// The family name of the client.
    #[diesel(sql_type = Text)]
    pub family_name: String,
    /// The status of the booking: `booked`, `attended`, `no_show` or `canceled_late`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_events::BookingState)]
    pub status: String,
    /// When the booking entered this status.
    #[diesel(sql_type = Timestamptz)]
    pub status_at: DateTime<Utc>,
    /// Whether the client has attended nothing before, so that staff can greet them.
    #[diesel(sql_type = Bool)]
    pub is_first_timer: bool,
    /// Whether the booking was promoted from the waitlist.
    #[diesel(sql_type = Bool)]
    pub from_waitlist: bool,
    /// The home location of the client.
    #[diesel(sql_type = Uuid)]
    pub home_organization_id: OrganizationId,
    /// Whether the client's home is another location.
    #[diesel(sql_type = Bool)]
    pub is_visit: bool,
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
    /// The name of that staff member.
    #[diesel(sql_type = Nullable<Text>)]
    pub booked_by_name: Option<String>,
    /// The e-mail address; null unless the caller may see contact data.
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    /// The phone number; null unless the caller may see contact data.
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
}

/// A client on the waitlist.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct WaitlistCandidateRow {
    /// The id of the place on the waitlist.
    #[diesel(sql_type = Uuid)]
    pub entry_id: WaitlistEntryId,
    /// The rank of the client on the waitlist, from 1.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// The client.
    #[diesel(sql_type = Uuid)]
    pub client_id: ClientId,
    /// The given name of the client.
    #[diesel(sql_type = Text)]
    pub given_name: String,
    /// The family name of the client.
    #[diesel(sql_type = Text)]
    pub family_name: String,
    /// When the client joined.
    #[diesel(sql_type = Timestamptz)]
    pub added_at: DateTime<Utc>,
    /// The staff member who put the client on the waitlist; null when the client joined.
    #[diesel(sql_type = Nullable<Uuid>)]
    pub added_by_user_id: Option<UserId>,
    /// The name of that staff member.
    #[diesel(sql_type = Nullable<Text>)]
    pub added_by_name: Option<String>,
    /// The code of the reason for which the client was passed over last.
    #[diesel(sql_type = Nullable<Text>)]
    pub passed_over: Option<String>,
    /// The e-mail address; null unless the caller may see contact data.
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    /// The phone number; null unless the caller may see contact data.
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
}

statement! {
    struct ReadRoster { tenant: TenantId => Uuid, event: EventId => Uuid, contact: bool => Bool }
    "SELECT b.id AS booking_id, b.client_id, c.given_name, c.family_name, b.status, b.status_at,
            CASE b.status WHEN 'booked' THEN NOT EXISTS (
                SELECT FROM events.bookings a
                WHERE a.tenant_id = $1 AND a.client_id = b.client_id AND a.status = 'attended')
            ELSE b.is_first_timer END AS is_first_timer,
            b.from_waitlist, b.booking_organization_id AS home_organization_id,
            b.booking_organization_id <> b.attended_organization_id AS is_visit,
            ROW(b.price_minor, b.currency) AS price, ROW(b.fee_minor, b.currency) AS fee, b.excuse,
            b.booked_by_user_id, booker.name AS booked_by_name,
            CASE WHEN $3 THEN c.email END AS email, CASE WHEN $3 THEN c.phone END AS phone
     FROM events.bookings b
     JOIN crm.clients c ON c.tenant_id = $1 AND c.id = b.client_id
     LEFT JOIN tenancy.employees booker ON booker.tenant_id = $1 AND booker.user_id = b.booked_by_user_id
     WHERE b.tenant_id = $1 AND b.event_id = $2
       AND b.status IN ('booked', 'attended', 'no_show', 'canceled_late')
     ORDER BY lower(c.family_name), lower(c.given_name), b.created_at"
}

statement! {
    struct ReadWaitlist { tenant: TenantId => Uuid, event: EventId => Uuid, contact: bool => Bool }
    "SELECT w.id AS entry_id, row_number() OVER (ORDER BY w.place) AS position, w.client_id,
            c.given_name, c.family_name, w.added_at, w.added_by_user_id, adder.name AS added_by_name, w.passed_over,
            CASE WHEN $3 THEN c.email END AS email, CASE WHEN $3 THEN c.phone END AS phone
     FROM events.waitlist_entries w
     JOIN crm.clients c ON c.tenant_id = $1 AND c.id = w.client_id
     LEFT JOIN tenancy.employees adder ON adder.tenant_id = $1 AND adder.user_id = w.added_by_user_id
     WHERE w.tenant_id = $1 AND w.event_id = $2 AND w.status = 'waiting'
     ORDER BY w.place"
}

statement! {
    struct ReadHead { tenant: TenantId => Uuid, event: EventId => Uuid }
    "SELECT e.organization_id, e.staff_user_id, leader.name AS staff_name, e.spots_booked, e.spots_total
     FROM events.events e
     LEFT JOIN tenancy.employees leader ON leader.tenant_id = $1 AND leader.user_id = e.staff_user_id
     WHERE e.tenant_id = $1 AND e.id = $2"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Head {
    #[diesel(sql_type = Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = Nullable<Uuid>)]
    staff_user_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Text>)]
    staff_name: Option<String>,
    #[diesel(sql_type = Integer)]
    spots_booked: i32,
    #[diesel(sql_type = Integer)]
    spots_total: i32,
}

/// The roster of `event`, if the permit reaches it or the caller leads it.
///
/// # Errors
/// Fails when the database query fails.
pub async fn roster(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> StoreResult<Option<RosterView>> {
    let Some((head, contact)) = head(permit, tx, event).await? else { return Ok(None) };
    let clients = tx.tx.rows(ReadRoster { tenant: tx.tenant, event, contact }).await?;
    let Head { staff_user_id, staff_name, spots_booked, spots_total, .. } = head;
    Ok(Some(RosterView {
        event_id: event,
        staff_user_id,
        staff_name,
        spots_booked,
        spots_total,
        is_full: spots_booked >= spots_total,
        clients,
    }))
}

/// The waitlist of `event`, in order, if the permit reaches it or the caller leads it.
///
/// # Errors
/// Fails when the database query fails.
pub async fn waitlist(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> StoreResult<Option<Vec<WaitlistCandidateRow>>> {
    let Some((_, contact)) = head(permit, tx, event).await? else { return Ok(None) };
    tx.tx.rows(ReadWaitlist { tenant: tx.tenant, event, contact }).await.map(Some)
}

// Finds the event, if the caller may see it, and whether contact data may be shown.
async fn head(
    permit: &Permit<ViewEvents>,
    tx: &mut EventStore<'_>,
    event: EventId,
) -> StoreResult<Option<(Head, bool)>> {
    let head: Option<Head> = tx.tx.row(ReadHead { tenant: tx.tenant, event }).await?;
    let head = head.filter(|head| permit.at_for(head.organization_id, head.staff_user_id).is_ok());
    let contact = permit.grants().reach(Slug::VIEW_ALL_CLIENTS);
    Ok(head.map(|head| {
        let shown = contact.covers(head.organization_id);
        (head, shown)
    }))
}
