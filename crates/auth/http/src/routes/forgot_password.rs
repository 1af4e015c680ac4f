//! `POST /auth/forgot-password`: requesting a link to choose a new password.

use super::{
    form::{origin, settled},
    register::{MailedView, mailed},
};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use serde::Deserialize;
use tryzore_auth::forgot_password::forgot_password as forget;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Email;
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgotForm {
    /// The address of the account.
    email: Email,
}

/// Request a password reset
///
/// Sends a link with which the user chooses a new password. The response is the same whether or not the
/// e-mail address is known.
#[utoipa::path(
    operation_id = "request_password_reset",
    tag = "auth",
    request_body = ForgotForm,
    responses((status = 202, body = MailedView)),
    extensions(("x-permission" = json!("public")), ("x-denials" = json!(["auth.mail.locked"])))
)]
#[post("/auth/forgot-password")]
pub(super) async fn forgot_password(
    request: HttpRequest,
    Body(form): Body<ForgotForm>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (ip, now) = (origin(&request, None).ip, db.clock().now());
    settled(db.auth_tx(async |tx| forget(&mut tx.auth(), &form.email, ip, now).await).await)?;
    Ok(mailed())
}
