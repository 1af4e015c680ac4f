//! The location switcher: where a user can be (TEN-13).

use crate::TenantTx;
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
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
    /// Its IANA time zone.
    pub time_zone: String,
    /// Whether the session is there now.
    pub is_current: bool,
    /// Whether it is home: primary for an employee, or where the client belongs.
    pub is_home: bool,
    /// Whether the user works there or owns it.
    pub as_staff: bool,
    /// Whether the user may use it as a client.
    pub as_client: bool,
}

impl TenantTx {
    /// Where the caller can be, by name: as staff where he works or owns, as client at the
    /// locations that he may use; all of them, when he is not restricted.
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
