//! `GET /access-log`: what was read in acting sessions (AUT-16, AUT-17).

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_governance_postgres::{
    Governance,
    access_log::{AccessFilter, AccessView},
};
use tryzore_kernel::{Page, SessionId, UserId};
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::ViewAudit;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only what was read in this acting session.
    #[serde(rename = "session_id")]
    session: Option<SessionId>,
    /// Only what this person read.
    #[serde(rename = "user_id")]
    user: Option<UserId>,
}

/// List what was read in acting sessions
///
/// Every read of an impersonation or of support access, newest first. You see the reads at locations where you
/// manage roles; a read at no location is shown to those who manage roles at all open locations.
#[utoipa::path(
    operation_id = "list_access_log",
    tag = "audit",
    params(Query, Paging),
    responses((status = 200, body = Page<AccessView>)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/access-log")]
pub(super) async fn list_access_log(
    Allow(permit): Allow<ViewAudit>,
    Listing(query, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<AccessView>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    let filter = AccessFilter { session: query.session, user: query.user };
    let page =
        db.tenant_tx(&permit, async |tx| tx.governance().access_log(&permit, filter, before, limit).await);
    Ok(paging.answer(page.await?))
}
