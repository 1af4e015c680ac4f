//! The locations of a tenant by name, for a person who chooses their current location (TEN-13).

use crate::AuthStore;
use diesel::{
    prelude::*,
    sql_types::{Array, Uuid},
};
use serde::Serialize;
use std::collections::HashMap;
use tryzore_auth::membership::available;
use tryzore_kernel::{OrganizationId, StoreResult, TenantId, UserId};
use tryzore_postgres::{scopes::NoTenant, statement};
use tryzore_rbac_postgres::Rbac;
use tryzore_schema::tenancy::{organizations, tenants};
use utoipa::ToSchema;

/// A location that a session can switch to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Serialize, ToSchema)]
#[diesel(table_name = organizations, check_for_backend(diesel::pg::Pg))]
pub struct LocationView {
    /// The location.
    pub id: OrganizationId,
    /// The name of the location.
    pub name: String,
    /// The parent location, in a franchise.
    pub parent_id: Option<OrganizationId>,
    /// The IANA time zone of the location, `Europe/Rome`.
    pub time_zone: String,
}

impl AuthStore<'_, NoTenant> {
    /// The name of `tenant`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_name(&mut self, tenant: TenantId) -> StoreResult<Option<String>> {
        self.tx.row(tenants::table.find(tenant).select(tenants::name)).await
    }

    /// The locations among `available` that are open in `tenant`, ordered by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locations_named(
        &mut self,
        tenant: TenantId,
        available: &[OrganizationId],
    ) -> StoreResult<Vec<LocationView>> {
        let query = organizations::table
            .filter(organizations::tenant_id.eq(tenant))
            .filter(organizations::status.ne("closed"))
            .filter(organizations::id.eq_any(available.to_vec()))
            .order((organizations::name, organizations::id))
            .select(LocationView::as_select());
        self.tx.within(tenant, async |tx| tx.rows(query).await).await
    }

    /// The locations that `user` can switch to in each of `tenants`, ordered by name. Two round trips, however
    /// many tenants there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locations_in(
        &mut self,
        user: UserId,
        tenants: Vec<TenantId>,
    ) -> StoreResult<HashMap<TenantId, Vec<LocationView>>> {
        let held = self.rbac().holdings_in(tenants, user).await?;
        let open = held.iter().filter(|held| held.is_open);
        let organizations: Vec<_> = open.clone().flat_map(|held| available(&held.holdings)).collect();
        let mut locations: HashMap<TenantId, Vec<LocationView>> = HashMap::new();
        if organizations.is_empty() {
            return Ok(locations);
        }
        let tenants = open.map(|held| held.tenant).collect();
        let rows: Vec<LocationRow> = self.tx.rows(ReadLocationsIn { tenants, organizations }).await?;
        for row in rows {
            locations.entry(row.tenant_id).or_default().push(row.location);
        }
        Ok(locations)
    }
}

statement! {
    struct ReadLocationsIn {
        tenants: Vec<TenantId> => Array<Uuid>,
        organizations: Vec<OrganizationId> => Array<Uuid>,
    }
    "SELECT tenant_id, id, name, parent_id, time_zone FROM tenancy.locations_in($1, $2)"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct LocationRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(embed)]
    location: LocationView,
}
