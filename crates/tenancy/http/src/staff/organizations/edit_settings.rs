//! `PUT /organizations/{organization_id}/settings`: the settings of a location are changed.

use actix_web::put;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, SettingsForm, permission::EditSettings};
use tryzore_tenancy_postgres::{SettingsView, Tenancy};
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};

/// Change the settings of an organization
///
/// Changes the booking rules. Every amount is in the currency of the location. The opening hours stay as they
/// are.
#[utoipa::path(
    operation_id = "edit_organization_settings",
    tag = "organizations",
    params(
        ("organization_id" = OrganizationId, Path),
        Change
    ),
    request_body = SettingsForm,
    responses((status = 200, body = SettingsView)),
    extensions(("x-permission" = json!("settings.edit_gym")), ("x-denials" = json!(["organizations.closed"])))
)]
#[put("/organizations/{organization_id}/settings")]
pub(super) async fn edit_settings(
    Allow(permit): Allow<EditSettings>,
    Path(organization): Path<OrganizationId>,
    change: Change,
    Body(form): Body<SettingsForm>,
) -> Result<Resource<SettingsView>, ApiError> {
    let settings = form.check()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        tenancy::edit_settings(&permit, &mut tx.tenancy(), organization, version, settings, now)
            .await
            .map(|settings| SettingsView::new(&settings, now))
    };
    change.done(&permit, edit).await
}
