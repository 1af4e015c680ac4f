//! `/clients/{client_id}/consents` and `/consent-texts`: what clients agree to, and to which texts (AUT-18).

use crate::consent_view::{ConsentEntryView, ConsentList, ConsentTextList, ConsentTextView, ConsentView};
use actix_web::{
    get, post, put,
    web::{Data, Json},
};
use serde::Deserialize;
use tryzore_crm::{
    ConsentLedger, ConsentSource,
    consent::{self, ConsentChannel, ConsentForm, ConsentPurpose, ConsentTextForm},
};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{ClientId, OrganizationId, Page, Problem, UseCaseError};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::{EditClient, EditSettings, ViewClients};
use tryzore_web::{Allow, ApiError, Body, Listed, Listing, NoFilter, Once, Paging, Path, Reply};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_client_consents)
        .service(record_client_consent)
        .service(list_client_consent_entries)
        .service(list_consent_texts)
        .service(edit_consent_text);
}

/// How an answer reached staff.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StaffSource {
    /// The client told staff.
    Staff,
    /// The client signed a form.
    Form,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "marketing", "channel": "email", "is_given": false, "source": "staff"}))]
pub(crate) struct ClientConsentForm {
    /// What for.
    purpose: ConsentPurpose,
    /// By which channel; every channel by default.
    #[serde(default)]
    #[schema(required = false)]
    channel: ConsentChannel,
    /// At which location; all of them if null or left out.
    organization_id: Option<OrganizationId>,
    /// Given, or withdrawn.
    is_given: bool,
    /// The version of the text that was shown: needed to give a consent for a purpose that has a text. A signed form
    /// may have an earlier one.
    #[schema(minimum = 1)]
    text_version: Option<i32>,
    /// How the answer reached you.
    source: StaffSource,
    /// Where the evidence is, such as the number of a signed form.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// List what a client agrees to
///
/// What holds now for each purpose, channel and location that the client was asked about.
#[utoipa::path(
    tag = "clients",
    params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ConsentList)),
    extensions(("x-permission" = json!("clients.view_all")))
)]
#[get("/clients/{client_id}/consents")]
pub(crate) async fn list_client_consents(
    Allow(permit): Allow<ViewClients>,
    Path(client): Path<ClientId>,
    db: Data<Db>,
) -> Result<Json<ConsentList>, ApiError> {
    let read = async |tx: &mut TenantTx| consent::get_consents(&permit, &mut tx.crm(), client).await;
    Ok(Json(db.tenant_tx(&permit, read).await?.into()))
}

/// Record a consent of a client
///
/// Adds an answer that the client gave to staff or on a form. An archived client can withdraw and not give.
#[utoipa::path(
    tag = "clients",
    params(("client_id" = ClientId, Path)),
    request_body = ClientConsentForm,
    responses((status = 201, body = ConsentView)),
    extensions(("x-permission" = json!("clients.edit")), ("x-denials" = json!(["crm.edit.archived"])))
)]
#[post("/clients/{client_id}/consents")]
pub(crate) async fn record_client_consent(
    Allow(permit): Allow<EditClient>,
    Path(client): Path<ClientId>,
    Body(form): Body<ClientConsentForm>,
    once: Once,
) -> Result<Reply<ConsentView>, ApiError> {
    let ClientConsentForm { purpose, channel, organization_id, is_given, text_version, source, note } = form;
    let source = match source {
        StaffSource::Staff => ConsentSource::Staff,
        StaffSource::Form => ConsentSource::Form,
    };
    let form = ConsentForm { purpose, channel, organization: organization_id, is_given, text_version };
    let record = async |tx: &mut TenantTx, now| {
        consent::record_consent(&permit, &mut tx.crm(), client, form, (source, note), now)
            .await
            .map(ConsentView::from)
    };
    once.created(&permit, record).await
}

/// List the consent ledger of a client
///
/// Every answer with its proof, newest first: also those that were replaced by later ones.
#[utoipa::path(
    tag = "clients",
    params(("client_id" = ClientId, Path), Paging),
    responses((status = 200, body = Page<ConsentEntryView>)),
    extensions(("x-permission" = json!("clients.edit")))
)]
#[get("/clients/{client_id}/consent-entries")]
pub(crate) async fn list_client_consent_entries(
    Allow(permit): Allow<EditClient>,
    Path(client): Path<ClientId>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<ConsentEntryView>, ApiError> {
    let (limit, before) = (paging.limit()?, paging.after()?);
    let page = db.tenant_tx(&permit, async |tx| {
        let found = tryzore_crm::Clients::client_find(&mut tx.crm(), client).await?;
        let found = found.ok_or(UseCaseError::NotFound("client"))?;
        permit.require_at(found.home_organization, "client")?;
        Ok::<_, UseCaseError>(tx.crm().consents_page(client, before, limit).await?)
    });
    Ok(paging.answer(page.await?.map(ConsentEntryView::from)))
}

/// List the consent texts
///
/// The newest text of each purpose that has one.
#[utoipa::path(
    tag = "clients",
    responses((status = 200, body = ConsentTextList)),
    extensions(("x-permission" = json!("clients.view_all")))
)]
#[get("/consent-texts")]
pub(crate) async fn list_consent_texts(
    Allow(permit): Allow<ViewClients>,
    db: Data<Db>,
) -> Result<Json<ConsentTextList>, ApiError> {
    let texts = db.tenant_tx(&permit, async |tx| Ok::<_, Problem>(tx.crm().consent_texts().await?)).await?;
    Ok(Json(texts.into()))
}

/// Change a consent text
///
/// A changed text is a new version for every location; consents to earlier ones become outdated. The same text again
/// changes nothing.
#[utoipa::path(
    tag = "clients",
    params(("purpose" = ConsentPurpose, Path)),
    request_body = ConsentTextForm,
    responses((status = 200, body = ConsentTextView)),
    extensions(
        ("x-permission" = json!("settings.edit_gym")),
        ("x-denials" = json!(["crm.consent_text.other_locations"]))
    )
)]
#[put("/consent-texts/{purpose}")]
pub(crate) async fn edit_consent_text(
    Allow(permit): Allow<EditSettings>,
    Path(purpose): Path<ConsentPurpose>,
    Body(form): Body<ConsentTextForm>,
    db: Data<Db>,
) -> Result<Json<ConsentTextView>, ApiError> {
    let now = db.clock().now();
    let edited = db.tenant_tx(&permit, async |tx| {
        consent::save_consent_text(&permit, &mut tx.crm(), purpose, form, now).await
    });
    Ok(Json(edited.await?.into()))
}
