//! `GET /staff/permission-usage`: permissions that employees hold and don't use.

use super::review::{days, today};
use actix_web::{get, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{OrganizationId, Page, RoleId, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{
    Permit, Reach,
    catalogue::ManageRoles,
    usage::{Source, Unused},
};
use tryzore_rbac_postgres::{Rbac, reviews::Reviewed};
use tryzore_web::{Allow, ApiError, Listed, Listing, Paging};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// For how many days a permission was not used: 90 if left out.
    #[param(minimum = 1, maximum = 730)]
    unused_days: Option<u32>,
}

/// An employee with the permissions that they don't use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PermissionUsageView {
    /// The user.
    user_id: UserId,
    /// The name of the employee.
    name: String,
    /// The permissions that they hold where you manage roles and have not used. Empty when they use all.
    unused: Vec<UnusedView>,
}

/// A permission that is held and not used.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnusedView {
    /// The slug of the permission.
    permission: &'static str,
    /// The last day (UTC) on which it was used at any location; null for never since recording began.
    last_used_on: Option<NaiveDate>,
    /// The roles and overrides that grant it.
    granted_by: Vec<GrantedByView>,
}

/// What grants a permission.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantedByView {
    /// The role; null for an override.
    role_id: Option<RoleId>,
    /// The name of the role, or the slug or wildcard of the override.
    name: String,
    /// The location where it is held; null for every location, or for all that the person owns.
    organization_id: Option<OrganizationId>,
    /// When it ends; null for good.
    expires_at: Option<DateTime<Utc>>,
}

impl From<Source> for GrantedByView {
    fn from(source: Source) -> Self {
        match source {
            Source::Role { role, name, organization, expires_at } => {
                Self { role_id: Some(role), name, organization_id: organization, expires_at }
            }
            Source::Override { pattern, organization, expires_at } => {
                Self { role_id: None, name: pattern.to_string(), organization_id: organization, expires_at }
            }
        }
    }
}

impl From<Unused> for UnusedView {
    fn from(unused: Unused) -> Self {
        Self {
            permission: unused.slug.as_str(),
            last_used_on: unused.last_used_on,
            granted_by: unused.sources.into_iter().map(GrantedByView::from).collect(),
        }
    }
}

impl PermissionUsageView {
    fn new(reviewed: &Reviewed, reach: &Reach, days: u32, today: NaiveDate) -> Self {
        let unused = reviewed.holdings.unused(reach, &reviewed.used, days, today);
        Self {
            user_id: reviewed.user,
            name: reviewed.name.clone(),
            unused: unused.into_iter().map(UnusedView::from).collect(),
        }
    }
}

/// List unused permissions
///
/// The employees at locations where you manage roles, by name, with the permissions that they hold there and have not
/// used for a number of days. A permission counts as used when a request that asks for it was let through; requests
/// with API keys and in acting sessions don't count. Use is recorded by the day, and since recording began only.
#[utoipa::path(
    operation_id = "list_permission_usage",
    tag = "roles",
    params(Filter, Paging),
    responses((status = 200, body = Page<PermissionUsageView>)),
    extensions(("x-permission" = json!("settings.manage_roles")))
)]
#[get("/staff/permission-usage")]
pub(super) async fn permission_usage(
    Allow(permit): Allow<ManageRoles>,
    Listing(filter, paging): Listing<Filter>,
    db: Data<Db>,
) -> Result<Listed<PermissionUsageView>, ApiError> {
    let (days, today) = (days(filter.unused_days)?, today(&db));
    let (limit, cursor) = (paging.limit()?, paging.cursor.as_deref());
    let page = page(&db, &permit, limit, cursor).await?;
    let view = |reviewed: Reviewed| PermissionUsageView::new(&reviewed, permit.reach(), days, today);
    Ok(paging.answer(page.map(view)))
}

/// A page of the employees whose access is reviewed.
pub(super) async fn page(
    db: &Db,
    permit: &Permit<ManageRoles>,
    limit: tryzore_kernel::Limit,
    cursor: Option<&str>,
) -> Result<Page<Reviewed>, tryzore_kernel::Problem> {
    db.tenant_tx(permit, async |tx: &mut TenantTx| tx.rbac().reviewed_list(permit, limit, cursor).await).await
}
