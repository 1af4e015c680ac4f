//! `GET /me/access-log`: who has seen what of the signed-in user in an acting session.

use actix_web::{get, web::Data};
use tryzore_governance_postgres::{Governance, access_log::AccessView};
use tryzore_kernel::{Page, Problem};
use tryzore_postgres::Db;
use tryzore_rbac::{catalogue::OwnSecurity, grants::person_required};
use tryzore_web::{Allow, ApiError, Listed, Listing, NoFilter, Paging};

/// List who has seen my data
///
/// Every read of an impersonation of you, and of support access to something of yours, newest first: who, when and
/// what. The reason of an impersonation is in the audit trail of the business.
#[utoipa::path(
    operation_id = "list_my_access_log",
    tag = "me",
    params(Paging),
    responses((status = 200, body = Page<AccessView>)),
    extensions(("x-permission" = json!("own.security")))
)]
#[get("/me/access-log")]
pub(super) async fn list_my_access_log(
    Allow(permit): Allow<OwnSecurity>,
    Listing(NoFilter {}, paging): Listing<NoFilter>,
    db: Data<Db>,
) -> Result<Listed<AccessView>, ApiError> {
    let me = permit.actor().user().ok_or_else(|| Problem::from(person_required(permit.actor())))?;
    let (limit, before) = (paging.limit()?, paging.after()?);
    let page = db.tenant_tx(&permit, async |tx| tx.governance().access_log_of(me, before, limit).await);
    Ok(paging.answer(page.await?))
}
