//! `POST /staff/invitations/accept`: someone who is signed in joins the staff.

use actix_web::{
    post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_auth::Users;
use tryzore_kernel::{Denial, OrganizationId, Problem, TenantId, UserId};
use tryzore_postgres::{AuthTx, Db};
use tryzore_rbac::{
    Permit, SystemActor,
    catalogue::{ManageStaff, OwnProfile},
};
use tryzore_tenancy::{onboarding::Verified, staff, token::tenant_of};
use tryzore_web::{Allow, ApiError, Body};
use utoipa::ToSchema;

/// What the mail carried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationToken {
    /// The token of the link.
    #[schema(value_type = String, example = "tzi_…")]
    token: SecretString,
}

/// Where one works now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedView {
    /// The tenant, to sign in to.
    tenant: TenantId,
    /// The user who works there.
    user: UserId,
    /// Where one is at home.
    home: Option<OrganizationId>,
}

async fn verified(db: &Db, permit: &Permit<OwnProfile>) -> Result<Verified, Problem> {
    let id = permit.actor().user().ok_or_else(|| Problem::not_found("person: this is a key"))?;
    let user = db.auth_tx(async |tx: &mut AuthTx| tx.user_find(id).await).await?;
    let user = user.ok_or_else(|| Problem::not_found("user"))?;
    if user.email_verified_at.is_none() {
        let denial = Denial::right("staff.accept.email_unproven").because("user", id);
        return Err(denial.remedy("Follow the link in the mail that proves your address.", None).into());
    }
    Ok(Verified { user: id, email: user.email, name: user.name })
}

/// Accept an invitation
///
/// As the person whom the mail went to, signed in to whichever tenant. Accepting again gives the same
/// answer. To work there, sign in to its tenant.
#[utoipa::path(
    operation_id = "accept_invitation",
    tag = "staff",
    request_body = InvitationToken,
    responses((status = 200, body = AcceptedView)),
    extensions(("x-permission" = json!("own.profile")), ("x-idempotency" = json!("none")))
)]
#[post("/staff/invitations/accept")]
pub(super) async fn accept(
    Allow(caller): Allow<OwnProfile>,
    Body(InvitationToken { token }): Body<InvitationToken>,
    db: Data<Db>,
) -> Result<Json<AcceptedView>, ApiError> {
    let (verified, now) = (verified(&db, &caller).await?, db.clock().now());
    let tenant = tenant_of(&token).ok_or_else(|| Problem::not_found("invitation"))?;
    let permit: Permit<ManageStaff> = Permit::system(tenant, SystemActor::Onboarding);
    let accept = async |tx: &mut _| staff::accept(&permit, tx, &token, &verified, now).await;
    let accepted = db.tenant_tx(&permit, accept).await?;
    Ok(Json(AcceptedView { tenant, user: accepted.employee.user, home: accepted.home }))
}
