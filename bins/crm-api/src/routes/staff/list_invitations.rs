//! `GET /staff/invitations`: who was invited.

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use tryzore_kernel::Page;
use tryzore_postgres::{Db, TenantTx, tenancy::InvitationView};
use tryzore_rbac::catalogue::ManageStaff;
use tryzore_web::{Allow, ApiError, Paging, Parameters};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Rows on the page: 1 to 200, 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Who was invited
///
/// Newest first, to locations where one manages staff.
#[utoipa::path(
    tag = "staff",
    params(Asked),
    responses((status = 200, body = Page<InvitationView>)),
    extensions(("x-permission" = json!("settings.manage_staff")))
)]
#[get("/staff/invitations")]
pub(super) async fn list_invitations(
    Allow(permit): Allow<ManageStaff>,
    Parameters(Asked { limit, cursor }): Parameters<Asked>,
    db: Data<Db>,
) -> Result<Json<Page<InvitationView>>, ApiError> {
    let (paging, now) = (Paging { limit, cursor }, db.clock().now());
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let list = async |tx: &mut TenantTx| tx.invitation_list(&permit, limit, cursor, now).await;
    Ok(Json(db.tenant_tx(&permit, list).await?))
}
