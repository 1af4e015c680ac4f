//! `POST`, `GET` and `DELETE /api-keys`, and `POST /api-keys/{key_id}/rotate`: API keys of other services
//! (AUT-06, AUT-19).

use super::form::{secret, told, undone};
use crate::sign_in::SignInService;
use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use tryzore_auth::{
    ApiKey, ApiKeys,
    issue_api_key::{ApiKeyRequest, issue_api_key},
    revoke_api_key::revoke_api_key,
    rotate_api_key::{OVERLAP_SECONDS_DEFAULT, Rotation, rotate_api_key},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{ApiKeyId, OrganizationId, Problem, UserId, iso};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Pattern, catalogue::ManageRoles};
use tryzore_web::{Allow, ApiError, Body, Path};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeyForm {
    /// The name of the key.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The location that the key works at.
    #[serde(rename = "organization_id")]
    organization: OrganizationId,
    /// Slugs and wildcards; only permissions that you have yourself and that are not for persons only.
    #[schema(min_items = 1, example = json!(["events.view_*"]))]
    permissions: Vec<String>,
    /// When the key expires: at most 400 days away.
    #[serde(deserialize_with = "iso::read")]
    expires_at: DateTime<Utc>,
    /// A limit of the key's own, in requests per minute. The limit of the service counts as well.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 6000)]
    requests_per_minute: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotationForm {
    /// How long the text until now works, in seconds: at most 7 days, 24 hours if left out. With 0 it stops working
    /// at once.
    #[serde(default = "overlap_default")]
    #[schema(minimum = 0, maximum = 604_800, default = 86_400)]
    overlap_seconds: u32,
    /// When the key expires from now on: at most 400 days away. Left out, that does not change.
    #[serde(default, deserialize_with = "iso::read")]
    expires_at: Option<DateTime<Utc>>,
}

const fn overlap_default() -> u32 {
    OVERLAP_SECONDS_DEFAULT
}

/// An API key, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApiKeyView {
    /// The id of the key.
    id: ApiKeyId,
    /// The name.
    name: String,
    /// The start of the text of the key, after `tzk_`.
    prefix: String,
    /// The location that the key works at.
    organization_id: OrganizationId,
    /// The permissions of the key.
    permissions: Vec<String>,
    /// The user who issued the key.
    issued_by_user_id: UserId,
    /// When the key was issued.
    created_at: DateTime<Utc>,
    /// When the key expires.
    expires_at: DateTime<Utc>,
    /// When the key's newest text was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// When the key was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// The start of the text that the key had before it was rotated, after `tzk_`; null if it never was.
    former_prefix: Option<String>,
    /// When the former text stops working, or stopped.
    former_expires_at: Option<DateTime<Utc>>,
    /// When the former text was last used, to the minute.
    former_last_used_at: Option<DateTime<Utc>>,
    /// The limit of the key's own, in requests per minute.
    requests_per_minute: Option<u32>,
}

/// An API key that was just issued, or rotated.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssuedView {
    #[serde(flatten)]
    key: ApiKeyView,
    /// The text that the service sends as its bearer token. Only this response contains it.
    text: String,
}

/// The API keys that you can see.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApiKeyList {
    /// The keys, newest first.
    data: Vec<ApiKeyView>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        let former = key.former;
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            organization_id: key.organization,
            permissions: key.patterns.iter().map(ToString::to_string).collect(),
            issued_by_user_id: key.issued_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
            former_expires_at: former.as_ref().map(|former| former.expires_at),
            former_last_used_at: former.as_ref().and_then(|former| former.last_used_at),
            former_prefix: former.map(|former| former.prefix),
            requests_per_minute: key.requests_per_minute.map(NonZeroU32::get),
        }
    }
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>, Problem> {
    let read = |(nth, text): (usize, &String)| {
        text.parse().map_err(|error| Problem::invalid(format!("/permissions/{nth}"), format!("{error}")))
    };
    texts.iter().enumerate().map(read).collect()
}

