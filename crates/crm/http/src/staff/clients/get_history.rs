//! `GET /clients/{client_id}/cross-location-history`: the bookings of a client at all locations (MEM-10).

use actix_web::{get, web::Data};
use tryzore_crm_postgres::Crm;
use tryzore_crm_postgres::views::Visit;
use tryzore_kernel::{ClientId, Page, Problem};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::ViewClientsAcross;
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging, Path};

/// List the bookings of a client at all locations
///
/// The bookings of the client at all locations of the tenant, the latest start first, with their status.
#[utoipa::path(
    operation_id = "list_client_history",
    tag = "clients",
    params(("client_id" = ClientId, Path), Paging),
    responses((status = 200, body = Page<Visit>)),
    extensions(("x-permission" = json!("clients.view_cross_org")))
)]
#[get("/clients/{client_id}/cross-location-history")]
pub(super) async fn get_history(
    Allow(permit): Allow<ViewClientsAcross>,
    Path(client): Path<ClientId>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<Visit>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let read = async |tx: &mut TenantTx| tx.crm().client_history(&permit, client, after, limit).await;
    let page = db.tenant_tx(&permit, read).await?;
    Ok(paging.answer(page.ok_or_else(|| Problem::not_found("client"))?))
}
