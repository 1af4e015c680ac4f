//! `GET /me`: the profile of the signed-in client.

use super::view::OwnView;
use actix_web::{get, web::Data};
use tryzore_crm as crm;
use tryzore_crm_postgres::Crm;
use tryzore_postgres::Db;
use tryzore_rbac::catalogue::OwnProfile;
use tryzore_web::{Allow, ApiError, Resource};

/// Get my client profile
///
/// Your data at this tenant, with its version as `ETag`. 404 when you are not a client of this tenant.
#[utoipa::path(
    operation_id = "get_my_profile",
    tag = "me",
    responses((status = 200, body = OwnView)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/me")]
pub(super) async fn get_me(
    Allow(permit): Allow<OwnProfile>,
    db: Data<Db>,
) -> Result<Resource<OwnView>, ApiError> {
    let client = db.tenant_tx(&permit, async |tx| crm::get_own(&permit, &mut tx.crm()).await).await?;
    Ok(Resource(client.into()))
}
