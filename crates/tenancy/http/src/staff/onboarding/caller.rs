//! The signed-in user during onboarding, whose mailbox is already proven.

use actix_web::{HttpRequest, http::header};
use tryzore_auth::Users;
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::{AuthTx, Db};
use tryzore_rbac::catalogue::OwnProfile;
use tryzore_tenancy::{Person, Verified, onboarding::account::EMAIL_UNPROVEN};
use tryzore_web::Caller;

/// Whether `request` is authenticated.
pub(super) fn is_signed_in(request: &HttpRequest) -> bool {
    request.headers().contains_key(header::AUTHORIZATION)
}

/// The signed-in user.
///
/// # Errors
/// 401; 404 for an API key, and for a user who no longer exists; `onboarding.account.email_unproven`.
pub(super) async fn verified(request: &HttpRequest, db: &Db) -> Result<Verified, Problem> {
    let Caller(grants) = Caller::of(request).await?;
    let permit = grants.permit::<OwnProfile>()?;
    let id = permit.actor().user().ok_or_else(|| Problem::not_found("person: this is a key"))?;
    let user = db.auth_tx(async |tx: &mut AuthTx| tx.auth().user_find(id).await).await?;
    let user = user.ok_or_else(|| Problem::not_found("user"))?;
    let is_email_proven = user.email_verified_at.is_some();
    let person = Person { user: id, email: user.email, name: user.name, is_email_proven };
    Ok(person.verified(EMAIL_UNPROVEN)?)
}
