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
    /// Its id.
    id: OrganizationId,
    /// The location above it.
    parent: Option<OrganizationId>,
    /// What it is called.
    name: String,
    /// Where it is.
    address: Option<String>,
    /// Its IANA time zone.
    time_zone: &'static str,
    /// Its ISO 4217 currency.
    currency: &'static str,
    /// Whose law it follows.
    jurisdiction: String,
    /// Whether a franchisee runs it.
    is_franchise_location: bool,
    /// `incomplete`, `active` or `closed`.
    #[schema(value_type = tryzore_tenancy_postgres::shapes::OrganizationStatus)]
    status: &'static str,
    /// For `If-Match`.
    pub(super) version: i32,
    /// When it was changed last.
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
    /// What the amounts are in.
    currency: &'static str,
    /// The rules, as they are sent to change them.
    #[schema(value_type = Object)]
    settings: Value,
    /// Day to spans of local time: `{"mon": [["06:00", "22:00"]]}`.
    #[schema(value_type = Object)]
    business_hours: Value,
    /// For `If-Match`.
    pub(super) version: i32,
    /// When they were changed last.
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
