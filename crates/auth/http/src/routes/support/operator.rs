//! What operators ask tenants for.

use super::view::SupportGrantView;
use crate::{
    operations::{
        form::{origin, secret, settled, told},
        me::ActingView,
    },
    sign_in::SignInService,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web::Data};
use serde::{Deserialize, Serialize};
use tryzore_auth::support_access::{self, SupportGrantForm};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OrganizationId, Page, Problem, SupportGrantId, TenantId};
use tryzore_postgres::{Db, PlatformTx};
use tryzore_rbac::platform::RequestSupportAccess;
use tryzore_web::{AllowPlatform, ApiError, Body, Listed, Listing, NoFilter, Once, Paging, Path, Reply};
use utoipa::ToSchema;

/// The location to begin at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SupportSessionForm {
    /// The location to begin at; any of the approval by default.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
}

/// A session under an approval. There is no refresh token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SupportSessionView {
    /// The access token of the acting session, for reads.
    access_token: String,
    /// The scheme with which the access token is sent.
    #[schema(value_type = crate::operations::shapes::TokenType)]
    token_type: &'static str,
    /// The number of seconds until the session ends.
    #[schema(example = 3600)]
    expires_in: i64,
    /// What to show in the banner.
    acting: ActingView,
}

/// Request support access to a tenant
///
/// Asks a tenant to let you see some of its data for a time. Nothing is visible before someone there approves it.
/// The tenant's audit trail has the request with your name.
#[utoipa::path(
    tag = "platform",
    params(("tenant_id" = TenantId, Path)),
    request_body = SupportGrantForm,
    responses((status = 201, body = SupportGrantView)),
    extensions(("x-permission" = json!("platform.request_support_access")))
)]
#[post("/platform/tenants/{tenant_id}/support-grants")]
pub(super) async fn request_support_access(
    AllowPlatform(permit): AllowPlatform<RequestSupportAccess>,
    Path(tenant): Path<TenantId>,
    Body(form): Body<SupportGrantForm>,
    once: Once,
) -> Result<Reply<SupportGrantView>, ApiError> {
    let request = async |tx: &mut PlatformTx, now| {
        let requested = support_access::request(&permit, &mut tx.auth(), tenant, form, now).await;
        requested.map(SupportGrantView::from)
    };
    once.created_by_operator(&permit, request).await
}

/// List my requests for support access
///
/// Your own requests to all tenants, newest first.
#[utoipa::path(
    tag = "platform",
    params(Paging),
    responses((status = 200, body = Page<SupportGrantView>)),
    extensions(("x-permission" = json!("platform.request_support_access")))
)]
#[get("/platform/support-grants")]
pub(super) async fn list_my_support_grants(
    AllowPlatform(permit): AllowPlatform<RequestSupportAccess>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<SupportGrantView>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    let list = async |tx: &mut PlatformTx| tx.auth().support_grants_of(permit.user(), before, limit).await;
    Ok(paging.answer(db.operator_tx(&permit, list).await?.map(SupportGrantView::from)))
}

/// Withdraw a request for support access
///
/// Ends your request, or the approval with its sessions. Withdrawing what is over has no effect.
#[utoipa::path(
    tag = "platform",
    params(("tenant_id" = TenantId, Path), ("grant_id" = SupportGrantId, Path)),
    responses((status = 200, body = SupportGrantView)),
    extensions(("x-permission" = json!("platform.request_support_access")))
)]
#[post("/platform/tenants/{tenant_id}/support-grants/{grant_id}/withdraw")]
pub(super) async fn withdraw_support_grant(
    AllowPlatform(permit): AllowPlatform<RequestSupportAccess>,
    Path((tenant, id)): Path<(TenantId, SupportGrantId)>,
    once: Once,
) -> Result<Reply<SupportGrantView>, ApiError> {
    let withdraw = async |tx: &mut PlatformTx, now| {
        let withdrawn = support_access::withdraw(&permit, &mut tx.auth(), tenant, id, now).await;
        withdrawn.map(SupportGrantView::from)
    };
    once.done_by_operator(&permit, withdraw).await
}

/// Start a session under an approval
///
/// Begins an acting session in the tenant, for at most an hour and not beyond the approval. It only reads, cannot
/// be renewed, and each read is logged where the tenant and the persons concerned can see it. End it with
/// `sign_out`, sent with its own access token. The response is not stored for an `Idempotency-Key`, because it
/// holds a secret.
#[utoipa::path(
    tag = "platform",
    params(("tenant_id" = TenantId, Path), ("grant_id" = SupportGrantId, Path)),
    request_body = SupportSessionForm,
    responses((status = 201, body = SupportSessionView)),
    extensions(
        ("x-permission" = json!("platform.request_support_access")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["support_access.not_approved"]))
    )
)]
#[post("/platform/tenants/{tenant_id}/support-grants/{grant_id}/sessions")]
pub(super) async fn start_support_session(
    AllowPlatform(permit): AllowPlatform<RequestSupportAccess>,
    request: HttpRequest,
    Path(grant): Path<(TenantId, SupportGrantId)>,
    Body(form): Body<SupportSessionForm>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let service = SignInService::extract(&request).await?;
    let (origin, now) = (origin(&request, None), db.clock().now());
    let outcome = db.auth_tx(async |tx| {
        tx.act_as(permit.actor());
        support_access::enter(&permit, &mut tx.auth(), grant, form.organization, origin, now).await
    });
    let started = settled(outcome.await)?;
    let token = service.signing.sign(&started.claims);
    let view = SupportSessionView {
        access_token: told(&token.map_err(|error| Problem::internal(format!("no access token: {error}")))?),
        token_type: "Bearer",
        expires_in: started.claims.exp - started.claims.iat,
        acting: ActingView::of(&started.session, None)
            .ok_or_else(|| Problem::internal("the session is no acting session"))?,
    };
    Ok(secret(201, &view))
}
