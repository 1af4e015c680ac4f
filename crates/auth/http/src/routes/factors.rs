//! `/auth/factors`: the second factors of the signed-in user (AUT-04).

use super::form::{secret, settled, told, undone};
use crate::sign_in::SignInService;
use actix_web::{
    HttpResponse, delete, get, patch, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tryzore_auth::{
    Factor, FactorProof,
    enroll_factor::{confirm_factor as confirm, enroll_totp as enroll},
    manage_factors::{
        list_factors as list, remove_factor as remove, rename_factor as rename, replace_recovery_codes,
    },
    verify_factor::verify_factor as verify,
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{FactorId, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::OwnSecurity;
use tryzore_web::{Allow, ApiError, Body, Path};
use utoipa::ToSchema;

/// A second factor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactorView {
    /// The id of the factor.
    id: FactorId,
    /// What it is.
    #[schema(value_type = super::shapes::FactorKind)]
    kind: &'static str,
    /// The name that you gave it.
    name: String,
    /// Whether the first code has confirmed it; until then it does not count.
    is_confirmed: bool,
    /// When it was set up.
    created_at: DateTime<Utc>,
    /// When it was last used.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Factor> for FactorView {
    fn from(factor: Factor) -> Self {
        Self {
            id: factor.id,
            kind: factor.kind.as_str(),
            is_confirmed: factor.is_confirmed(),
            name: factor.name,
            created_at: factor.created_at,
            last_used_at: factor.last_used_at,
        }
    }
}

/// The second factors of the signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactorList {
    /// The factors, oldest first.
    data: Vec<FactorView>,
    /// How many recovery codes are unused.
    recovery_codes_left: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Phone"}))]
pub(super) struct FactorNameForm {
    /// A name by which you recognize the factor.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// An authenticator app that waits for its first code.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnrolledFactorView {
    /// The factor, which is not confirmed yet.
    factor: FactorView,
    /// The secret in base32, to be typed into the app. Only this response contains it.
    secret: String,
    /// The same as a URI, to be shown as a QR code.
    #[schema(
        example = "otpauth://totp/TryZore:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=TryZore&algorithm=SHA1&digits=6&period=30"
    )]
    otpauth_uri: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "287082"}))]
pub(super) struct FactorCodeForm {
    /// The code that the app shows.
    #[schema(value_type = String, pattern = "^[0-9]{6}$")]
    code: SecretString,
}

/// A factor that counts from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConfirmedFactorView {
    /// The factor.
    factor: FactorView,
    /// The recovery codes, if this is your only factor. Only this response contains them.
    recovery_codes: Option<Vec<String>>,
}

/// Recovery codes that were just made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecoveryCodesView {
    /// The codes, each of which works once. Only this response contains them.
    recovery_codes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "287082"}))]
pub(super) struct FactorProofForm {
    /// The code that an authenticator app shows. Give either this or a recovery code.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{6}$")]
    code: Option<SecretString>,
    /// A recovery code.
    #[schema(value_type = Option<String>, max_length = 100)]
    recovery_code: Option<SecretString>,
}

/// A verified factor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerifiedFactorView {
    /// What was verified.
    #[schema(value_type = super::shapes::FactorMethod)]
    method: &'static str,
    /// When it was verified.
    verified_at: DateTime<Utc>,
}

/// What was typed as the second factor: exactly one of the two.
///
/// # Errors
/// 422 at `/code` or `/recovery_code`.
pub(super) fn proof(
    code: Option<SecretString>,
    recovery_code: Option<SecretString>,
) -> Result<FactorProof, Problem> {
    match (code, recovery_code) {
        (Some(code), None) => Ok(FactorProof::Code(six_digits(code)?)),
        (None, Some(code)) if told(&code).chars().count() <= 100 => Ok(FactorProof::RecoveryCode(code)),
        (None, Some(_)) => Err(Problem::invalid("/recovery_code", "expected at most 100 characters")),
        _ => Err(Problem::invalid("/code", "expected either a code or a recovery code")),
    }
}

fn six_digits(code: SecretString) -> Result<SecretString, Problem> {
    let text = told(&code);
    let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { Ok(code) } else { Err(Problem::invalid("/code", "expected six digits")) }
}

fn all_told(texts: &[SecretString]) -> Vec<String> {
    texts.iter().map(told).collect()
}

/// Set up an authenticator app
///
/// Makes the secret of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds). The app counts once its
/// first code has confirmed it. Whoever has a factor already must have used one within 5 minutes. The response
/// is not stored for an `Idempotency-Key`, because it holds a secret; setting one up again drops an app that
/// was never confirmed.
#[utoipa::path(
    tag = "second factors",
    request_body = FactorNameForm,
    responses((status = 201, body = EnrolledFactorView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.factor.too_many"]))
    )
)]
#[post("/auth/factors/totp")]
pub(super) async fn enroll_totp(
    Allow(permit): Allow<OwnSecurity>,
    Body(form): Body<FactorNameForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (now, seal) = (db.clock().now(), service.signing.factor_seal());
    let work = async |tx: &mut TenantTx| {
        undone(enroll(&permit, &mut tx.auth(), &form.name, seal, &service.secrets, now).await)
    };
    let enrolled = db.tenant_tx(&permit, work).await?;
    Ok(secret(
        201,
        &EnrolledFactorView {
            factor: enrolled.factor.into(),
            secret: told(&enrolled.secret),
            otpauth_uri: told(&enrolled.otpauth_uri),
        },
    ))
}

