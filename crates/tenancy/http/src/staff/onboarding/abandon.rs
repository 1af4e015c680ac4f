//! `DELETE /onboarding/session/{token}`: a session is abandoned.

use actix_web::{HttpResponse, delete, web::Data};
use secrecy::SecretString;
use tryzore_postgres::{AuthTx, Db};
use tryzore_tenancy::onboarding;
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{ApiError, Path};

/// Abandon an onboarding session
///
/// Deletes the answers. A user account that was created stays for a week; a tenant that was opened stays.
#[utoipa::path(
    operation_id = "abandon_onboarding_session",
    tag = "onboarding",
    params(("token" = String, Path, description = "The session's token")),
    responses((status = 204)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!(["onboarding.session.complete", "onboarding.session.expired"]))
    )
)]
#[delete("/onboarding/session/{token}")]
pub(super) async fn abandon(Path(token): Path<SecretString>, db: Data<Db>) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    db.auth_tx(async |tx: &mut AuthTx| onboarding::abandon(&mut tx.tenancy(), &token, now).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
