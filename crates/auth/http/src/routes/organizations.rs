//! `GET /auth/organizations`: the location switcher (TEN-13).

use super::signed_in::{TenantView, WhereaboutsView};
use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Serialize;
use tryzore_auth::{Memberships, Sessions};
use tryzore_auth_postgres::Auth;
use tryzore_auth_postgres::locations::LocationView;
use tryzore_kernel::{OrganizationId, Problem, TenantId};
use tryzore_postgres::{AuthTx, Db};
use tryzore_rbac::{Actor, catalogue::OwnProfile};
use tryzore_web::{Allow, ApiError};
use utoipa::ToSchema;

/// The tenants and locations of the signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SwitcherView {
    /// The tenant of the session.
    tenant_id: TenantId,
    /// The current location.
    organization_id: Option<OrganizationId>,
    /// All tenants of the user.
    data: Vec<ChoiceView>,
}

/// A tenant and the locations that the user can switch to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChoiceView {
    #[serde(flatten)]
    tenant: TenantView,
    /// Whether this is the tenant of the session. To use another tenant, sign in again and name it.
    is_current: bool,
    /// The locations, ordered by name.
    organizations: Vec<LocationView>,
}

/// List my organizations
///
/// Every tenant that you belong to as an employee, an owner or a client, with the locations that are open
/// to you there.
#[utoipa::path(
    operation_id = "list_my_organizations",
    tag = "auth",
    responses((status = 200, body = SwitcherView)),
    extensions(("x-permission" = json!("own.profile")))
)]
#[get("/auth/organizations")]
pub(super) async fn list_organizations(
    Allow(permit): Allow<OwnProfile>,
    db: Data<Db>,
) -> Result<Json<SwitcherView>, ApiError> {
    let tenant = permit.tenant();
    let Some(user) = permit.actor().person() else {
        return Err(Problem::not_found("person: a key is at one location").into());
    };
    let data = db.auth_tx(async |tx| {
        if permit.actor().is_acting() {
            return acting(tx, permit.actor()).await;
        }
        let memberships = tx.auth().membership_list(user).await?;
        let tenants = memberships.iter().map(|membership| membership.tenant).collect();
        let mut locations = tx.auth().locations_in(user, tenants).await?;
        let choices = memberships.iter().map(|membership| ChoiceView {
            tenant: TenantView::from(membership),
            is_current: membership.tenant == tenant,
            organizations: locations.remove(&membership.tenant).unwrap_or_default(),
        });
        Ok::<_, Problem>(choices.collect::<Vec<_>>())
    });
    Ok(Json(SwitcherView { tenant_id: tenant, organization_id: permit.organization(), data: data.await? }))
}

/// The one choice of an acting session: its tenant, whatever else the person belongs to.
async fn acting(tx: &mut AuthTx, actor: Actor) -> Result<Vec<ChoiceView>, Problem> {
    let Some(session) = actor.session() else { return Ok(Vec::new()) };
    let Some(session) = tx.auth().session_find(session).await? else { return Ok(Vec::new()) };
    let at = WhereaboutsView::of_acting(tx, &session).await?;
    Ok(vec![ChoiceView { is_current: true, tenant: at.tenant, organizations: at.available }])
}
