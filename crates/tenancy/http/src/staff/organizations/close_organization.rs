//! `DELETE /organizations/{organization_id}`: a location is closed permanently.

use actix_web::delete;
use tryzore_kernel::OrganizationId;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, permission::DeleteOrganization};
use tryzore_tenancy_postgres::{OrganizationView, Tenancy};
use tryzore_web::{Allow, ApiError, Change, Path, Resource};

/// Close an organization
///
/// Closes the location for good; its history stays. Cancel its booked events first, and move or close the
/// locations below it. Open invitations lose the location; those for no other location are revoked.
#[utoipa::path(
    tag = "organizations",
    params(
        ("organization_id" = OrganizationId, Path),
        Change
    ),
    responses((status = 200, body = OrganizationView)),
    extensions(
        ("x-permission" = json!("organizations.delete_org")),
        ("x-denials" = json!([
            "organizations.close.events_booked",
            "organizations.close.has_children",
            "organizations.close.last",
            "organizations.closed",
        ]))
    )
)]
#[delete("/organizations/{organization_id}")]
pub(super) async fn close_organization(
    Allow(permit): Allow<DeleteOrganization>,
    Path(organization): Path<OrganizationId>,
    change: Change,
) -> Result<Resource<OrganizationView>, ApiError> {
    let close = async |tx: &mut TenantTx, version, now| {
        tenancy::close_organization(&permit, &mut tx.tenancy(), organization, version, now)
            .await
            .map(OrganizationView::from)
    };
    change.done(&permit, close).await
}
