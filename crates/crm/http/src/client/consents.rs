//! `/me/consents`: what the signed-in client agrees to (AUT-18).

use crate::consent_view::{ConsentList, ConsentTextList, ConsentView};
use actix_web::{
    get, post,
    web::{Data, Json},
};
use tryzore_crm::{
    ConsentLedger,
    consent::{self, ConsentForm},
};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::Problem;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::catalogue::OwnProfile;
use tryzore_web::{Allow, ApiError, Body, Once, Reply};

/// List my consents
///
/// What you agree to at this tenant. What is not listed was never asked, which counts as no.
#[utoipa::path(
    tag = "me",
    responses((status = 200, body = ConsentList)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/me/consents")]
pub(super) async fn list_my_consents(
    Allow(permit): Allow<OwnProfile>,
    db: Data<Db>,
) -> Result<Json<ConsentList>, ApiError> {
    let read = async |tx: &mut TenantTx| consent::get_own_consents(&permit, &mut tx.crm()).await;
    Ok(Json(db.tenant_tx(&permit, read).await?.into()))
}

/// Give or withdraw a consent
///
/// A withdrawal of every channel withdraws each of them. A consent for a purpose that has a text names the version
/// that was shown.
#[utoipa::path(
    tag = "me",
    request_body = ConsentForm,
    responses((status = 201, body = ConsentView)),
    extensions(("x-permission" = json!("own.profile")), ("x-denials" = json!(["crm.edit.archived"])))
)]
#[post("/me/consents")]
pub(super) async fn record_my_consent(
    Allow(permit): Allow<OwnProfile>,
    Body(form): Body<ConsentForm>,
    once: Once,
) -> Result<Reply<ConsentView>, ApiError> {
    let record = async |tx: &mut TenantTx, now| {
        consent::record_own_consent(&permit, &mut tx.crm(), form, now).await.map(ConsentView::from)
    };
    once.created(&permit, record).await
}

/// List the consent texts for me
///
/// The newest text of each purpose that has one.
#[utoipa::path(
    tag = "me",
    responses((status = 200, body = ConsentTextList)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/me/consent-texts")]
pub(super) async fn list_my_consent_texts(
    Allow(permit): Allow<OwnProfile>,
    db: Data<Db>,
) -> Result<Json<ConsentTextList>, ApiError> {
    let texts = db.tenant_tx(&permit, async |tx| Ok::<_, Problem>(tx.crm().consent_texts().await?)).await?;
    Ok(Json(texts.into()))
}
