//! The settings of a location as they are answered.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_kernel::{OrganizationId, Problem};
use tryzore_rbac::{Permit, catalogue::ViewOrganizations};
use tryzore_tenancy::{HoursState, OrganizationSettings, SettingsForm, SettingsStore};
use utoipa::ToSchema;

/// The settings and business hours of a location.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SettingsView {
    /// The location.
    pub organization_id: OrganizationId,
    /// The settings, in the form in which they are sent to change them.
    pub settings: SettingsForm,
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
    /// The view of `current` at `now`.
    #[must_use]
    pub fn new(current: &OrganizationSettings, now: DateTime<Utc>) -> Self {
        Self {
            organization_id: current.organization,
            settings: (*current.settings).clone(),
            business_hours: serde_json::to_value(&current.hours).unwrap_or_default(),
            now: current.hours.state(now, current.zone),
            version: current.version,
            updated_at: current.updated_at,
        }
    }
}

impl TenancyStore<'_> {
    /// The settings of `organization` at `now`, if the caller sees the location.
    ///
    /// # Errors
    /// 404 for a location that the caller does not see.
    pub async fn settings_view(
        &mut self,
        permit: &Permit<ViewOrganizations>,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<SettingsView, Problem> {
        let hidden = || Problem::not_found("organization");
        if !permit.grants().visible().covers(organization) {
            return Err(hidden());
        }
        let found = self.settings_find(organization).await?.ok_or_else(hidden)?;
        Ok(SettingsView::new(&found, now))
    }
}
