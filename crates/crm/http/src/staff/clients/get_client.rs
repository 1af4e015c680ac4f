//! `GET /clients/{client_id}`: one client with recent visits (MEM-04).

use super::view::ClientView;
use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tryzore_crm as crm;
use tryzore_crm_postgres::Crm;
use tryzore_crm_postgres::views::{LocationActivity, activity::PERIOD};
use tryzore_kernel::{ClientId, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permit, Slug, catalogue::ViewClients, permit::Reach};
use tryzore_web::{Allow, ApiError, Path, Resource};
use utoipa::ToSchema;

/// A client with recent visits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientDetail {
    /// The client.
    #[serde(flatten)]
    client: ClientView,
    /// The visits of the last 30 days; null if you see the name only.
    activity: Option<ClientActivity>,
}

/// The visits of a client in the last 30 days to the locations whose clients you see; with
/// `clients.view_cross_org`, to all locations.
#[derive(Debug, Serialize, ToSchema)]
struct ClientActivity {
    /// The time 30 days ago.
    since: DateTime<Utc>,
    /// The total number of visits.
    visits: u32,
    /// The locations, the most visited first.
    locations: Vec<LocationActivity>,
}

/// Get a client
///
/// The client with recent visits, and the version as `ETag`.
#[utoipa::path(
    tag = "clients",
    params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientDetail)),
    extensions(("x-permission" = json!("clients.view_all")))
)]
#[get("/clients/{client_id}")]
pub(super) async fn get_client(
    Allow(permit): Allow<ViewClients>,
    Path(client): Path<ClientId>,
    db: Data<Db>,
) -> Result<Resource<ClientDetail>, ApiError> {
    let now = db.clock().now();
    let found = db.tenant_tx(&permit, async |tx| detail(&permit, tx, client, now).await).await?;
    Ok(Resource(found))
}

async fn detail(
    permit: &Permit<ViewClients>,
    tx: &mut TenantTx,
    id: ClientId,
    now: DateTime<Utc>,
) -> Result<ClientDetail, Problem> {
    let seen = crm::get_client(permit, &mut tx.crm(), id).await?;
    let across = permit.grants().reach(Slug::VIEW_CROSS_ORG_CLIENTS).covers(seen.client.home_organization);
    let reach = if across { &Reach::Tenant } else { permit.reach() };
    let activity = match seen.in_full {
        true => {
            let locations = tx.crm().client_activity(id, reach, now).await?;
            let visits = locations.iter().map(|location| location.visits).sum();
            Some(ClientActivity { since: now - PERIOD, visits, locations })
        }
        false => None,
    };
    Ok(ClientDetail { client: seen.into(), activity })
}
