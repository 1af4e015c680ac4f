//! `POST /staff/invitations`: a person is invited to join the staff.

use super::address;
use actix_web::{HttpRequest, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_auth::register::count_mail;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OrganizationId, Problem, RoleId, iso};
use tryzore_postgres::TenantTx;
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_tenancy::staff::{self, InvitationForm, Invited};
use tryzore_tenancy_postgres::{InvitationView, StaffView, Tenancy};
use tryzore_web::{Allow, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// The person to invite, and their role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationBody {
    /// The name of the person.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The address that the mail is sent to.
    #[schema(format = "email")]
    email: String,
    /// A phone number in E.164 form.
    phone: Option<String>,
    /// The role.
    #[serde(rename = "role_id")]
    role: RoleId,
    /// The primary location of the person.
    #[serde(rename = "primary_organization_id")]
    primary_organization: OrganizationId,
    /// Further locations.
    #[serde(default)]
    #[schema(max_items = 49)]
    #[serde(rename = "other_organization_ids")]
    other_organizations: Vec<OrganizationId>,
    /// The `permissions` of the role that the inviter has reviewed.
    reviewed_permissions: Vec<String>,
    /// When the role ends, in the future; null or left out for good.
    #[serde(default, deserialize_with = "iso::read")]
    role_expires_at: Option<DateTime<Utc>>,
}

impl From<InvitationBody> for InvitationForm {
    fn from(body: InvitationBody) -> Self {
        Self {
            name: body.name,
            email: body.email,
            phone: body.phone,
            role: body.role,
            primary_organization: body.primary_organization,
            other_organizations: body.other_organizations,
            reviewed_permissions: body.reviewed_permissions,
            role_expires_at: body.role_expires_at,
        }
    }
}

/// The result of inviting: one of the two fields.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitedView {
    /// The invitation, which is being mailed.
    invitation: Option<InvitationView>,
    /// The employee who works here already and got the role at once.
    employee: Option<StaffView>,
}

/// Invite an employee
///
/// An invitation is valid for seven days. You can only offer permissions that you hold. Someone who is an
/// employee already gets the role at once. E-mails to one address are counted, including those that are
/// sent again: after five within 15 minutes the next is refused for a while (429).
#[utoipa::path(
    operation_id = "invite_employee",
    tag = "staff",
    request_body = InvitationBody,
    responses((status = 201, body = InvitedView)),
    extensions(
        ("x-permission" = json!("settings.manage_staff")),
        ("x-denials" = json!([
            "auth.mail.locked",
            "rbac.give.exceeds_own",
            "staff.invite.pending",
            "staff.invite.role_changed",
            "staff.invite.works_there",
            "staff.role.comes_with_owning",
        ]))
    )
)]
#[post("/staff/invitations")]
pub(super) async fn invite(
    Allow(permit): Allow<ManageStaff>,
    Body(body): Body<InvitationBody>,
    request: HttpRequest,
    once: Once,
) -> Result<Reply<InvitedView>, ApiError> {
    let draft = InvitationForm::from(body).check()?;
    let (ip, mut wait) = (address(&request), None);
    let invite = async |tx: &mut TenantTx, now| {
        let invited = staff::invite(&permit, &mut tx.tenancy(), draft, now).await?;
        let invitation = match invited {
            Invited::Invitation(invitation) => invitation,
            Invited::Employee(employee) => {
                let employee = tx.tenancy().staff_view(&permit, employee.user).await?;
                return Ok(InvitedView { invitation: None, employee });
            }
        };
        count_mail(&mut tx.auth(), &invitation.email, ip, now)
            .await?
            .inspect_err(|refusal| wait = refusal.retry_after_seconds())?;
        let invitation = Some(InvitationView::new(invitation, now));
        Ok::<_, Problem>(InvitedView { invitation, employee: None })
    };
    once.created(&permit, invite).await.map_err(|error| match wait {
        None => error,
        seconds => error.retry_after(seconds),
    })
}
