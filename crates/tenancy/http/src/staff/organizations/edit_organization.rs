//! `PUT /organizations/{organization_id}`: a location is changed or moved.

use actix_web::put;
use serde::Deserialize;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, OrganizationForm, permission::EditOrganization};
use tryzore_tenancy_postgres::{OrganizationView, Tenancy};
use tryzore_web::shapes::{CurrencyCode, TimeZone};
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};
use utoipa::ToSchema;

/// All fields of the changed location.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationChange {
    /// The name.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The postal address; null if unknown.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, max_length = 500)]
    address: Option<String>,
    /// The IANA time zone.
    #[schema(value_type = TimeZone)]
    time_zone: String,
    /// The ISO 4217 code of the currency; it must be the current one.
    #[schema(value_type = CurrencyCode)]
    currency: String,
    /// The jurisdiction: `DEFAULT` or an ISO 3166 code.
    #[schema(example = "US-CA")]
    jurisdiction: String,
    // Required, because leaving it out would move the location out of its tree.
    /// The parent location; null for none.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    #[serde(rename = "parent_id")]
    parent: Option<OrganizationId>,
    /// Whether a franchisee operates the location.
    is_franchise_location: bool,
}

impl From<OrganizationChange> for OrganizationForm {
    fn from(change: OrganizationChange) -> Self {
        Self {
            name: change.name,
            address: change.address,
            time_zone: change.time_zone,
            currency: change.currency,
            jurisdiction: Some(change.jurisdiction),
            parent: change.parent,
            is_franchise_location: change.is_franchise_location,
        }
    }
}

/// Change an organization
///
/// Another `parent` moves the location with all that is below it. A move takes the permission at both
/// places, and you must hold yourself what roles that reach down from either place gain or lose by it.
#[utoipa::path(
    tag = "organizations",
    params(
        ("organization_id" = OrganizationId, Path),
        Change
    ),
    request_body = OrganizationChange,
    responses((status = 200, body = OrganizationView)),
    extensions(
        ("x-permission" = json!("organizations.edit_org")),
        ("x-denials" = json!([
            "organizations.closed",
            "organizations.edit.currency_fixed",
            "organizations.move.exceeds_own",
            "organizations.parent.cycle",
            "organizations.parent.needed",
            "organizations.parent.too_deep",
        ]))
    )
)]
#[put("/organizations/{organization_id}")]
pub(super) async fn edit_organization(
    Allow(permit): Allow<EditOrganization>,
    Path(organization): Path<OrganizationId>,
    change: Change,
    Body(body): Body<OrganizationChange>,
) -> Result<Resource<OrganizationView>, ApiError> {
    let draft = OrganizationForm::from(body).check()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        tenancy::edit_organization(&permit, &mut tx.tenancy(), organization, version, draft, now)
            .await
            .map(OrganizationView::from)
    };
    change.done(&permit, edit).await
}