/// Confirm an authenticator app
///
/// Confirms the app with the first code that it shows: from now on, signing in with a password requires a
/// code. The first factor comes with ten recovery codes. The response is not stored for an `Idempotency-Key`,
/// because it holds secrets; when it was lost, make new recovery codes.
#[utoipa::path(
    tag = "second factors",
    params(("factor_id" = FactorId, Path)),
    request_body = FactorCodeForm,
    responses((status = 200, body = ConfirmedFactorView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!([
            "auth.factor.confirmed",
            "auth.factor.locked",
            "auth.factor.rejected",
            "auth.factor.too_many",
        ]))
    )
)]
#[post("/auth/factors/{factor_id}/confirm")]
pub(super) async fn confirm_factor(
    Allow(permit): Allow<OwnSecurity>,
    Path(factor): Path<FactorId>,
    Body(form): Body<FactorCodeForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let (code, now, seal) = (six_digits(form.code)?, db.clock().now(), service.signing.factor_seal());
    let work = async |tx: &mut TenantTx| {
        confirm(&permit, &mut tx.auth(), (factor, &code), seal, &service.secrets, now).await
    };
    let confirmed = settled(db.tenant_tx(&permit, work).await)?;
    let recovery_codes = confirmed.recovery_codes.map(|codes| all_told(&codes));
    Ok(secret(200, &ConfirmedFactorView { factor: confirmed.factor.into(), recovery_codes }))
}

/// List my second factors
///
/// Your factors, and how many recovery codes are left.
#[utoipa::path(
    tag = "second factors",
    responses((status = 200, body = FactorList)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/auth/factors")]
pub(super) async fn list_factors(
    Allow(permit): Allow<OwnSecurity>,
    db: Data<Db>,
) -> Result<Json<FactorList>, ApiError> {
    let found = db.tenant_tx(&permit, async |tx| undone(list(&permit, &mut tx.auth()).await)).await?;
    let data = found.factors.into_iter().map(FactorView::from).collect();
    Ok(Json(FactorList { data, recovery_codes_left: found.recovery_codes_left }))
}

/// Rename a second factor
///
/// Gives one of your factors another name.
#[utoipa::path(
    tag = "second factors",
    params(("factor_id" = FactorId, Path)),
    request_body = FactorNameForm,
    responses((status = 200, body = FactorView)),
    extensions(("x-permission" = json!("own.security")))
)]
#[patch("/auth/factors/{factor_id}")]
pub(super) async fn rename_factor(
    Allow(permit): Allow<OwnSecurity>,
    Path(factor): Path<FactorId>,
    Body(form): Body<FactorNameForm>,
    db: Data<Db>,
) -> Result<Json<FactorView>, ApiError> {
    let work = async |tx: &mut TenantTx| undone(rename(&permit, &mut tx.auth(), factor, &form.name).await);
    Ok(Json(db.tenant_tx(&permit, work).await?.into()))
}

/// Remove a second factor
///
/// Requires that a factor was used within 5 minutes, unless this one was never confirmed. The recovery codes go
/// with the last factor.
#[utoipa::path(
    tag = "second factors",
    params(("factor_id" = FactorId, Path)),
    responses((status = 204, description = "Removed")),
    extensions(("x-permission" = json!("own.security")))
)]
#[delete("/auth/factors/{factor_id}")]
pub(super) async fn remove_factor(
    Allow(permit): Allow<OwnSecurity>,
    Path(factor): Path<FactorId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    db.tenant_tx(&permit, async |tx| undone(remove(&permit, &mut tx.auth(), factor, now).await)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Make new recovery codes
///
/// The former codes stop working. Requires that a factor was used within 5 minutes. The response is not stored
/// for an `Idempotency-Key`, because it holds secrets.
#[utoipa::path(
    tag = "second factors",
    responses((status = 201, body = RecoveryCodesView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.factor.none"]))
    )
)]
#[post("/auth/factors/recovery-codes")]
pub(super) async fn regenerate_recovery_codes(
    Allow(permit): Allow<OwnSecurity>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    let work = async |tx: &mut TenantTx| {
        undone(replace_recovery_codes(&permit, &mut tx.auth(), &service.secrets, now).await)
    };
    let codes = db.tenant_tx(&permit, work).await?;
    Ok(secret(201, &RecoveryCodesView { recovery_codes: all_told(&codes) }))
}

/// Verify a second factor
///
/// Confirms in a running session that it is you: what requires a recently used factor is possible again for a
/// while. Five wrong codes within 15 minutes lock your second factor: the response is 429 with `Retry-After`.
#[utoipa::path(
    tag = "second factors",
    request_body = FactorProofForm,
    responses((status = 200, body = VerifiedFactorView)),
    extensions(
        ("x-permission" = json!("own.security")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.factor.locked", "auth.factor.none", "auth.factor.rejected"]))
    )
)]
#[post("/auth/factors/verify")]
pub(super) async fn verify_factor(
    Allow(permit): Allow<OwnSecurity>,
    Body(form): Body<FactorProofForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<Json<VerifiedFactorView>, ApiError> {
    let (now, seal) = (db.clock().now(), service.signing.factor_seal());
    let proof = proof(form.code, form.recovery_code)?;
    let work = async |tx: &mut TenantTx| verify(&permit, &mut tx.auth(), &proof, seal, now).await;
    let used = settled(db.tenant_tx(&permit, work).await)?;
    Ok(Json(VerifiedFactorView { method: used.method.as_str(), verified_at: used.at }))
}
