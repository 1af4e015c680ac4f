//! `POST /organizations`: a location is opened.

use actix_web::post;
use serde::Deserialize;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, OrganizationForm, permission::CreateOrganization};
use tryzore_tenancy_postgres::{OrganizationView, Tenancy};
use tryzore_web::shapes::{CurrencyCode, TimeZone};
use tryzore_web::{Allow, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// A new location.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationOpening {
    /// The name.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The postal address.
    #[schema(max_length = 500)]
    address: Option<String>,
    /// The IANA time zone.
    #[schema(value_type = TimeZone)]
    time_zone: String,
    /// The ISO 4217 code of the currency, which can never be changed.
    #[schema(value_type = CurrencyCode)]
    currency: String,
    /// The jurisdiction: `DEFAULT` or an ISO 3166 code.
    #[schema(example = "US-CA")]
    jurisdiction: Option<String>,
    /// The parent location.
    #[serde(rename = "parent_id")]
    parent: Option<OrganizationId>,
    /// Whether a franchisee operates the location.
    #[serde(default)]
    is_franchise_location: bool,
}

impl From<OrganizationOpening> for OrganizationForm {
    fn from(opening: OrganizationOpening) -> Self {
        Self {
            name: opening.name,
            address: opening.address,
            time_zone: opening.time_zone,
            currency: opening.currency,
            jurisdiction: opening.jurisdiction,
            parent: opening.parent,
            is_franchise_location: opening.is_franchise_location,
        }
    }
}

/// Create an organization
///
/// The owner of the parent location owns the new one. A location without a parent takes the permission at
/// every location that has none.
#[utoipa::path(
    tag = "organizations",
    request_body = OrganizationOpening,
    responses((status = 201, body = OrganizationView)),
    extensions(
        ("x-permission" = json!("organizations.create_org")),
        ("x-denials" = json!(["organizations.parent.needed", "organizations.parent.too_deep"]))
    )
)]
#[post("/organizations")]
pub(super) async fn create_organization(
    Allow(permit): Allow<CreateOrganization>,
    Body(opening): Body<OrganizationOpening>,
    once: Once,
) -> Result<Reply<OrganizationView>, ApiError> {
    let draft = OrganizationForm::from(opening).check()?;
    let create = async |tx: &mut TenantTx, now| {
        tenancy::create_organization(&permit, &mut tx.tenancy(), draft, now).await.map(OrganizationView::from)
    };
    once.created(&permit, create).await
}
