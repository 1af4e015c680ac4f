//! `POST /auth/logout`: signing out.

use super::form::undone;
use actix_web::{HttpResponse, post, web::Data};
use tryzore_auth::logout::logout as end;
use tryzore_auth_postgres::Auth;
use tryzore_postgres::Db;
use tryzore_web::{AllowOwnSession, ApiError};

/// Sign out
///
/// Ends this session and its refresh token at once on all services. In an acting session, this ends the view of
/// the other person; your own session stays.
#[utoipa::path(
    operation_id = "sign_out",
    tag = "auth",
    responses((status = 204, description = "Signed out")),
    extensions(("x-permission" = json!("own.profile")), ("x-idempotency" = json!("none")))
)]
#[post("/auth/logout")]
pub(super) async fn logout(
    AllowOwnSession(permit): AllowOwnSession,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    db.tenant_tx(&permit, async |tx| undone(end(&permit, &mut tx.auth(), now).await)).await?;
    Ok(HttpResponse::NoContent().finish())
}
