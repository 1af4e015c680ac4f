//! `POST /auth/login`: signing in with address and password.

use super::{
    form::{DeviceForm, secret},
    signed_in::{SignedInView, sign_in},
};
use crate::sign_in::SignInService;
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use tryzore_auth::SignInMethod;
use tryzore_kernel::{Email, OrganizationId, TenantId};
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "owner@demo.com", "password": "tryzore-demo"}))]
pub(super) struct LoginForm {
    /// The address of the account.
    email: Email,
    /// The password.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 128)]
    password: SecretString,
    /// The tenant to sign in to; the last used one by default.
    #[serde(rename = "tenant_id")]
    tenant: Option<TenantId>,
    /// The location to sign in to; the last used one by default.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The device to sign in on.
    device: Option<DeviceForm>,
}

/// Sign in
///
/// A user with a second factor gets no tokens but the refusal `auth.login.factor_required` with a challenge, which
/// `finish_sign_in` answers.
///
/// Five failures for one e-mail address from one IP address within 15 minutes lock that pair: the response
/// is 429 with `Retry-After`. A wrong password and an unknown e-mail address give the same response. The
/// response is not stored for an `Idempotency-Key`, because it holds secrets.
#[utoipa::path(
    operation_id = "sign_in",
    tag = "auth",
    request_body = LoginForm,
    responses((status = 200, body = SignedInView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.login.email_unverified",
            "auth.login.factor_required",
            "auth.login.impersonated",
            "auth.login.locked",
            "auth.login.more_needed",
            "auth.login.no_membership",
            "auth.login.not_a_member",
            "auth.login.other_identity",
            "auth.login.rejected",
            "auth.login.unsupported",
            "auth.provider.throttled",
            "auth.switch_organization.not_available",
            "auth.user.deactivated",
            "tenants.suspended",
        ]))
    )
)]
#[post("/auth/login")]
pub(super) async fn login(
    request: HttpRequest,
    Body(form): Body<LoginForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let LoginForm { email, password, tenant, organization, device } = form;
    let method = SignInMethod::Password { email, password };
    Ok(secret(200, &sign_in(&db, &service, &request, (method, device, tenant, organization)).await?))
}
