//! `POST /staff/invitations/accept`: an invitation is accepted.

use actix_web::{
    post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, Problem, TenantId, UserId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, SystemActor, catalogue::ManageStaff};
use tryzore_tenancy::{staff, token::tenant_of};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

/// The token from the mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationToken {
    /// The token from the link.
    #[schema(value_type = String, example = "tzi_…")]
    token: SecretString,
}

/// The new employment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedView {
    /// The tenant, to sign in to.
    tenant_id: TenantId,
    /// The user who was invited.
    user_id: UserId,
    /// The primary location of the employee.
    home_organization_id: Option<OrganizationId>,
}

/// Accept an invitation
///
/// The token identifies who joins: the user of the e-mail address that the invitation was sent to, whoever
/// is signed in. A new user chooses a password first, with the token of the same e-mail (`POST
/// /auth/verify-email`). Accepting again gives the same response. Sign in afterwards.
#[utoipa::path(
    operation_id = "accept_invitation",
    tag = "staff",
    request_body = InvitationToken,
    responses((status = 200, body = AcceptedView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!([
            "staff.accept.account_closed",
            "staff.accept.closed",
            "staff.accept.inviter_lost_rights",
            "staff.accept.role_changed",
            "staff.accept.unclaimed",
            "staff.invitation.accepted",
            "staff.invitation.expired",
            "staff.invitation.revoked",
            "tenants.suspended",
        ]))
    )
)]
#[post("/staff/invitations/accept")]
pub(super) async fn accept(
    Body(InvitationToken { token }): Body<InvitationToken>,
    db: Data<Db>,
) -> Result<Json<AcceptedView>, ApiError> {
    let tenant = tenant_of(&token).ok_or_else(|| Problem::not_found("invitation"))?;
    let permit: Permit<ManageStaff> = Permit::system(tenant, SystemActor::Onboarding);
    let now = db.clock().now();
    let accept = async |tx: &mut TenantTx| staff::accept(&permit, &mut tx.tenancy(), &token, now).await;
    let accepted = db.tenant_tx(&permit, accept).await?;
    Ok(Json(AcceptedView {
        tenant_id: tenant,
        user_id: accepted.employee.user,
        home_organization_id: accepted.home,
    }))
}
