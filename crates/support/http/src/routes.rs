//! `/overrides`: rules that are set aside by hand.

use crate::{
    denials::CHANGE,
    view::{ManualOverrideDetails, ManualOverrideView},
};
use actix_web::{
    get, post,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, OverrideId, Page, Problem, form::line};
use tryzore_postgres::{Db, TenantTx};
use tryzore_support::{self as support, OverrideForm, OverrideStatus, permission::ManualOverrides};
use tryzore_support_postgres::{Found, OverrideTx, Registry, Support, views::OverrideFilter};
use tryzore_web::{Allow, ApiError, Body, Listed, Listing, Once, Paging, Parameters, Path, Reply, Resource};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(search_override_targets)
        .service(list_manual_overrides)
        .service(propose_manual_override)
        .service(get_manual_override)
        .service(execute_manual_override)
        .service(confirm_manual_override)
        .service(revert_manual_override);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// The kind of what is to be overridden: `booking`, `fee` or `permission`.
    #[param(min_length = 1, max_length = 50, example = "booking")]
    kind: String,
    /// The beginning of a name, a whole email address, or an id.
    #[param(min_length = 2, max_length = 100, example = "Rossi")]
    q: String,
    /// Only at this location.
    organization_id: Option<OrganizationId>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverrideTargets {
    /// At most 20 of them.
    data: Vec<Found>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only the overrides of this location.
    organization_id: Option<OrganizationId>,
    /// Only the overrides of this kind.
    #[param(min_length = 1, max_length = 50)]
    kind: Option<String>,
    /// Only the overrides in this status.
    status: Option<OverrideStatus>,
}

/// Look for what can be overridden
///
/// Bookings and events, bookings with a fee, or employees, each with its state now, at the locations where you may
/// override them. Bookings and events are those of 60 days back and ahead, unless you look for an id.
#[utoipa::path(
    tag = "overrides",
    params(SearchQuery),
    responses((status = 200, body = OverrideTargets)),
    extensions(("x-permission" = json!("support.manual_override")))
)]
#[get("/overrides/search")]
pub(crate) async fn search_override_targets(
    Allow(permit): Allow<ManualOverrides>,
    Parameters(SearchQuery { kind, q, organization_id }): Parameters<SearchQuery>,
    registry: Data<Registry>,
    db: Data<Db>,
) -> Result<Json<OverrideTargets>, ApiError> {
    let text = line(&q, 2, 100).map_err(|detail| Problem::invalid("q", detail))?;
    let search =
        async |tx: &mut TenantTx| registry.search(&permit, tx, (&kind, &text), organization_id).await;
    Ok(Json(OverrideTargets { data: db.tenant_tx(&permit, search).await? }))
}

/// List manual overrides
///
/// The overrides at the locations where you may set rules aside, newest first.
#[utoipa::path(
    tag = "overrides",
    params(ListQuery, Paging),
    responses((status = 200, body = Page<ManualOverrideView>)),
    extensions(("x-permission" = json!("support.manual_override")))
)]
#[get("/overrides")]
pub(crate) async fn list_manual_overrides(
    Allow(permit): Allow<ManualOverrides>,
    Listing(ListQuery { organization_id, kind, status }, paging): Listing<ListQuery>,
    db: Data<Db>,
) -> Result<Listed<ManualOverrideView>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    let filter = OverrideFilter { organization: organization_id, kind, status };
    let list = async |tx: &mut TenantTx| tx.support().override_list(&permit, filter, before, limit).await;
    Ok(paging.answer(db.tenant_tx(&permit, list).await?.map(ManualOverrideView::from)))
}

/// Propose a manual override
///
/// Answers what the change would do: the state before and after, and the effects. Nothing changes yet. You can execute
/// the proposal within 15 minutes.
#[utoipa::path(
    tag = "overrides",
    request_body = OverrideForm,
    responses((status = 201, body = ManualOverrideView)),
    extensions(
        ("x-permission" = json!("support.manual_override")),
        ("x-denials" = json!(CHANGE.iter().chain(&["support.override.open"]).collect::<Vec<_>>()))
    )
)]
#[post("/overrides")]
pub(crate) async fn propose_manual_override(
    Allow(permit): Allow<ManualOverrides>,
    Body(form): Body<OverrideForm>,
    registry: Data<Registry>,
    once: Once,
) -> Result<Reply<ManualOverrideView>, ApiError> {
    let propose = async |tx: &mut TenantTx, now| {
        let mut tx = OverrideTx::new(tx, **registry, &permit);
        support::propose(&permit, &mut tx, form, now).await.map(ManualOverrideView::from)
    };
    once.created(&permit, propose).await
}

