//! `PUT /organizations/{organization_id}/hours`: the opening hours of a location are changed.

use super::saved::SavedSettings;
use actix_web::{HttpResponse, put, web::Data};
use serde::Deserialize;
use std::collections::BTreeMap;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, HoursForm, permission::EditSettings};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Body, IfMatch, Path, etag::versioned};
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
        ("If-Match" = String, Header, description = "The ETag of the settings that you read")
    ),
    request_body = Week,
    responses((status = 200, body = SavedSettings, headers(("ETag" = String, description = "Their version")))),
    extensions(("x-permission" = json!("settings.edit_gym")), ("x-denials" = json!(["organizations.closed"])))
)]
#[put("/organizations/{organization_id}/hours")]
pub(super) async fn edit_hours(
    Allow(permit): Allow<EditSettings>,
    Path(organization): Path<OrganizationId>,
    read: IfMatch,
    Body(Week(week)): Body<Week>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let hours = HoursForm(week).check()?;
    let edit = async |tx: &mut TenantTx| {
        tenancy::edit_hours(&permit, &mut tx.tenancy(), organization, version, hours, now).await
    };
    let saved = SavedSettings::from(db.tenant_tx(&permit, edit).await?);
    Ok(versioned(saved.version, &saved))
}
