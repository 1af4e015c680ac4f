//! `POST /auth/workos/authorize-url` and `POST /auth/workos/callback`: signing in with the page of the
//! provider, for single sign-on (AUT-09). 404 if this installation stores passwords itself.

use super::{
    form::{DeviceForm, refused, secret, settled, told},
    signed_in::{SignedInView, sign_in},
};
use crate::sign_in::SignInService;
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_auth::{AuthorizationRequest, IdentityProvider, Refusal, SignInMethod, sso::find_way};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, OrganizationId, TenantId};
use tryzore_postgres::{AuthTx, Db};
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthorizeForm {
    /// The address that the page redirects the person to; it must be registered with the provider.
    #[schema(max_length = 2000)]
    redirect_uri: String,
    /// The e-mail address with which the form is prefilled.
    login_hint: Option<Email>,
    /// The id of the organization at the provider, for single sign-on (`org_01…`).
    #[schema(max_length = 255)]
    provider_organization: Option<String>,
    /// The tenant whose single sign-on to use.
    #[serde(rename = "tenant_id")]
    tenant: Option<TenantId>,
}

/// A redirect to the sign-in page of the provider.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuthorizationView {
    /// The address to redirect the person to.
    url: String,
    /// Comes back with the code: store it and compare (RFC 6749, section 10.12).
    state: String,
    /// Store it and send it with the code; it is never part of the address (RFC 7636).
    code_verifier: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CallbackForm {
    /// The code that the page sent back.
    #[schema(value_type = String)]
    code: SecretString,
    /// The `code_verifier` of the redirect: without it, a code could be of a sign-in that someone else began.
    #[schema(value_type = String)]
    code_verifier: SecretString,
    /// The tenant to sign in to; the last used one by default.
    #[serde(rename = "tenant_id")]
    tenant: Option<TenantId>,
    /// The location to sign in to; the last used one by default.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The device to sign in on.
    device: Option<DeviceForm>,
}

/// Start a sign-in with WorkOS
///
/// Creates the address of the sign-in page of the provider; with a `tenant_id`, or a `login_hint` whose domain a
/// tenant has verified, that of the single sign-on of the tenant. 404 when the tenant has no single sign-on, or
/// when this installation manages passwords itself.
#[utoipa::path(
    operation_id = "start_workos_sign_in",
    tag = "auth",
    request_body = AuthorizeForm,
    responses((status = 200, body = AuthorizationView)),
    extensions(("x-permission" = json!("public")))
)]
#[post("/auth/workos/authorize-url")]
pub(super) async fn start(
    Body(form): Body<AuthorizeForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let page = service.sign_in_page()?;
    let AuthorizeForm { redirect_uri, login_hint, provider_organization, tenant } = form;
    let provider_organization = match provider_organization {
        None => {
            let find = async |tx: &mut AuthTx| find_way(&mut tx.auth(), tenant, login_hint.as_ref()).await;
            settled(db.auth_tx(find).await)?
        }
        named => named,
    };
    let login_hint = login_hint.map(String::from);
    let way =
        page.authorization_start(AuthorizationRequest { redirect_uri, login_hint, provider_organization });
    let way = way.map_err(|error| refused(Refusal::Unavailable(error.to_string())))?;
    let (url, state, code_verifier) = (way.url, way.state, told(&way.code_verifier));
    Ok(secret(200, &AuthorizationView { url, state, code_verifier }))
}

/// Finish a sign-in with WorkOS
///
/// Signs in with the code that the sign-in page of the provider returned. A code works once. The response
/// is not stored for an `Idempotency-Key`, because it holds secrets.
#[utoipa::path(
    operation_id = "finish_workos_sign_in",
    tag = "auth",
    request_body = CallbackForm,
    responses((status = 200, body = SignedInView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.login.code_rejected",
            "auth.login.email_unverified",
            "auth.login.impersonated",
            "auth.login.more_needed",
            "auth.login.no_membership",
            "auth.login.not_a_member",
            "auth.login.other_identity",
            "auth.login.sso_required",
            "auth.login.unsupported",
            "auth.provider.throttled",
            "auth.switch_organization.not_available",
            "auth.user.deactivated",
            "tenants.suspended",
        ]))
    )
)]
#[post("/auth/workos/callback")]
pub(super) async fn finish(
    request: HttpRequest,
    Body(form): Body<CallbackForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    service.sign_in_page()?;
    let CallbackForm { code, code_verifier, tenant, organization, device } = form;
    let method = SignInMethod::Code { code, code_verifier: Some(code_verifier) };
    Ok(secret(200, &sign_in(&db, &service, &request, (method, device, tenant, organization)).await?))
}
