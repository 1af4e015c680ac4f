//! Locations as lists and screens show them. Keys and secrets are never shown: only whether they are set.

use crate::TenancyStore;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{Cursor, Limit, OrganizationId, Page, Problem, StoreResult};
use tryzore_rbac::{Permit, catalogue::ViewOrganizations};
use tryzore_schema::tenancy::organizations;
use tryzore_tenancy::Organization;
use utoipa::ToSchema;

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Serialize, ToSchema)]
#[diesel(table_name = organizations)]
pub struct OrganizationView {
    /// The id of the location.
    pub id: OrganizationId,
    /// The parent location.
    pub parent_id: Option<OrganizationId>,
    /// The name of the location.
    pub name: String,
    /// The postal address.
    pub address: Option<String>,
    /// The IANA time zone of the location.
    pub time_zone: String,
    /// The ISO 4217 currency of the location.
    pub currency: String,
    /// The jurisdiction whose law applies.
    pub jurisdiction: String,
    /// The plan: `free`, `pro` or `enterprise`.
    #[schema(value_type = crate::shapes::PlanTier)]
    pub plan_tier: String,
    /// Whether a franchisee runs the location.
    pub is_franchise_location: bool,
    /// Whether payments are set up.
    #[diesel(select_expression = organizations::stripe_account_id.is_not_null())]
    pub has_payments: bool,
    /// Whether the door access system is connected.
    #[diesel(select_expression = organizations::kisi_api_key_encrypted.is_not_null())]
    pub has_doors: bool,
    /// Whether the payment provider computes the taxes of the location.
    pub stripe_tax_configured: bool,
    /// The status: `incomplete`, `active` or `closed`.
    #[schema(value_type = crate::shapes::OrganizationStatus)]
    pub status: String,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// When the location was opened.
    pub created_at: DateTime<Utc>,
    /// When the location was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id,
            parent_id: organization.parent,
            name: organization.name,
            address: organization.address,
            time_zone: organization.zone.name().to_owned(),
            currency: organization.currency.code().to_owned(),
            jurisdiction: organization.jurisdiction,
            plan_tier: organization.plan_tier.as_str().to_owned(),
            is_franchise_location: organization.is_franchise_location,
            has_payments: organization.stripe_account_id.is_some(),
            has_doors: organization.has_doors,
            stripe_tax_configured: organization.stripe_tax_configured,
            status: organization.status.as_str().to_owned(),
            version: organization.version,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
        }
    }
}

impl TenancyStore<'_> {
    /// A page of the open locations that the caller sees, by name.
    ///
    /// # Errors
    /// 400 for a cursor of another list.
    pub async fn organization_list(
        &mut self,
        permit: &Permit<ViewOrganizations>,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<OrganizationView>, Problem> {
        let mut list = OrganizationView::query()
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::status.ne("closed"))
            .order((organizations::name, organizations::id))
            .limit(limit.fetch_limit())
            .into_boxed();
        if let Some(seen) = permit.grants().visible().filter() {
            list = list.filter(organizations::id.eq_any(seen.to_vec()));
        }
        if let Some(cursor) = cursor {
            let (name, id): (String, OrganizationId) = Cursor::decode(cursor)?;
            let later = organizations::name.gt(name.clone());
            let beside = organizations::name.eq(name).and(organizations::id.gt(id));
            list = list.filter(later.or(beside));
        }
        let rows: Vec<OrganizationView> = self.tx.rows(list).await?;
        Ok(Page::from_rows(rows, limit, |row| (row.name.clone(), row.id)))
    }

    /// The location `id`, if the caller sees it. Nobody sees a closed location.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organization_view(
        &mut self,
        permit: &Permit<ViewOrganizations>,
        id: OrganizationId,
    ) -> StoreResult<Option<OrganizationView>> {
        if !permit.grants().visible().covers(id) {
            return Ok(None);
        }
        let of_id = OrganizationView::query()
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(id));
        self.tx.row(of_id).await
    }

    /// The name of a location.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organization_name(&mut self, id: OrganizationId) -> StoreResult<Option<String>> {
        let of_id = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(id));
        self.tx.row(of_id.select(organizations::name)).await
    }
}