/// Get a manual override
///
/// An override with every step of it.
#[utoipa::path(
    tag = "overrides",
    params(("override_id" = OverrideId, Path)),
    responses((status = 200, body = ManualOverrideDetails)),
    extensions(("x-permission" = json!("support.manual_override")))
)]
#[get("/overrides/{override_id}")]
pub(crate) async fn get_manual_override(
    Allow(permit): Allow<ManualOverrides>,
    Path(id): Path<OverrideId>,
    db: Data<Db>,
) -> Result<Resource<ManualOverrideDetails>, ApiError> {
    let find = async |tx: &mut TenantTx| tx.support().override_find(&permit, id).await;
    let found = db.tenant_tx(&permit, find).await?.ok_or_else(|| Problem::not_found("override"))?;
    Ok(Resource(found.into()))
}

/// Execute a manual override
///
/// Makes the change that you proposed, if the state is still the one of the preview. Those who manage roles at the
/// location get a mail. The change is taken back by itself unless somebody else confirms it in time.
#[utoipa::path(
    tag = "overrides",
    params(("override_id" = OverrideId, Path)),
    responses((status = 200, body = ManualOverrideView)),
    extensions(
        ("x-permission" = json!("support.manual_override")),
        ("x-denials" = json!(
            CHANGE
                .iter()
                .chain(&[
                    "support.override.changed",
                    "support.override.expired",
                    "support.override.not_proposed",
                    "support.override.not_proposer",
                ])
                .collect::<Vec<_>>()
        ))
    )
)]
#[post("/overrides/{override_id}/execute")]
pub(crate) async fn execute_manual_override(
    Allow(permit): Allow<ManualOverrides>,
    Path(id): Path<OverrideId>,
    registry: Data<Registry>,
    once: Once,
) -> Result<Reply<ManualOverrideView>, ApiError> {
    let execute = async |tx: &mut TenantTx, now| {
        let mut tx = OverrideTx::new(tx, **registry, &permit);
        support::execute(&permit, &mut tx, id, now).await.map(ManualOverrideView::from)
    };
    once.done(&permit, execute).await
}

/// Confirm a manual override
///
/// The change stays. Somebody other than the person who executed it confirms it, if anybody else may set rules aside
/// at the location.
#[utoipa::path(
    tag = "overrides",
    params(("override_id" = OverrideId, Path)),
    responses((status = 200, body = ManualOverrideView)),
    extensions(
        ("x-permission" = json!("support.manual_override")),
        ("x-denials" = json!([
            "support.override.confirmed_too_late",
            "support.override.not_executed",
            "support.override.own_confirmation"
        ]))
    )
)]
#[post("/overrides/{override_id}/confirm")]
pub(crate) async fn confirm_manual_override(
    Allow(permit): Allow<ManualOverrides>,
    Path(id): Path<OverrideId>,
    registry: Data<Registry>,
    once: Once,
) -> Result<Reply<ManualOverrideView>, ApiError> {
    let confirm = async |tx: &mut TenantTx, now| {
        let mut tx = OverrideTx::new(tx, **registry, &permit);
        support::confirm(&permit, &mut tx, id, now).await.map(ManualOverrideView::from)
    };
    once.done(&permit, confirm).await
}

/// Revert a manual override
///
/// Takes the change back, before or after the time to confirm it.
#[utoipa::path(
    tag = "overrides",
    params(("override_id" = OverrideId, Path)),
    responses((status = 200, body = ManualOverrideView)),
    extensions(
        ("x-permission" = json!("support.manual_override")),
        ("x-denials" = json!([
            "events.override.changed_since",
            "events.override.revert_over",
            "rbac.override.replaced",
            "support.override.not_executed"
        ]))
    )
)]
#[post("/overrides/{override_id}/revert")]
pub(crate) async fn revert_manual_override(
    Allow(permit): Allow<ManualOverrides>,
    Path(id): Path<OverrideId>,
    registry: Data<Registry>,
    once: Once,
) -> Result<Reply<ManualOverrideView>, ApiError> {
    let revert = async |tx: &mut TenantTx, now| {
        let mut tx = OverrideTx::new(tx, **registry, &permit);
        support::revert(&permit, &mut tx, id, now).await.map(ManualOverrideView::from)
    };
    once.done(&permit, revert).await
}
