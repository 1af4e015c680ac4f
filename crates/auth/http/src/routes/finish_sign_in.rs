//! `POST /auth/login/factor`: the second step of signing in with a password.

use super::{
    factors::proof,
    form::{DeviceForm, origin, secret, settled},
    signed_in::SignedInView,
};
use crate::sign_in::SignInService;
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use tryzore_auth::{
    Refusal,
    finish_sign_in::{Answer, finish_sign_in as finish},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "tzc_…", "code": "287082"}))]
pub(super) struct FinishSignInForm {
    /// The challenge that followed the password.
    #[schema(value_type = String)]
    challenge: SecretString,
    /// The code that an authenticator app shows. Give either this or a recovery code.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{6}$")]
    code: Option<SecretString>,
    /// A recovery code.
    #[schema(value_type = Option<String>, max_length = 100)]
    recovery_code: Option<SecretString>,
    /// The device that gave the password.
    device: Option<DeviceForm>,
}

/// Finish a sign-in with a second factor
///
/// Answers the challenge of `auth.login.factor_required`, which is valid for 5 minutes on the device that gave
/// the password. Five wrong codes within 15 minutes lock the second factor of the user, whatever the challenge:
/// the response is 429 with `Retry-After`. The response is not stored for an `Idempotency-Key`, because it
/// holds secrets.
#[utoipa::path(
    tag = "auth",
    request_body = FinishSignInForm,
    responses((status = 200, body = SignedInView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.factor.locked",
            "auth.factor.none",
            "auth.factor.rejected",
            "auth.login.challenge_invalid",
            "auth.login.no_membership",
            "auth.login.not_a_member",
            "auth.switch_organization.not_available",
            "auth.user.deactivated",
            "tenants.suspended",
        ]))
    )
)]
#[post("/auth/login/factor")]
pub(super) async fn finish_sign_in(
    request: HttpRequest,
    Body(form): Body<FinishSignInForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let FinishSignInForm { challenge, code, recovery_code, device } = form;
    let answer = Answer { challenge, proof: proof(code, recovery_code)?, origin: origin(&request, device) };
    let (now, seal) = (db.clock().now(), service.signing.factor_seal());
    let outcome = db.auth_tx(async |tx| {
        let signed_in = match finish(&mut tx.auth(), answer, seal, &service.secrets, now).await? {
            Ok(signed_in) => signed_in,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let view = SignedInView::of(tx, &service, &signed_in.user, signed_in.tokens).await?;
        Ok::<_, Problem>(Ok::<_, Refusal>(view))
    });
    Ok(secret(200, &settled(outcome.await)?))
}
