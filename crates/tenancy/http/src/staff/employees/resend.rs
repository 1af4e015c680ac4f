//! `POST /staff/invitations/{invitation_id}/resend`: an invitation is sent again.

use super::address;
use actix_web::{HttpRequest, post};
use tryzore_auth::register::count_mail;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{InvitationId, Problem};
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff;
use tryzore_tenancy_postgres::{InvitationView, Tenancy};
use tryzore_web::{Allow, ApiError, Once, Path, Reply};

/// Resend an invitation
///
/// The invitation is valid for seven more days with a new link; the link before it stops working. E-mails
/// to one address are counted: after five within 15 minutes the next is refused for a while (429).
#[utoipa::path(
    operation_id = "resend_invitation",
    tag = "staff",
    params(("invitation_id" = InvitationId, Path)),
    responses((status = 200, body = InvitationView)),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!([
            "auth.mail.locked",
            "rbac.give.exceeds_own",
            "staff.invitation.accepted",
            "staff.invitation.revoked",
            "staff.role.comes_with_owning",
        ]))
    )
)]
#[post("/staff/invitations/{invitation_id}/resend")]
pub(super) async fn resend(
    Allow(permit): Allow<ManageStaff>,
    Path(invitation): Path<InvitationId>,
    request: HttpRequest,
    once: Once,
) -> Result<Reply<InvitationView>, ApiError> {
    let (ip, mut wait) = (address(&request), None);
    let resend = async |tx: &mut TenantTx, now| {
        let sent = staff::resend(&permit, &mut tx.tenancy(), invitation, now).await?;
        count_mail(&mut tx.auth(), &sent.email, ip, now)
            .await?
            .inspect_err(|refusal| wait = refusal.retry_after_seconds())?;
        Ok::<_, Problem>(InvitationView::new(sent, now))
    };
    once.done(&permit, resend).await.map_err(|error| match wait {
        None => error,
        seconds => error.retry_after(seconds),
    })
}
