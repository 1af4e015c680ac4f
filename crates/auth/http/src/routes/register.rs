//! `POST /auth/register`: signing up.

use super::form::{origin, settled};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use serde::{Deserialize, Serialize};
use tryzore_auth::register::{Applicant, register as sign_up};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, Phone};
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterForm {
    /// The address that the link is sent to.
    email: Email,
    /// The name of the person.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// A phone number.
    phone: Option<Phone>,
}

/// The answer after a mail was requested.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailedView {
    /// The next action of the person.
    #[schema(value_type = String)]
    next: &'static str,
}

/// The answer to every request for a mail: the same for every address.
pub(super) fn mailed() -> HttpResponse {
    HttpResponse::Accepted().json(MailedView { next: "Follow the link in the mail that we sent." })
}

/// Register
///
/// Sends a link that proves the e-mail address. The user then chooses a password with `POST
/// /auth/verify-email`. The response is the same whether or not the e-mail address is known. Registering
/// with the address of a purchase or an invitation claims it (AUT-10).
#[utoipa::path(
    operation_id = "register_user",
    tag = "auth",
    request_body = RegisterForm,
    responses((status = 202, body = MailedView)),
    extensions(("x-permission" = json!("public")), ("x-denials" = json!(["auth.mail.locked"])))
)]
#[post("/auth/register")]
pub(super) async fn register(
    request: HttpRequest,
    Body(form): Body<RegisterForm>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let applicant = Applicant { email: form.email, name: form.name, phone: form.phone };
    let (ip, now) = (origin(&request, None).ip, db.clock().now());
    settled(db.auth_tx(async |tx| sign_up(&mut tx.auth(), applicant, ip, now).await).await)?;
    Ok(mailed())
}
