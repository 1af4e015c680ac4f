//! `POST /staff/invitations/accept`: someone who is signed in joins the staff.

use crate::routes::signed_in::person;
use actix_web::{
    post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, Problem, TenantId, UserId};
use tryzore_postgres::Db;
use tryzore_rbac::{
    Permit, SystemActor,
    catalogue::{ManageStaff, OwnProfile},
};
use tryzore_tenancy::{staff, token::tenant_of};
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
    let (person, now) = (person(&db, &caller).await?, db.clock().now());
    let tenant = tenant_of(&token).ok_or_else(|| Problem::not_found("invitation"))?;
    let permit: Permit<ManageStaff> = Permit::system(tenant, SystemActor::Onboarding);
    let accept = async |tx: &mut _| staff::accept(&permit, tx, &token, &person, now).await;
    let accepted = db.tenant_tx(&permit, accept).await?;
    Ok(Json(AcceptedView { tenant, user: accepted.employee.user, home: accepted.home }))
}
