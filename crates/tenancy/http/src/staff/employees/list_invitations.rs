//! `GET /staff/invitations`: the invitations.

use actix_web::{get, web::Data};
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy_postgres::InvitationView;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging};

/// List invitations
///
/// The invitations to locations where you manage staff, newest first.
#[utoipa::path(
    tag = "staff",
    params(Paging),
    responses((status = 200, body = Page<InvitationView>)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/staff/invitations")]
pub(super) async fn list_invitations(
    Allow(permit): Allow<ManageStaff>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<InvitationView>, ApiError> {
    let (limit, cursor, now) = (paging.limit()?, paging.cursor.as_deref(), db.clock().now());
    let list = async |tx: &mut TenantTx| tx.tenancy().invitation_list(&permit, limit, cursor, now).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?))
}
