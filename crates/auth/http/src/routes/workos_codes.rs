//! `POST /auth/workos/code`, `/auth/workos/code/sign-in` and `/auth/workos/continue`: signing in with a code
//! that the provider mails, and sending what the provider needs after right credentials (AUT-09). 404 if this
//! installation stores passwords itself.

use super::{
    form::{DeviceForm, origin, refused, secret, settled},
    signed_in::{SignedInView, sign_in, sign_in_as},
};
use crate::sign_in::SignInService;
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    SignInMethod,
    mailed_code::{self, Sent},
    pending_sign_in::{self, Answer},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Email, OrganizationId, TenantId};
use tryzore_postgres::Db;
use tryzore_web::{ApiError, Body};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeForm {
    /// The address of the account.
    email: Email,
}

/// The answer after a code was requested.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeSentView {
    /// The next action of the person.
    #[schema(value_type = String)]
    next: &'static str,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeSignInForm {
    /// The address that the code was mailed to.
    email: Email,
    /// The code.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    code: SecretString,
    /// The tenant to sign in to; the last used one by default.
    #[serde(rename = "tenant_id")]
    tenant: Option<TenantId>,
    /// The location to sign in to; the last used one by default.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// The device to sign in on.
    device: Option<DeviceForm>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"pending_token": "tzp_…", "code": "287082"}))]
pub(super) struct ContinueForm {
    /// The `pending_token` of `auth.login.more_needed`.
    #[schema(value_type = String)]
    pending_token: SecretString,
    /// The code that the provider has mailed, or that the authenticator app shows.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    code: Option<SecretString>,
    /// The id of one of the offered organizations of the provider.
    #[schema(max_length = 255)]
    provider_organization: Option<String>,
    /// The device on which the sign-in began.
    device: Option<DeviceForm>,
}

/// Send a sign-in code
///
/// Has WorkOS mail a code with which the owner of the address can sign in for 10 minutes. The response is the
/// same whether or not the e-mail address is known. 404 when this installation manages passwords itself.
#[utoipa::path(
    operation_id = "send_workos_code",
    tag = "auth",
    request_body = CodeForm,
    responses((status = 202, body = CodeSentView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!(["auth.mail.locked", "auth.provider.throttled"]))
    )
)]
#[post("/auth/workos/code")]
pub(super) async fn send_code(
    request: HttpRequest,
    Body(form): Body<CodeForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (provider, from, now) = (service.sign_in_page()?, origin(&request, None), db.clock().now());
    settled(db.auth_tx(async |tx| mailed_code::admit(&mut tx.auth(), &form.email, &from, now).await).await)?;
    let Sent = mailed_code::send(provider, &form.email, &from).await.map_err(refused)?;
    Ok(HttpResponse::Accepted().json(CodeSentView { next: "Sign in with the code in the mail." }))
}

/// Sign in with a mailed code
///
/// Signs in with the code of `send_workos_code`. Five failures for one e-mail address from one IP address
/// within 15 minutes lock that pair, together with those of passwords. The response is not stored for an
/// `Idempotency-Key`, because it holds secrets.
#[utoipa::path(
    operation_id = "sign_in_with_workos_code",
    tag = "auth",
    request_body = CodeSignInForm,
    responses((status = 200, body = SignedInView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.login.code_rejected",
            "auth.login.email_unverified",
            "auth.login.factor_required",
            "auth.login.impersonated",
            "auth.login.locked",
            "auth.login.more_needed",
            "auth.login.no_membership",
            "auth.login.not_a_member",
            "auth.login.other_identity",
            "auth.login.sso_required",
            "auth.provider.throttled",
            "auth.switch_organization.not_available",
            "auth.user.deactivated",
            "tenants.suspended",
        ]))
    )
)]
#[post("/auth/workos/code/sign-in")]
pub(super) async fn sign_in_with_code(
    request: HttpRequest,
    Body(form): Body<CodeSignInForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    service.sign_in_page()?;
    let CodeSignInForm { email, code, tenant, organization, device } = form;
    let method = SignInMethod::MailedCode { email, code };
    Ok(secret(200, &sign_in(&db, &service, &request, (method, device, tenant, organization)).await?))
}

/// Continue a sign-in with WorkOS
///
/// Sends what `auth.login.more_needed` asked for: the code that WorkOS has mailed (`email_verification`), the
/// code of the authenticator app (`totp`), or the organization to sign in to (`organization_selection`). A
/// sign-in can be continued for 10 minutes on the device on which it began; five wrong codes within 15 minutes
/// lock the person's continuations from one IP address. The response is not stored for an `Idempotency-Key`,
/// because it holds secrets.
#[utoipa::path(
    operation_id = "continue_workos_sign_in",
    tag = "auth",
    request_body = ContinueForm,
    responses((status = 200, body = SignedInView)),
    extensions(
        ("x-permission" = json!("public")),
        ("x-denials" = json!([
            "auth.login.code_rejected",
            "auth.login.email_unverified",
            "auth.login.factor_required",
            "auth.login.impersonated",
            "auth.login.locked",
            "auth.login.more_needed",
            "auth.login.no_membership",
            "auth.login.not_a_member",
            "auth.login.other_identity",
            "auth.login.pending_invalid",
            "auth.login.rejected",
            "auth.login.sso_required",
            "auth.provider.throttled",
            "auth.switch_organization.not_available",
            "auth.user.deactivated",
            "tenants.suspended",
        ]))
    )
)]
#[post("/auth/workos/continue")]
pub(super) async fn continue_sign_in(
    request: HttpRequest,
    Body(form): Body<ContinueForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    service.sign_in_page()?;
    let ContinueForm { pending_token, code, provider_organization, device } = form;
    let (from, seal) = (origin(&request, device), service.signing.seal());
    let answer = Answer { code, organization: provider_organization };
    let wish = pending_sign_in::resume(&pending_token, answer, from, seal, db.clock().now());
    Ok(secret(200, &sign_in_as(&db, &service, wish.map_err(refused)?).await?))
}
