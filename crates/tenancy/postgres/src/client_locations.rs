//! Locations as clients see them, with addresses and business hours.

use crate::TenancyStore;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Jsonb, Nullable, Text, Uuid},
};
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::{Cursor, Limit, OrganizationId, Page, Problem, StoreResult, TenantId};
use tryzore_postgres::statement;
use tryzore_rbac::{Permit, catalogue::BrowseSchedule};
use utoipa::ToSchema;

/// A location as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct ClientLocation {
    /// The id of the location.
    #[diesel(sql_type = Uuid)]
    pub id: OrganizationId,
    /// The name of the location.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The postal address.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    /// The IANA time zone of the location.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// The business hours: day (`mon` to `sun`) to spans of local time: `{"mon": [["06:00", "22:00"]]}`. On
    /// an absent day the location is closed; a span whose closing time is before its opening time closes
    /// after midnight.
    #[schema(value_type = Object)]
    #[diesel(sql_type = Jsonb)]
    pub business_hours: Value,
}

statement! {
    struct ReadLocations {
        tenant: TenantId => Uuid,
        one: Option<OrganizationId> => Nullable<Uuid>,
        after_name: Option<String> => Nullable<Text>,
        after: Option<OrganizationId> => Nullable<Uuid>,
        limit: i64 => BigInt,
    }
    "SELECT o.id, o.name, o.address, o.time_zone, s.business_hours
     FROM tenancy.organizations o
     JOIN tenancy.organization_settings s ON s.tenant_id = $1 AND s.organization_id = o.id
     WHERE o.tenant_id = $1 AND o.status = 'active' AND ($2 IS NULL OR o.id = $2)
       AND ($3 IS NULL OR (o.name, o.id) > ($3, $4))
     ORDER BY o.name, o.id
     LIMIT $5"
}

/// A page of the locations that take bookings, by name.
///
/// # Errors
/// 422 for a cursor that is not valid.
pub async fn client_locations(
    _permit: &Permit<BrowseSchedule>,
    tx: &mut TenancyStore<'_>,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<ClientLocation>, Problem> {
    let after: Option<(String, OrganizationId)> = cursor.map(Cursor::decode).transpose()?;
    let (after_name, after) = after.unzip();
    let read = ReadLocations { tenant: tx.tenant, one: None, after_name, after, limit: limit.fetch_limit() };
    let rows: Vec<ClientLocation> = tx.tx.rows(read).await?;
    Ok(Page::from_rows(rows, limit, |row| (row.name.clone(), row.id)))
}

/// The location `id`, if it takes bookings.
///
/// # Errors
/// When the database fails.
pub async fn client_location(
    _permit: &Permit<BrowseSchedule>,
    tx: &mut TenancyStore<'_>,
    id: OrganizationId,
) -> StoreResult<Option<ClientLocation>> {
    let read = ReadLocations { tenant: tx.tenant, one: Some(id), after_name: None, after: None, limit: 1 };
    tx.tx.row(read).await
}
