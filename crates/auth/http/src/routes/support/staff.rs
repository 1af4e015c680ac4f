//! What a tenant sees of support access, and decides about it.

use super::view::SupportGrantView;
use actix_web::{get, post, web::Data};
use serde::Deserialize;
use tryzore_auth::support_access::{self, Approval};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::{Page, Problem, SupportGrantId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ManageRoles;
use tryzore_web::{
    Allow, ApiError, Body, Change, Listed, Listing, NoFilter, Once, Paging, Path, Reply, Resource,
};
use utoipa::ToSchema;

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionReason {
    /// Why. The operator can read it.
    #[schema(min_length = 1, max_length = 500, example = "The ticket is closed")]
    reason: String,
}

/// List requests for support access
///
/// What operators of the platform ask to see of your data, what was approved and until when, newest first. You see
/// requests for your locations and for all locations.
#[utoipa::path(
    tag = "support access",
    params(Paging),
    responses((status = 200, body = Page<SupportGrantView>)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/support-grants")]
pub(super) async fn list_support_grants(
    Allow(permit): Allow<ManageRoles>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<SupportGrantView>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    let list = async |tx: &mut TenantTx| tx.auth().support_grants_list(&permit, before, limit).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?.map(SupportGrantView::from)))
}

/// Get a request for support access
///
/// One request with the decision about it.
#[utoipa::path(
    tag = "support access",
    params(("grant_id" = SupportGrantId, Path)),
    responses((status = 200, body = SupportGrantView)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/support-grants/{grant_id}")]
pub(super) async fn get_support_grant(
    Allow(permit): Allow<ManageRoles>,
    Path(id): Path<SupportGrantId>,
    db: Data<Db>,
) -> Result<Resource<SupportGrantView>, ApiError> {
    let find = async |tx: &mut TenantTx| tx.auth().support_grant_find(&permit, id).await;
    let found = db.tenant_tx(&permit, find).await?.ok_or_else(|| Problem::not_found("support grant"))?;
    Ok(Resource(found.into()))
}

/// Approve support access
///
/// From now on the operator can see what was requested, or the part of it that you name, until the time is over or
/// you revoke it. The operator can change nothing, and each read is listed by `list_access_log`. You can approve
/// only permissions that you hold yourself at all of the locations.
#[utoipa::path(
    tag = "support access",
    params(("grant_id" = SupportGrantId, Path), Change),
    request_body = Approval,
    responses((status = 200, body = SupportGrantView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["rbac.give.exceeds_own", "support_access.decided"]))
    )
)]
#[post("/support-grants/{grant_id}/approve")]
pub(super) async fn approve_support_grant(
    Allow(permit): Allow<ManageRoles>,
    Path(id): Path<SupportGrantId>,
    change: Change,
    Body(approval): Body<Approval>,
) -> Result<Resource<SupportGrantView>, ApiError> {
    let approve = async |tx: &mut TenantTx, version, now| {
        let approved = support_access::approve(&permit, &mut tx.auth(), id, version, approval, now).await;
        approved.map(SupportGrantView::from)
    };
    change.done(&permit, approve).await
}

/// Deny support access
///
/// The operator sees the reason.
#[utoipa::path(
    tag = "support access",
    params(("grant_id" = SupportGrantId, Path), Change),
    request_body = DecisionReason,
    responses((status = 200, body = SupportGrantView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["support_access.decided"]))
    )
)]
#[post("/support-grants/{grant_id}/deny")]
pub(super) async fn deny_support_grant(
    Allow(permit): Allow<ManageRoles>,
    Path(id): Path<SupportGrantId>,
    change: Change,
    Body(form): Body<DecisionReason>,
) -> Result<Resource<SupportGrantView>, ApiError> {
    let deny = async |tx: &mut TenantTx, version, now| {
        let denied = support_access::deny(&permit, &mut tx.auth(), id, version, &form.reason, now).await;
        denied.map(SupportGrantView::from)
    };
    change.done(&permit, deny).await
}

/// Revoke support access
///
/// Takes an approval back, whatever its version: sessions under it end at once on all services. Revoking it again
/// has no effect.
#[utoipa::path(
    tag = "support access",
    params(("grant_id" = SupportGrantId, Path)),
    request_body = DecisionReason,
    responses((status = 200, body = SupportGrantView)),
    extensions(
        ("x-permission" = json!("settings.manage_roles")),
        ("x-denials" = json!(["support_access.not_approved"]))
    )
)]
#[post("/support-grants/{grant_id}/revoke")]
pub(super) async fn revoke_support_grant(
    Allow(permit): Allow<ManageRoles>,
    Path(id): Path<SupportGrantId>,
    Body(form): Body<DecisionReason>,
    once: Once,
) -> Result<Reply<SupportGrantView>, ApiError> {
    let revoke = async |tx: &mut TenantTx, now| {
        let revoked = support_access::revoke(&permit, &mut tx.auth(), id, &form.reason, now).await;
        revoked.map(SupportGrantView::from)
    };
    once.done(&permit, revoke).await
}
