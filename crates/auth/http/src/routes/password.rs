//! `POST /auth/verify-email` and `POST /auth/reset-password`: choosing a password with the token of a mailed
//! link.

use super::form::{refused, settled};
use crate::sign_in::SignInService;
use actix_web::{
    post,
    web::{Data, Json},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_auth::{reset_password as reset, verify_email as verify};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Email;
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordForm {
    /// The token from the link.
    #[schema(value_type = String)]
    token: SecretString,
    /// The new password.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: SecretString,
}

/// The chosen password is valid now; the user can sign in with it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChosenView {
    /// The address of the account.
    email: Email,
}

/// Verify an e-mail address
///
/// Proves the e-mail address with the token of a registration or an invitation, and sets the first
/// password. A purchase or an imported client with this address is claimed (AUT-10).
#[utoipa::path(
    tag = "auth",
    request_body = PasswordForm,
    responses((status = 200, body = ChosenView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.link.invalid",
            "auth.provider.throttled",
            "auth.user.deactivated",
            "auth.user.other_email",
        ]))
    )
)]
#[post("/auth/verify-email")]
pub(super) async fn verify_email(
    Body(form): Body<PasswordForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<Json<ChosenView>, ApiError> {
    let now = db.clock().now();
    let link = settled(db.auth_tx(async |tx| verify::admit(&mut tx.auth(), &form.token, now).await).await)?;
    let chosen = link.choose(&service.provider, &form.password).await.map_err(refused)?;
    let now = db.clock().now();
    let user = settled(db.auth_tx(async |tx| verify::settle(&mut tx.auth(), chosen, now).await).await)?;
    Ok(Json(ChosenView { email: user.email }))
}

/// Reset the password
///
/// Sets a new password with the token of a password reset link. All sessions of the user end.
#[utoipa::path(
    tag = "auth",
    request_body = PasswordForm,
    responses((status = 200, body = ChosenView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.link.invalid",
            "auth.provider.throttled",
            "auth.user.deactivated",
            "auth.user.other_email",
        ]))
    )
)]
#[post("/auth/reset-password")]
pub(super) async fn reset_password(
    Body(form): Body<PasswordForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<Json<ChosenView>, ApiError> {
    let now = db.clock().now();
    let link = settled(db.auth_tx(async |tx| reset::admit(&mut tx.auth(), &form.token, now).await).await)?;
    let chosen = link.choose(&service.provider, &form.password).await.map_err(refused)?;
    let now = db.clock().now();
    let user = settled(db.auth_tx(async |tx| reset::settle(&mut tx.auth(), chosen, now).await).await)?;
    Ok(Json(ChosenView { email: user.email }))
}
