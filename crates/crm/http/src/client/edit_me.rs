//! `PUT /me`: a client changes their own profile.

use super::view::OwnView;
use actix_web::{put, web::Data};
use chrono::{DateTime, Utc};
use tryzore_crm::{self as crm, OwnPatch, Patch};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::Problem;
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Permit, catalogue::OwnProfile};
use tryzore_web::{Allow, ApiError, Body, IfMatch, Resource};

/// Change my client profile
///
/// Fields that are left out stay as they are, and null removes a value. Only staff can change your e-mail
/// address, your home location and your first day.
#[utoipa::path(
    operation_id = "edit_my_profile",
    tag = "me",
    params(("If-Match" = Option<String>, Header, description = "The ETag that you read")),
    request_body = OwnPatch,
    responses((status = 200, body = OwnView)),
    extensions(("x-permission" = json!("own.profile")), ("x-denials" = json!(["crm.edit.archived"])))
)]
#[put("/me")]
pub(super) async fn edit_me(
    Allow(permit): Allow<OwnProfile>,
    IfMatch(read): IfMatch,
    Body(patch): Body<OwnPatch>,
    db: Data<Db>,
) -> Result<Resource<OwnView>, ApiError> {
    let now = db.clock().now();
    let edit = async |tx: &mut TenantTx| edit(&permit, tx, read, patch, now).await;
    Ok(Resource(db.tenant_tx(&permit, edit).await?))
}

async fn edit(
    permit: &Permit<OwnProfile>,
    tx: &mut TenantTx,
    read: Option<i32>,
    patch: OwnPatch,
    now: DateTime<Utc>,
) -> Result<OwnView, Problem> {
    let home = crm::get_own(permit, &mut tx.crm()).await?.home_organization;
    let locale = tx.crm().organization_locale(home).await?.ok_or_else(|| Problem::not_found("client"))?;
    let phone = match &patch.phone {
        Patch::Set(text) => Some(text.as_str()),
        _ => None,
    };
    let country = locale.country_for(phone)?;
    let change = patch.check(country, locale.day(now))?;
    Ok(crm::edit_own(permit, &mut tx.crm(), read, change, now).await?.into())
}
