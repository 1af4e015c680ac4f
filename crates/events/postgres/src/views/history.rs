//! The history of a client: their bookings, counted for each location.

use crate::EventStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
};
use serde::Serialize;
use tryzore_kernel::{ClientId, OrganizationId, StoreResult, TenantId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, catalogue::ViewClientsAcross};
use tryzore_schema::crm::clients;
use utoipa::ToSchema;

/// The history of a client at one location.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct LocationHistory {
    /// The location.
    #[diesel(sql_type = Uuid)]
    pub organization_id: OrganizationId,
    /// The name of the event.
    #[diesel(sql_type = Text)]
    pub organization_name: String,
    /// Whether the client is at home there.
    #[diesel(sql_type = Bool)]
    pub is_home: bool,
    /// The number of booked spots at events that are still to come.
    #[diesel(sql_type = BigInt)]
    pub upcoming: i64,
    /// The number of events that the client attended.
    #[diesel(sql_type = BigInt)]
    pub attended: i64,
    /// The number of events to which the client did not come.
    #[diesel(sql_type = BigInt)]
    pub no_shows: i64,
    /// The number of bookings that the client canceled too late.
    #[diesel(sql_type = BigInt)]
    pub canceled_late: i64,
    /// The number of bookings that the client canceled in time.
    #[diesel(sql_type = BigInt)]
    pub canceled: i64,
    /// The start of the first event that the client attended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub first_visit_at: Option<DateTime<Utc>>,
    /// The start of the last event that the client attended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_visit_at: Option<DateTime<Utc>>,
}

statement! {
    struct ReadHistory { tenant: TenantId => Uuid, client: ClientId => Uuid }
    "SELECT b.attended_organization_id AS organization_id, o.name AS organization_name,
            o.id = c.home_organization_id AS is_home,
            count(*) FILTER (WHERE b.status = 'booked') AS upcoming,
            count(*) FILTER (WHERE b.status = 'attended') AS attended,
            count(*) FILTER (WHERE b.status = 'no_show') AS no_shows,
            count(*) FILTER (WHERE b.status = 'canceled_late') AS canceled_late,
            count(*) FILTER (WHERE b.status = 'canceled') AS canceled,
            min(e.starts_at) FILTER (WHERE b.status = 'attended') AS first_visit_at,
            max(e.starts_at) FILTER (WHERE b.status = 'attended') AS last_visit_at
     FROM crm.clients c
     JOIN events.bookings b ON b.tenant_id = $1 AND b.client_id = c.id
     JOIN events.events e ON e.tenant_id = $1 AND e.id = b.event_id
     JOIN tenancy.organizations o ON o.tenant_id = $1 AND o.id = b.attended_organization_id
     WHERE c.tenant_id = $1 AND c.id = $2
     GROUP BY b.attended_organization_id, o.name, o.id, c.home_organization_id
     ORDER BY attended DESC, o.name"
}

/// The history of `client` at each location, the most attended location first; none when the permit
/// does not reach the client's home location.
///
/// # Errors
/// Fails when the database query fails.
pub async fn client_history(
    permit: &Permit<ViewClientsAcross>,
    tx: &mut EventStore<'_>,
    client: ClientId,
) -> StoreResult<Option<Vec<LocationHistory>>> {
    let home = clients::table
        .filter(clients::tenant_id.eq(tx.tenant))
        .filter(clients::id.eq(client))
        .select(clients::home_organization_id);
    let home: Option<OrganizationId> = tx.tx.row(home).await?;
    if !home.is_some_and(|home| permit.reach().covers(home)) {
        return Ok(None);
    }
    tx.tx.rows(ReadHistory { tenant: tx.tenant, client }).await.map(Some)
}
