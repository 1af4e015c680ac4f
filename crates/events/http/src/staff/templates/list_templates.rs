//! `GET /event-templates`: the templates of events.

use super::view::TemplateView;
use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_events::permission::ViewEvents;
use tryzore_events_postgres::{Events, templates::template_list};
use tryzore_kernel::{OrganizationId, Page};
use tryzore_postgres::Db;
use tryzore_postgres::TenantTx;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only templates that this location can use.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// Whether archived templates are included.
    #[serde(default)]
    #[param(required = false)]
    with_archived: bool,
}

/// List event templates
///
/// Ordered by name: the templates of the locations that you see, and those of the whole tenant.
#[utoipa::path(
    tag = "event templates",
    params(Query, Paging),
    responses((status = 200, body = Page<TemplateView>)),
    extensions(("x-permission" = json!("events.view_all")))
)]
#[get("/event-templates")]
pub(super) async fn list_templates(
    Allow(permit): Allow<ViewEvents>,
    Listing(Query { organization, with_archived }, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<TemplateView>, ApiError> {
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| {
        template_list(&permit, &mut tx.events(), organization, with_archived, cursor, limit).await
    };
    Ok(paging.answer(db.tenant_tx(&permit, list).await?.map(TemplateView::from)))
}
