//! `POST /organizations/{organization_id}/clone-settings`: the settings of another location are copied.

use actix_web::post;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, Cloned, permission::EditSettings};
use tryzore_tenancy_postgres::{SettingsView, Tenancy};
use tryzore_web::{Allow, ApiError, Body, Once, Path, Reply};
use utoipa::ToSchema;

/// The source of the settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CloneSource {
    /// The location to copy from.
    #[serde(rename = "from_organization_id")]
    from: OrganizationId,
}

/// The result of copying.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClonedSettings {
    /// The settings and opening hours after copying.
    settings: SettingsView,
    /// The changed fields, each with `{from, to}`.
    #[schema(value_type = Object)]
    changed: Map<String, Value>,
}

impl ClonedSettings {
    fn new(cloned: Cloned, now: DateTime<Utc>) -> Self {
        Self { settings: SettingsView::new(&cloned.settings, now), changed: cloned.changed }
    }
}

/// Copy the settings of another organization
///
/// Copies the booking rules and opening hours. Name, address, keys, currency and tax number stay as they
/// are.
#[utoipa::path(
    operation_id = "clone_organization_settings",
    tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    request_body = CloneSource,
    responses((status = 200, body = ClonedSettings)),
    extensions(
        ("x-permission" = json!("settings.edit_gym")),
        ("x-denials" = json!([
            "organizations.clone_settings.closed",
            "organizations.clone_settings.other_currency",
            "organizations.clone_settings.same",
        ]))
    )
)]
#[post("/organizations/{organization_id}/clone-settings")]
pub(super) async fn clone_settings(
    Allow(permit): Allow<EditSettings>,
    Path(organization): Path<OrganizationId>,
    Body(CloneSource { from }): Body<CloneSource>,
    once: Once,
) -> Result<Reply<ClonedSettings>, ApiError> {
    let copy = async |tx: &mut TenantTx, now| {
        tenancy::clone_settings(&permit, &mut tx.tenancy(), from, organization, now)
            .await
            .map(|cloned| ClonedSettings::new(cloned, now))
    };
    once.done(&permit, copy).await
}
