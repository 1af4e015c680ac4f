//! The locations of a tenant by name, for a person who chooses their current location (TEN-13).

use crate::AuthStore;
use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{OrganizationId, StoreResult, TenantId};
use tryzore_postgres::scopes::NoTenant;
use tryzore_schema::tenancy::{organizations, tenants};
use utoipa::ToSchema;

/// A location that a session can switch to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize, ToSchema)]
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
}
