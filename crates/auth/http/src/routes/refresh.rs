//! `POST /auth/refresh`: exchanging a refresh token for the next tokens (AUT-01).

use super::{
    form::{DeviceForm, origin, secret, settled},
    signed_in::{SignedInView, user},
};
use crate::sign_in::SignInService;
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use tryzore_auth::{Refusal, refresh::refresh as refresh_tokens};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshForm {
    /// The newest refresh token.
    #[schema(value_type = String)]
    refresh_token: SecretString,
    /// The device that signed in.
    device: Option<DeviceForm>,
}

/// Refresh the tokens
///
/// Exchanges the refresh token for a new access token and a new refresh token. When a response was lost, send
/// the same request again: within 10 seconds the same device gets the same tokens, as long as the new refresh
/// token was not used. Any other second use of a refresh token ends the session. The response is not stored
/// for an `Idempotency-Key`, because it holds secrets.
#[utoipa::path(
    operation_id = "refresh_tokens",
    tag = "auth",
    request_body = RefreshForm,
    responses((status = 200, body = SignedInView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.refresh.device_not_trusted",
            "auth.refresh.expired",
            "auth.refresh.other_device",
            "auth.refresh.rejected",
            "auth.refresh.reused",
            "auth.session.expired",
            "auth.session.no_membership",
            "auth.session.revoked",
            "auth.user.deactivated",
            "tenants.suspended",
        ]))
    )
)]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    request: HttpRequest,
    Body(form): Body<RefreshForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (origin, now) = (origin(&request, form.device), db.clock().now());
    let outcome = db.auth_tx(async |tx| {
        let tokens =
            match refresh_tokens(&mut tx.auth(), &form.refresh_token, &origin, &service.successors, now)
                .await?
            {
                Ok(tokens) => tokens,
                Err(refusal) => return Ok(Err(refusal)),
            };
        let user = user(tx, tokens.session.user).await?;
        Ok::<_, Problem>(Ok::<_, Refusal>(SignedInView::of(tx, &service, &user, tokens).await?))
    });
    Ok(secret(200, &settled(outcome.await)?))
}
