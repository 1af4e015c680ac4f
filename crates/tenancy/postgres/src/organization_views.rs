//! Locations as lists and screens show them. Keys and secrets are never shown: only whether they are set.

use crate::TenancyStore;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use tryzore_kernel::{Cursor, Limit, OrganizationId, Page, Problem, StoreResult};
use tryzore_rbac::{Permit, catalogue::ViewOrganizations};
use tryzore_schema::tenancy::organizations;
use tryzore_tenancy::{HoursState, Organization, OrganizationSettings};
use utoipa::ToSchema;

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Serialize, ToSchema)]
#[diesel(table_name = organizations)]
pub struct OrganizationView {
    /// The id of the location.
    pub id: OrganizationId,
    /// The parent location.
    #[diesel(select_expression = organizations::parent_id)]
    pub parent: Option<OrganizationId>,
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
    /// A location that was just opened or changed; `has_doors` is correct only after the next read.
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id,
            parent: organization.parent,
            name: organization.name,
            address: organization.address,
            time_zone: organization.zone.name().to_owned(),
            currency: organization.currency.code().to_owned(),
            jurisdiction: organization.jurisdiction,
            plan_tier: organization.plan_tier.as_str().to_owned(),
            is_franchise_location: organization.is_franchise_location,
            has_payments: organization.stripe_account_id.is_some(),
            has_doors: false,
            stripe_tax_configured: organization.stripe_tax_configured,
            status: organization.status.as_str().to_owned(),
            version: organization.version,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
        }
    }
}

/// The settings and business hours of a location.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SettingsView {
    /// The location.
    pub organization: OrganizationId,
    /// The currency of the amounts.
    pub currency: String,
    /// The settings, in the form in which they are sent to change them.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// The business hours: day to spans of local time: `{"mon": [["06:00", "22:00"]]}`.
    #[schema(value_type = Object)]
    pub business_hours: serde_json::Value,
    /// Whether the location is open or closed now, and until when.
    #[schema(value_type = Object)]
    pub now: HoursState,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// When settings or hours were last changed.
    pub updated_at: DateTime<Utc>,
}

impl SettingsView {
    /// The view of `current` at `now`, by the clocks of `zone`.
    #[must_use]
    pub fn new(current: &OrganizationSettings, zone: chrono_tz::Tz, now: DateTime<Utc>) -> Self {
        Self {
            organization: current.organization,
            currency: current.currency.code().to_owned(),
            settings: serde_json::to_value(&current.settings).unwrap_or_default(),
            business_hours: serde_json::to_value(&current.hours).unwrap_or_default(),
            now: current.hours.state(now, zone),
            version: current.version,
            updated_at: current.updated_at,
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
