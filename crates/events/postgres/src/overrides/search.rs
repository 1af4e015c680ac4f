//! Bookings and events that can be overridden, by the beginning of a client's or of an event's name, by a client's
//! whole address, or by an id.

use crate::EventStore;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
};
use serde_json::json;
use tryzore_kernel::{BookingId, EventId, OrganizationId, StoreResult, TenantId, id::digits_of};
use tryzore_postgres::statement;
use tryzore_support_postgres::{Found, Search};

/// How far back and ahead bookings and events are looked for.
const SPAN: TimeDelta = TimeDelta::days(60);

statement! {
    /// The bookings of the clients that match, latest event first; only those that can have a fee, if `fees` says so.
    struct FindBookings {
        tenant: TenantId => Uuid,
        text: String => Text,
        id: Option<uuid::Uuid> => Nullable<Uuid>,
        at: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        from: DateTime<Utc> => Timestamptz,
        to: DateTime<Utc> => Timestamptz,
        fees: bool => Bool,
        rows: i64 => BigInt,
    }
    "WITH who AS MATERIALIZED (
         (SELECT id FROM crm.clients
          WHERE tenant_id = $1 AND name_key >= crm.fold($2) AND name_key < crm.fold($2) || chr(1114111) LIMIT 50)
         UNION
         (SELECT id FROM crm.clients
          WHERE tenant_id = $1 AND given_key >= crm.fold($2) AND given_key < crm.fold($2) || chr(1114111) LIMIT 50)
         UNION
         (SELECT id FROM crm.clients WHERE tenant_id = $1 AND email = lower($2))
         UNION
         (SELECT id FROM crm.clients WHERE tenant_id = $1 AND id = $3)),
     found AS (
         SELECT b.id FROM who w JOIN events.bookings b ON b.tenant_id = $1 AND b.client_id = w.id
         UNION
         SELECT b.id FROM events.bookings b WHERE b.tenant_id = $1 AND b.id = $3
         UNION
         SELECT b.id FROM events.bookings b WHERE b.tenant_id = $1 AND b.event_id = $3)
     SELECT b.id, e.organization_id, e.name, e.starts_at, c.given_name, c.family_name, b.status::text AS status,
            b.fee_minor::bigint AS fee_minor, b.currency::text AS currency
     FROM found f
     JOIN events.bookings b ON b.tenant_id = $1 AND b.id = f.id
     JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
     JOIN crm.clients c ON c.tenant_id = $1 AND c.id = b.client_id
     WHERE ($4 IS NULL OR e.organization_id = ANY ($4))
       AND ($3 IS NOT NULL OR e.starts_at BETWEEN $5 AND $6)
       AND (NOT $7 OR b.status IN ('no_show', 'canceled_late'))
     ORDER BY e.starts_at DESC, b.id
     LIMIT $8"
}

statement! {
    /// The events that match and are not over, first event first.
    struct FindEvents {
        tenant: TenantId => Uuid,
        text: String => Text,
        id: Option<uuid::Uuid> => Nullable<Uuid>,
        at: Option<Vec<OrganizationId>> => Nullable<Array<Uuid>>,
        from: DateTime<Utc> => Timestamptz,
        to: DateTime<Utc> => Timestamptz,
        rows: i64 => BigInt,
    }
    "SELECT e.id, e.organization_id, e.name, e.starts_at, e.status::text AS status,
            e.spots_total::bigint AS spots_total, e.spots_booked::bigint AS spots_booked
     FROM events.events e
     WHERE e.tenant_id = $1 AND e.ends_at > $5 AND e.starts_at < $6 AND e.status NOT IN ('completed', 'canceled')
       AND ($4 IS NULL OR e.organization_id = ANY ($4))
       AND (e.id = $3 OR ($3 IS NULL AND starts_with(lower(e.name), lower($2))))
     ORDER BY e.starts_at, e.id
     LIMIT $7"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct BookingRow {
    #[diesel(sql_type = Uuid)]
    id: BookingId,
    #[diesel(sql_type = Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    given_name: String,
    #[diesel(sql_type = Text)]
    family_name: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    fee_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct EventRow {
    #[diesel(sql_type = Uuid)]
    id: EventId,
    #[diesel(sql_type = Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    spots_total: i64,
    #[diesel(sql_type = BigInt)]
    spots_booked: i64,
}

impl From<BookingRow> for Found {
    fn from(row: BookingRow) -> Self {
        let BookingRow { id, organization_id, name, given_name, family_name, .. } = row;
        Self {
            target: id.to_string(),
            organization_id,
            title: format!("{given_name} {family_name}, {name}"),
            state: json!({
                "status": row.status, "event_starts_at": row.starts_at,
                "fee": { "minor": row.fee_minor, "currency": row.currency },
            }),
        }
    }
}

impl From<EventRow> for Found {
    fn from(row: EventRow) -> Self {
        Self {
            target: row.id.to_string(),
            organization_id: row.organization_id,
            title: row.name,
            state: json!({
                "event_status": row.status, "event_starts_at": row.starts_at,
                "spots_total": row.spots_total, "spots_booked": row.spots_booked,
            }),
        }
    }
}

/// The id in a text such as `bkg_…`.
fn id_in(text: &str) -> Option<uuid::Uuid> {
    text.rsplit('_').next().and_then(digits_of)
}

/// Bookings that match, and events in which something can be booked.
pub(super) async fn bookings(store: &mut EventStore<'_>, search: &Search) -> StoreResult<Vec<Found>> {
    let mut found = of_clients(store, search, false).await?;
    let (now, text) = (store.now, search.text.clone());
    let find = FindEvents {
        tenant: store.tenant,
        id: id_in(&text),
        text,
        at: search.organizations.clone(),
        from: now,
        to: now + SPAN,
        rows: search.rows.into(),
    };
    let rows: Vec<EventRow> = store.tx.rows(find).await?;
    found.extend(rows.into_iter().map(Found::from));
    found.truncate(search.rows.into());
    Ok(found)
}

/// Bookings that match and can have a fee.
pub(super) async fn fees(store: &mut EventStore<'_>, search: &Search) -> StoreResult<Vec<Found>> {
    of_clients(store, search, true).await
}

async fn of_clients(store: &mut EventStore<'_>, search: &Search, fees: bool) -> StoreResult<Vec<Found>> {
    let (now, text) = (store.now, search.text.clone());
    let find = FindBookings {
        tenant: store.tenant,
        id: id_in(&text),
        text,
        at: search.organizations.clone(),
        from: now - SPAN,
        to: now + SPAN,
        fees,
        rows: search.rows.into(),
    };
    let rows: Vec<BookingRow> = store.tx.rows(find).await?;
    Ok(rows.into_iter().map(Found::from).collect())
}
