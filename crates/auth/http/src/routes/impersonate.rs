//! `POST /auth/impersonations`: seeing what somebody else sees (AUT-16).

use super::{
    form::{origin, secret, told, undone},
    me::ActingView,
};
use crate::sign_in::SignInService;
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    Memberships,
    acting::IMPERSONATION_LIFE,
    impersonate::{ImpersonationRequest, impersonate},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OrganizationId, Problem, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::Impersonate;
use tryzore_web::{Allow, ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImpersonationForm {
    /// The person whose view to show: a client, or an employee with fewer permissions than yours.
    #[serde(rename = "user_id")]
    user: UserId,
    /// Why. The person can read it.
    #[schema(min_length = 3, max_length = 500, example = "The client cannot find a booking")]
    reason: String,
    /// The location to begin at; the person's own by default.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The locations that the session may be at; all those of the person where you may impersonate by default.
    #[serde(rename = "organization_ids")]
    organizations: Option<Vec<OrganizationId>>,
}

/// An impersonation that has begun. There is no refresh token: it cannot be renewed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImpersonationView {
    /// The access token of the acting session, for reads in either API.
    access_token: String,
    /// The scheme with which the access token is sent.
    #[schema(value_type = super::shapes::TokenType)]
    token_type: &'static str,
    /// The number of seconds until the session ends.
    #[schema(example = 900)]
    expires_in: i64,
    /// What to show in the banner.
    acting: ActingView,
}

/// Impersonate a user
///
/// Begins a session of 15 minutes in which you see what a client or an employee with fewer permissions sees. The
/// session only reads, cannot be renewed, and shows nothing of the person's account: no sessions, devices or keys.
/// Each read is logged where the business and the person can see it. End it with `sign_out`, sent with its own
/// access token. The response is not stored for an `Idempotency-Key`, because it holds a secret.
#[utoipa::path(
    operation_id = "impersonate_user",
    tag = "auth",
    request_body = ImpersonationForm,
    responses((status = 201, body = ImpersonationView)),
    extensions(
        ("x-permission" = json!("support.impersonate")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.impersonation.not_fewer_rights", "auth.impersonation.oneself"]))
    )
)]
#[post("/auth/impersonations")]
pub(super) async fn start(
    Allow(permit): Allow<Impersonate>,
    request: HttpRequest,
    Body(form): Body<ImpersonationForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let ImpersonationForm { user, reason, organization, organizations } = form;
    let wish = ImpersonationRequest { subject: user, reason, organization, organizations };
    let (origin, now) = (origin(&request, None), db.clock().now());
    let (started, known) = db
        .tenant_tx(&permit, async |tx: &mut TenantTx| {
            let started = undone(impersonate(&permit, &mut tx.auth(), wish, origin, now).await)?;
            let known = tx.auth().person_find(started.subject.id, permit.tenant()).await?;
            Ok::<_, Problem>((started, known))
        })
        .await?;
    let token = service.signing.sign(&started.claims);
    let view = ImpersonationView {
        access_token: told(&token.map_err(|error| Problem::internal(format!("no access token: {error}")))?),
        token_type: "Bearer",
        expires_in: IMPERSONATION_LIFE.num_seconds(),
        acting: ActingView::of(&started.session, known)
            .ok_or_else(|| Problem::internal("the session is no acting session"))?,
    };
    Ok(secret(201, &view))
}
