//! A location, or its settings, that was just changed.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tryzore_kernel::OrganizationId;
use tryzore_tenancy::{Organization, OrganizationSettings};
use utoipa::ToSchema;

/// A location that was just opened, changed or closed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedOrganization {
    /// The id.
    id: OrganizationId,
    /// The parent location.
    parent: Option<OrganizationId>,
    /// The name.
    name: String,
    /// The postal address.
    address: Option<String>,
    /// The IANA time zone.
    time_zone: &'static str,
    /// The ISO 4217 code of the currency.
    currency: &'static str,
    /// The jurisdiction: `DEFAULT` or an ISO 3166 code.
    jurisdiction: String,
    /// Whether a franchisee operates the location.
    is_franchise_location: bool,
    /// `incomplete`, `active` or `closed`.
    #[schema(value_type = tryzore_tenancy_postgres::shapes::OrganizationStatus)]
    status: &'static str,
    /// The version, for `If-Match`.
    pub(super) version: i32,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Organization> for SavedOrganization {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id,
            parent: organization.parent,
            name: organization.name,
            address: organization.address,
            time_zone: organization.zone.name(),
            currency: organization.currency.code(),
            jurisdiction: organization.jurisdiction,
            is_franchise_location: organization.is_franchise_location,
            status: organization.status.as_str(),
            version: organization.version,
            updated_at: organization.updated_at,
        }
    }
}

/// Settings and hours that were just changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedSettings {
    /// The location.
    organization: OrganizationId,
    /// The ISO 4217 code of the currency of the amounts.
    currency: &'static str,
    /// The settings, with the fields of a change.
    #[schema(value_type = Object)]
    settings: Value,
    /// The spans of local time of each day: `{"mon": [["06:00", "22:00"]]}`.
    #[schema(value_type = Object)]
    business_hours: Value,
    /// The version, for `If-Match`.
    pub(super) version: i32,
    /// When they were last changed.
    updated_at: DateTime<Utc>,
}

impl From<OrganizationSettings> for SavedSettings {
    fn from(settings: OrganizationSettings) -> Self {
        Self {
            organization: settings.organization,
            currency: settings.currency.code(),
            settings: serde_json::to_value(&settings.settings).unwrap_or_default(),
            business_hours: serde_json::to_value(&settings.hours).unwrap_or_default(),
            version: settings.version,
            updated_at: settings.updated_at,
        }
    }
}
