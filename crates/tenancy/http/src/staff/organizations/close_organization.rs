//! `DELETE /organizations/{organization_id}`: a location is closed permanently.

use super::saved::SavedOrganization;
use actix_web::{HttpResponse, delete, web::Data};
use tryzore_kernel::OrganizationId;
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, permission::DeleteOrganization};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, IfMatch, Path, etag::versioned};

/// Close an organization
///
/// Closes the location for good; its history stays. Cancel its booked events first, and move or close the
/// locations below it. Open invitations lose the location; those for no other location are revoked.
#[utoipa::path(
    tag = "organizations",
    params(
        ("organization_id" = OrganizationId, Path),
        ("If-Match" = String, Header, description = "The ETag that you read")
    ),
    responses((status = 200, body = SavedOrganization, headers(("ETag" = String, description = "Its version")))),
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
    read: IfMatch,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (version, now) = (read.required()?, db.clock().now());
    let close = async |tx: &mut TenantTx| {
        tenancy::close_organization(&permit, &mut tx.tenancy(), organization, version, now).await
    };
    let saved = SavedOrganization::from(db.tenant_tx(&permit, close).await?);
    Ok(versioned(saved.version, &saved))
}
