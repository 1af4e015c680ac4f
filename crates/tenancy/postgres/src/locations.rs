//! The location switcher: the locations that a user can switch to (TEN-13).

use crate::TenancyStore;

use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{OrganizationId, StoreResult};
use tryzore_rbac::{Permit, catalogue::OwnProfile};
use tryzore_schema::{crm::clients, rbac::assignments, tenancy::organizations};
use utoipa::ToSchema;

/// A location that a user can switch to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocationChoice {
    /// The location.
    pub organization: OrganizationId,
    /// The name of the location.
    pub name: String,
    /// The postal address.
    pub address: Option<String>,
    /// The IANA time zone of the location.
    pub time_zone: String,
    /// Whether the session is at the location now.
    pub is_current: bool,
    /// Whether this is the home location: the primary location of an employee, or the home location of a
    /// client.
    pub is_home: bool,
    /// Whether the user works at or owns the location.
    pub as_staff: bool,
    /// Whether the user may use the location as a client.
    pub as_client: bool,
}

impl TenancyStore<'_> {
    /// The locations that the caller can switch to, by name: as staff those where they work or that they
    /// own, as client those that they may use; all locations for a client without restrictions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn location_choices(
        &mut self,
        permit: &Permit<OwnProfile>,
    ) -> StoreResult<Vec<LocationChoice>> {
        let Some(user) = permit.actor().user() else { return Ok(Vec::new()) };
        let tenant = self.tenant;
        let open = organizations::table
            .filter(organizations::tenant_id.eq(tenant))
            .filter(organizations::status.ne("closed"))
            .select((
                organizations::id,
                organizations::name,
                organizations::address,
                organizations::time_zone,
            ))
            .order((organizations::name, organizations::id));
        let open: Vec<(OrganizationId, String, Option<String>, String)> = self.tx.rows(open).await?;
        let client = clients::table
            .filter(clients::tenant_id.eq(tenant))
            .filter(clients::user_id.eq(user))
            .filter(clients::status.eq("active"))
            .select((clients::home_organization_id, clients::allowed_organization_ids));
        let client: Option<(OrganizationId, Vec<OrganizationId>)> = self.tx.row(client).await?;
        let primary = assignments::table
            .filter(assignments::tenant_id.eq(tenant))
            .filter(assignments::user_id.eq(user))
            .filter(assignments::is_primary)
            .filter(assignments::expires_at.is_null().or(assignments::expires_at.gt(self.now)))
            .select(assignments::organization_id);
        let primary: Option<OrganizationId> = self.tx.row(primary).await?;
        let visible = permit.grants().visible();
        let choices = open.into_iter().map(|(organization, name, address, time_zone)| {
            let uses = |(home, allowed): &(OrganizationId, Vec<OrganizationId>)| {
                allowed.is_empty() || *home == organization || allowed.contains(&organization)
            };
            LocationChoice {
                organization,
                name,
                address,
                time_zone,
                is_current: permit.organization() == Some(organization),
                is_home: primary.or(client.as_ref().map(|client| client.0)) == Some(organization),
                as_staff: visible.covers(organization),
                as_client: client.as_ref().is_some_and(uses),
            }
        });
        Ok(choices.filter(|choice| choice.as_staff || choice.as_client).collect())
    }
}
