//! Someone who is signed in while onboarding: with that, the mailbox is proven.

use crate::routes::signed_in::person;
use actix_web::{HttpRequest, http::header};
use tryzore_kernel::Problem;
use tryzore_postgres::Db;
use tryzore_tenancy::{Verified, onboarding::account::EMAIL_UNPROVEN};
use tryzore_web::Caller;

/// Whether `request` says who is calling.
pub(super) fn is_signed_in(request: &HttpRequest) -> bool {
    request.headers().contains_key(header::AUTHORIZATION)
}

/// Who is signed in.
///
/// # Errors
/// 401; 404 for a key; `onboarding.account.email_unproven`.
pub(super) async fn verified(request: &HttpRequest, db: &Db) -> Result<Verified, Problem> {
    let Caller(grants) = Caller::of(request).await?;
    Ok(person(db, &grants.permit()?).await?.verified(EMAIL_UNPROVEN)?)
}
