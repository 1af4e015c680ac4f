//! `POST /staff/invitations/{invitation}/resend`: an invitation is sent again.

use super::invitation::SavedInvitation;
use actix_web::post;
use tryzore_kernel::InvitationId;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff;
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Send an invitation again
///
/// Seven more days, with a new link; the one before works no more.
#[utoipa::path(
    operation_id = "resend_invitation",
    tag = "staff",
    params(("invitation" = InvitationId, Path)),
    responses((status = 200, body = SavedInvitation)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[post("/staff/invitations/{invitation}/resend")]
pub(super) async fn resend(
    Allow(permit): Allow<ManageStaff>,
    Path(invitation): Path<InvitationId>,
    once: Once,
) -> Result<Reply<SavedInvitation>, ApiError> {
    let resend =
        async |tx: &mut _, now| staff::resend(&permit, tx, invitation, now).await.map(SavedInvitation::from);
    once.done(&permit, resend).await
}
