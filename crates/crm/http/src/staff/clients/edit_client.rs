//! `PUT /clients/{client_id}`: staff change a client.

use super::view::ClientView;
use actix_web::put;
use chrono::{DateTime, Utc};
use tryzore_crm::{self as crm, ClientPatch, Clients, Patch};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{ClientId, Problem};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, catalogue::EditClient};
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};

/// Change a client
///
/// Fields that are left out stay as they are, and null removes a value. Refused with a denial for an
/// archived client, and for an e-mail address that another client has.
#[utoipa::path(
    tag = "clients",
    params(
        ("client_id" = ClientId, Path),
        Change
    ),
    request_body = ClientPatch,
    responses((status = 200, body = ClientView)),
    extensions(
        ("x-permission" = json!("clients.edit")),
        ("x-denials" = json!(["crm.edit.archived", "crm.edit.duplicate"]))
    )
)]
#[put("/clients/{client_id}")]
pub(super) async fn edit_client(
    Allow(permit): Allow<EditClient>,
    Path(client): Path<ClientId>,
    change: Change,
    Body(patch): Body<ClientPatch>,
) -> Result<Resource<ClientView>, ApiError> {
    let edit = async |tx: &mut TenantTx, version, now| edit(&permit, tx, client, version, patch, now).await;
    change.done(&permit, edit).await
}

async fn edit(
    permit: &Permit<EditClient>,
    tx: &mut TenantTx,
    id: ClientId,
    version: i32,
    patch: ClientPatch,
    now: DateTime<Utc>,
) -> Result<ClientView, Problem> {
    let none = || Problem::not_found("client");
    let home = tx.crm().client_find(id).await?.ok_or_else(none)?.home_organization;
    let locale = tx.crm().organization_locale(home).await?.ok_or_else(none)?;
    if let Patch::Set(to) = patch.home_organization {
        let to = tx.crm().organization_locale(to).await?.filter(|locale| locale.is_open);
        to.ok_or_else(|| Problem::not_found("organization"))?;
    }
    let phone = match &patch.phone {
        Patch::Set(text) => Some(text.as_str()),
        _ => None,
    };
    let country = locale.country_for(phone)?;
    let change = patch.check(country, locale.day(now))?;
    Ok(crm::edit_client(permit, &mut tx.crm(), id, version, change, now).await?.into())
}
