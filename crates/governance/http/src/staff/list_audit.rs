//! `GET /audit`: the audit trail (CMP-03).

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_governance_postgres::Governance;
use tryzore_governance_postgres::trail::{AuditView, TrailFilter};
use tryzore_kernel::{OrganizationId, Page, UserId, iso};
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::ViewAudit;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only entries from this time on.
    #[serde(default, deserialize_with = "iso::read")]
    from: Option<DateTime<Utc>>,
    /// Only entries before this time.
    #[serde(default, deserialize_with = "iso::read")]
    to: Option<DateTime<Utc>>,
    /// Only entries of this person.
    #[serde(rename = "actor_user_id")]
    actor: Option<UserId>,
    /// Only entries of this action.
    #[param(example = "roles.edit")]
    action: Option<String>,
    /// Only entries that concern this location.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
}

/// List audit entries
///
/// Who did what to which object, when and from where, newest first. You see an entry when you manage roles
/// at every location that it concerns. An entry that concerns no location, or a closed one, is shown to
/// those who manage roles at all open locations.
#[utoipa::path(
    operation_id = "list_audit_entries",
    tag = "audit",
    params(Query, Paging),
    responses((status = 200, body = Page<AuditView>)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/audit")]
pub(super) async fn list_audit(
    Allow(permit): Allow<ViewAudit>,
    Listing(query, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<AuditView>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    let Query { from, to, actor, action, organization } = query;
    let filter = TrailFilter { from, to, actor, action, organization };
    let page = db
        .tenant_tx(&permit, async |tx| tx.governance().audit_trail(&permit, filter, before, limit).await)
        .await?;
    Ok(paging.answer(page))
}
