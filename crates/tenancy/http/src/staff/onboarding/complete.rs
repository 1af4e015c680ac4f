//! `POST /onboarding/session/{token}/complete`: the tenant is opened.

use super::view::{OnboardedView, secret};
use actix_web::{HttpResponse, post, web::Data};
use secrecy::SecretString;
use tryzore_kernel::TenantId;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permit, SystemActor};
use tryzore_tenancy::{onboarding, permission::CreateOrganization};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{ApiError, Path};

/// Complete onboarding
///
/// Opens the tenant with its locations, its roles and the owner as first employee, all at once or not at
/// all. Completing again gives the same response. Sign in afterwards; payments are connected after that.
#[utoipa::path(
    operation_id = "complete_onboarding",
    tag = "onboarding",
    params(("token" = String, Path, description = "The session's token")),
    responses((status = 200, body = OnboardedView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!([
            "onboarding.account.already_onboarded",
            "onboarding.session.expired",
            "onboarding.step.out_of_order",
        ]))
    )
)]
#[post("/onboarding/session/{token}/complete")]
pub(super) async fn complete(
    Path(token): Path<SecretString>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    let permit: Permit<CreateOrganization> = Permit::system(TenantId::generate(now), SystemActor::Onboarding);
    let complete =
        async |tx: &mut TenantTx| onboarding::complete(&permit, &mut tx.tenancy(), &token, now).await;
    let done = db.tenant_tx(&permit, complete).await?;
    Ok(secret(HttpResponse::Ok(), &OnboardedView::from(done)))
}
