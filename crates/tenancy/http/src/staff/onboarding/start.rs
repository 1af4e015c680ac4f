//! `POST /onboarding/start`: a session starts.

use super::{
    caller::{is_signed_in, verified},
    view::{OnboardingView, secret},
};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use tryzore_auth::Secrets;
use tryzore_auth_http::SignIn;
use tryzore_kernel::Problem;
use tryzore_postgres::{AuthTx, Db};
use tryzore_tenancy::onboarding;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::ApiError;

/// Start onboarding
///
/// Creates a session that can be resumed for 24 hours with its token, which only this response has. For a
/// signed-in user, unfinished sessions are deleted and the new one begins at the locations.
#[utoipa::path(
    operation_id = "start_onboarding",
    tag = "onboarding",
    responses((status = 201, body = OnboardingView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["onboarding.account.already_onboarded", "onboarding.account.email_unproven"]))
    )
)]
#[post("/onboarding/start")]
pub(super) async fn start(
    request: HttpRequest,
    sign_in: Data<SignIn>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let verified = if is_signed_in(&request) { Some(verified(&request, &db).await?) } else { None };
    let bits = sign_in.secrets.secret_generate().map_err(Problem::from)?;
    let now = db.clock().now();
    let started = db.auth_tx(async |tx: &mut AuthTx| match &verified {
        Some(verified) => onboarding::abandon::start_over(&mut tx.tenancy(), verified, bits, now).await,
        None => onboarding::start(&mut tx.tenancy(), bits, now).await,
    });
    let onboarding::Started { session, token } = started.await?;
    Ok(secret(HttpResponse::Created(), &OnboardingView::new(session, &token)))
}
