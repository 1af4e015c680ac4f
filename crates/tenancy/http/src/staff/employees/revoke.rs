//! `POST /staff/invitations/{invitation_id}/revoke`: an invitation is revoked.

use actix_web::post;
use tryzore_kernel::InvitationId;
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff;
use tryzore_tenancy_postgres::{InvitationView, Tenancy};
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Revoke an invitation
///
/// The link of the invitation stops working.
#[utoipa::path(
    operation_id = "revoke_invitation",
    tag = "staff",
    params(("invitation_id" = InvitationId, Path)),
    responses((status = 200, body = InvitationView)),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!(["staff.invitation.accepted", "staff.invitation.revoked"]))
    )
)]
#[post("/staff/invitations/{invitation_id}/revoke")]
pub(super) async fn revoke(
    Allow(permit): Allow<ManageStaff>,
    Path(invitation): Path<InvitationId>,
    once: Once,
) -> Result<Reply<InvitationView>, ApiError> {
    let revoke = async |tx: &mut TenantTx, now| {
        let revoked = staff::revoke(&permit, &mut tx.tenancy(), invitation, now).await;
        revoked.map(|revoked| InvitationView::new(revoked, now))
    };
    once.done(&permit, revoke).await
}
