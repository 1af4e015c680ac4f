//! `POST /clients`: staff add a client.

use super::view::ClientView;
use actix_web::post;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tryzore_crm::{self as crm, ClientForm};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{ClientId, OrganizationId, Problem, iso};
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, catalogue::CreateClient};
use tryzore_web::{Allow, ApiError, Body, Once, Reply};
use utoipa::ToSchema;

/// A new client. A name, and an e-mail address or a phone number, are required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewClient {
    /// The home location of the client; your current location by default.
    #[serde(default)]
    #[serde(rename = "home_organization_id")]
    home_organization: Option<OrganizationId>,
    /// Given name, or the only name.
    #[schema(min_length = 1, max_length = 100)]
    given_name: String,
    /// Family name.
    #[serde(default)]
    #[schema(max_length = 100)]
    family_name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    #[schema(max_length = 255, example = "name@example.com")]
    email: Option<String>,
    /// The phone number; without a country code, a number of the country of the location.
    #[serde(default)]
    #[schema(example = "333 1234567")]
    phone: Option<String>,
    /// Language tag.
    #[serde(default)]
    #[schema(example = "it")]
    locale: Option<String>,
    /// Date of birth.
    #[serde(default, deserialize_with = "iso::read")]
    birth_date: Option<NaiveDate>,
    /// The answer about advertising.
    #[serde(default)]
    marketing_consent: Option<bool>,
    /// The id of the client in another system.
    #[serde(default)]
    #[schema(max_length = 100)]
    external_ref: Option<String>,
    /// The first day as a customer; today by default.
    #[serde(default, deserialize_with = "iso::read")]
    joined_on: Option<NaiveDate>,
}

/// A client that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedClient {
    /// The client.
    #[serde(flatten)]
    client: ClientView,
    /// Active clients with the same phone number that you may see: a family, or the same person
    /// twice.
    possible_duplicate_ids: Vec<ClientId>,
}

/// Create a client
///
/// Refused with a denial when a client of the tenant already has the e-mail address; the denial names that
/// client if you may see them. The client gets no password and no e-mail.
#[utoipa::path(
    operation_id = "create_client",
    tag = "clients",
    request_body = NewClient,
    responses((status = 201, body = AddedClient)),
    extensions(("x-permission" = json!("clients.create")), ("x-denials" = json!(["crm.add.duplicate"])))
)]
#[post("/clients")]
pub(super) async fn add_client(
    Allow(permit): Allow<CreateClient>,
    Body(new): Body<NewClient>,
    once: Once,
) -> Result<Reply<AddedClient>, ApiError> {
    once.created(&permit, async |tx: &mut TenantTx, now| add(&permit, tx, new, now).await).await
}

async fn add(
    permit: &Permit<CreateClient>,
    tx: &mut TenantTx,
    new: NewClient,
    now: DateTime<Utc>,
) -> Result<AddedClient, Problem> {
    let home = new.home_organization.or(permit.organization());
    let home =
        home.ok_or_else(|| Problem::invalid("/home_organization_id", "the home location is required"))?;
    let locale = tx.crm().organization_locale(home).await?.filter(|locale| locale.is_open);
    let locale = locale.ok_or_else(|| Problem::not_found("organization"))?;
    let today = locale.day(now);
    let country = locale.country_for(new.phone.as_deref())?;
    let form = ClientForm {
        given_name: new.given_name,
        family_name: new.family_name,
        email: new.email,
        phone: new.phone,
        locale: new.locale,
        birth_date: new.birth_date,
        marketing_consent: new.marketing_consent,
        external_ref: new.external_ref,
        joined_on: new.joined_on,
    };
    let added = crm::add_client(permit, &mut tx.crm(), home, form.check(country, today)?, today, now).await?;
    Ok(AddedClient { client: added.client.into(), possible_duplicate_ids: added.possible_duplicates })
}
