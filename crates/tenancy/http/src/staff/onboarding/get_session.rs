//! `GET /onboarding/session/{token}`: the state of a session.

use super::view::{OnboardingView, secret};
use actix_web::{HttpResponse, get, web::Data};
use secrecy::SecretString;
use tryzore_postgres::{AuthTx, Db};
use tryzore_tenancy::onboarding;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{ApiError, Path};

/// Get an onboarding session
///
/// The next step and the answers so far. Passwords are never included.
#[utoipa::path(
    operation_id = "get_onboarding_session",
    tag = "onboarding",
    params(("token" = String, Path, description = "The session's token")),
    responses((status = 200, body = OnboardingView)),
    extensions(("x-permission" = json!("public")), ("x-denials" = json!(["onboarding.session.expired"])))
)]
#[get("/onboarding/session/{token}")]
pub(super) async fn get_session(
    Path(token): Path<SecretString>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    let session =
        db.auth_tx(async |tx: &mut AuthTx| onboarding::resume(&mut tx.tenancy(), &token, now).await).await?;
    Ok(secret(HttpResponse::Ok(), &OnboardingView::new(session, &token)))
}