/// Issue an API key
///
/// Issues a key for another service. The key belongs to one location, holds the named permissions until it
/// expires, and is never stronger than its issuer. Permissions to manage staff, roles, overrides and API
/// keys cannot be given to a key: a wildcard leaves them out. The response is not stored for an
/// `Idempotency-Key`, because it holds a secret: when the response was lost, revoke the key and issue
/// another one.
#[utoipa::path(
    operation_id = "issue_api_key",
    tag = "api keys",
    request_body = ApiKeyForm,
    responses((status = 201, body = IssuedView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.api_key.beyond_issuer"]))
    )
)]
#[post("/api-keys")]
pub(super) async fn issue(
    Allow(permit): Allow<ManageRoles>,
    Body(form): Body<ApiKeyForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let ApiKeyForm { name, organization, permissions, expires_at, requests_per_minute } = form;
    let patterns = patterns(&permissions)?;
    let request = ApiKeyRequest { name, organization, patterns, expires_at, requests_per_minute };
    let now = db.clock().now();
    let work = async |tx: &mut TenantTx| {
        undone(issue_api_key(&permit, &mut tx.auth(), request, &service.secrets, now).await)
    };
    let issued = db.tenant_tx(&permit, work).await?;
    Ok(secret(201, &IssuedView { text: told(&issued.text), key: issued.key.into() }))
}

/// List API keys
///
/// The API keys of the locations where you manage roles, newest first. Revoked and expired keys are
/// included.
#[utoipa::path(
    operation_id = "list_api_keys",
    tag = "api keys",
    responses((status = 200, body = ApiKeyList)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/api-keys")]
pub(super) async fn list(
    Allow(permit): Allow<ManageRoles>,
    db: Data<Db>,
) -> Result<Json<ApiKeyList>, ApiError> {
    let mut keys = db.tenant_tx(&permit, async |tx| tx.auth().api_key_list(permit.tenant()).await).await?;
    keys.retain(|key| permit.reach().covers(key.organization));
    Ok(Json(ApiKeyList { data: keys.into_iter().map(ApiKeyView::from).collect() }))
}

/// Rotate an API key
///
/// Gives the key a new text. Its name, location, permissions, limit and issuer stay. The text until now works for
/// the overlap that you choose, and is then refused as expired; a text from before the last rotation stops working
/// at once, so at most two texts work at a time. The permissions of the key must be your own as well. The response is
/// not stored for an `Idempotency-Key`, because it holds a secret: when the response was lost, rotate again.
#[utoipa::path(
    operation_id = "rotate_api_key",
    tag = "api keys",
    params(("key_id" = ApiKeyId, Path)),
    request_body = RotationForm,
    responses((status = 200, body = IssuedView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-idempotency" = json!("none")),
        ("x-denials" = json!(["auth.api_key.beyond_issuer", "auth.api_key.ended"]))
    )
)]
#[post("/api-keys/{key_id}/rotate")]
pub(super) async fn rotate(
    Allow(permit): Allow<ManageRoles>,
    Path(key): Path<ApiKeyId>,
    Body(form): Body<RotationForm>,
    service: SignInService,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let RotationForm { overlap_seconds, expires_at } = form;
    let (rotation, now) = (Rotation { overlap_seconds, expires_at }, db.clock().now());
    let work = async |tx: &mut TenantTx| {
        undone(rotate_api_key(&permit, &mut tx.auth(), key, rotation, &service.secrets, now).await)
    };
    let rotated = db.tenant_tx(&permit, work).await?;
    Ok(secret(200, &IssuedView { text: told(&rotated.text), key: rotated.key.into() }))
}

/// Revoke an API key
///
/// The key stops working at once and for good, with all its texts.
#[utoipa::path(
    operation_id = "revoke_api_key",
    tag = "api keys",
    params(("key_id" = ApiKeyId, Path)),
    responses((status = 204, description = "Revoked, now or before")),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[delete("/api-keys/{key_id}")]
pub(super) async fn revoke(
    Allow(permit): Allow<ManageRoles>,
    Path(key): Path<ApiKeyId>,
    db: Data<Db>,
) -> Result<HttpResponse, ApiError> {
    let now = db.clock().now();
    db.tenant_tx(&permit, async |tx| undone(revoke_api_key(&permit, &mut tx.auth(), key, now).await)).await?;
    Ok(HttpResponse::NoContent().finish())
}
