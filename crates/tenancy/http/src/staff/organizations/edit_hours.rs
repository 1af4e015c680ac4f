//! `PUT /organizations/{organization_id}/hours`: the opening hours of a location are changed.

use actix_web::put;
use serde::Deserialize;
use std::collections::BTreeMap;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, HoursForm, permission::EditSettings};
use tryzore_tenancy_postgres::{SettingsView, Tenancy};
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};
use utoipa::ToSchema;

/// The opening hours of a week: for each day (`mon` to `sun`) at most six spans of local time. A span whose
/// end is before its start ends after midnight. The location is closed on days that are left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({"mon": [["06:00", "12:00"], ["15:00", "22:00"]]}))]
pub(super) struct Week(BTreeMap<String, Vec<[String; 2]>>);

/// Change the opening hours
///
/// Replaces the opening hours of the whole week. The booking rules stay as they are; both share one
/// version.
#[utoipa::path(
    operation_id = "edit_opening_hours",
    tag = "organizations",
    params(
        ("organization_id" = OrganizationId, Path),
        Change
    ),
    request_body = Week,
    responses((status = 200, body = SettingsView)),
    extensions(("x-permission" = json!("settings.edit_gym")), ("x-denials" = json!(["organizations.closed"])))
)]
#[put("/organizations/{organization_id}/hours")]
pub(super) async fn edit_hours(
    Allow(permit): Allow<EditSettings>,
    Path(organization): Path<OrganizationId>,
    change: Change,
    Body(Week(week)): Body<Week>,
) -> Result<Resource<SettingsView>, ApiError> {
    let hours = HoursForm(week).check()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        tenancy::edit_hours(&permit, &mut tx.tenancy(), organization, version, hours, now)
            .await
            .map(|settings| SettingsView::new(&settings, now))
    };
    change.done(&permit, edit).await
}
