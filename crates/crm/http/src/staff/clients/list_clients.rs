//! `GET /clients`: the clients of the locations that the caller sees (MEM-03).

use actix_web::{get, web::Data};
use serde::Deserialize;
use tryzore_crm_postgres::Crm;
use tryzore_crm_postgres::views::{ClientFilter, ClientLine, Presence, StatusFilter};
use tryzore_kernel::{OrganizationId, Page, Problem};
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::ViewClients;
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only clients of this location; by default of all locations whose clients you see.
    #[serde(rename = "organization_id")]
    organization: Option<OrganizationId>,
    /// `home`: clients with their home location there; `visiting`: clients of another home location who have
    /// visited; `multi`: clients who have visited two locations or more; `all`: the first two.
    #[serde(default)]
    #[param(required = false, inline)]
    presence: Presence,
    /// Active clients, archived clients or both.
    #[serde(default)]
    #[param(required = false, inline)]
    status: StatusFilter,
    /// The start of a family name, a given name, an e-mail address or a phone number. Clients of whom you
    /// see only the name are found by name only.
    #[param(min_length = 1, max_length = 100, example = "rossi an")]
    q: Option<String>,
}

/// List clients
///
/// Ordered by family name and then given name. A client whose home location you may not see is listed, by
/// name only, at the locations that the client visited.
#[utoipa::path(
    tag = "clients",
    params(Query, Paging),
    responses((status = 200, body = Page<ClientLine>)),
    extensions(("x-permission" = json!("clients.view_all")))
)]
#[get("/clients")]
pub(super) async fn list_clients(
    Allow(permit): Allow<ViewClients>,
    Listing(query, paging): Listing<Query>,
    db: Data<Db>,
) -> Result<Listed<ClientLine>, ApiError> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization, presence, status) = (query.organization, query.presence, query.status);
    let search = searched(query.q)?;
    let list = async |tx: &mut tryzore_postgres::TenantTx| {
        let country = match (&search, organization.or(permit.organization())) {
            (Some(_), Some(at)) => tx.crm().organization_locale(at).await?.and_then(|locale| locale.country),
            _ => None,
        };
        let filter = ClientFilter { organization, presence, status, search, country };
        let page = tx.crm().clients_list(&permit, filter, after, limit).await?;
        page.ok_or_else(|| Problem::not_found("organization"))
    };
    Ok(paging.answer(db.tenant_tx(&permit, list).await?))
}

fn searched(text: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=100).contains(&words.chars().count()) && !words.chars().any(char::is_control) {
        Ok(Some(words))
    } else {
        Err(Problem::invalid("q", "expected 1 to 100 characters, and no control characters"))
    }
}
