//! `GET /decisions/{decision_id}` and `GET /decisions?object_id=…`: the decision log.

use crate::{Allow, ApiError, Listed, Listing, Paging, Path};
use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use tryzore_kernel::{DecisionId, Page, Problem, id::digits_of};
use tryzore_postgres::{Db, decisions::DecisionView};
use tryzore_rbac::catalogue::OwnProfile;
use utoipa::IntoParams;

/// Get a decision
///
/// What was requested, the outcome, the facts that led to it, and what would have changed it. You see your
/// own decisions, and those of others where your permissions cover the object.
#[utoipa::path(
    tag = "decisions",
    params(("decision_id" = DecisionId, Path)),
    responses((status = 200, body = DecisionView)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/decisions/{decision_id}")]
pub(super) async fn get_decision(
    Allow(permit): Allow<OwnProfile>,
    Path(decision): Path<DecisionId>,
    db: Data<Db>,
) -> Result<Json<DecisionView>, ApiError> {
    let found = db.tenant_tx(&permit, async |tx| tx.decision_find(decision, permit.grants()).await).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("decision"))?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    /// The object of the decisions: an event, a client, a location.
    object_id: String,
}

/// List the decisions about an object
///
/// The decisions that were made about an event, a client or a location, newest first. You see your own
/// decisions, and those of others where your permissions cover the object.
#[utoipa::path(
    tag = "decisions",
    params(About, Paging),
    responses((status = 200, body = Page<DecisionView>)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/decisions")]
pub(super) async fn list_decisions(
    Allow(permit): Allow<OwnProfile>,
    Listing(about, paging): Listing<About>,
    db: Data<Db>,
) -> Result<Listed<DecisionView>, ApiError> {
    let digits = about.object_id.rsplit('_').next().unwrap_or_default();
    let object = digits_of(digits).ok_or_else(|| Problem::invalid("object_id", "expected an id"))?;
    let (limit, before) = (paging.limit()?, paging.after()?);
    let page = db
        .tenant_tx(&permit, async |tx| tx.decisions_about(object, permit.grants(), before, limit).await)
        .await?;
    Ok(paging.answer(page))
}
