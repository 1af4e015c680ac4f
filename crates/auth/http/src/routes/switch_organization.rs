//! `POST /auth/switch-organization`: switching to another location (TEN-13).

use super::{
    form::{secret, undone},
    signed_in::{WhereaboutsView, access_token},
};
use crate::sign_in::SignInService;
use actix_web::{HttpResponse, post, web::Data};
use serde::{Deserialize, Serialize};
use tryzore_auth::{Sessions, switch_organization::switch_organization as switch};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{OrganizationId, Problem, SessionId};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{AllowOwnSession, ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchForm {
    /// The location to switch to.
    #[serde(rename = "organization_id")]
    organization: OrganizationId,
}

/// The session at its new location.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SwitchedView {
    /// The access token with the new location. The previous one still works, also at the new location.
    access_token: String,
    /// The scheme with which the access token is sent.
    #[schema(value_type = super::shapes::TokenType)]
    token_type: &'static str,
    /// The number of seconds for which the access token is valid.
    #[schema(example = 3600)]
    expires_in: i64,
    /// The session, the same as before; its refresh token stays.
    session_id: SessionId,
    #[serde(flatten)]
    at: WhereaboutsView,
}

/// Switch to another organization
///
/// Changes the location of this session. Other sessions keep their location. The response is not stored for
/// an `Idempotency-Key`, because it holds a secret; switching twice has no further effect.
#[utoipa::path(
    tag = "auth",
    request_body = SwitchForm,
    responses((status = 200, body = SwitchedView)),
    extensions(
        ("x-permission" = json!("own.profile")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.switch_organization.not_available"]))
    )
)]
#[post("/auth/switch-organization")]
pub(super) async fn switch_organization(
    AllowOwnSession(permit): AllowOwnSession,
    Body(form): Body<SwitchForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    let work =
        async |tx: &mut TenantTx| undone(switch(&permit, &mut tx.auth(), form.organization, now).await);
    let claims = db.tenant_tx(&permit, work).await?;
    let (user, tenant) = (claims.sub, claims.tenant_id);
    let at = db.auth_tx(async |tx| match &claims.act {
        None => Ok::<_, Problem>(WhereaboutsView::of(tx, user, tenant, claims.org_id).await?),
        Some(_) => {
            let session = tx.auth().session_find(claims.sid).await?;
            WhereaboutsView::of_acting(tx, &session.ok_or_else(|| Problem::not_found("session"))?).await
        }
    });
    let at = at.await?;
    let switched = SwitchedView {
        access_token: access_token(&service, &claims)?,
        token_type: "Bearer",
        expires_in: claims.exp - claims.iat,
        session_id: claims.sid,
        at,
    };
    Ok(secret(200, &switched))
}
