//! Lists of roles and overrides, for managing them.

use crate::RbacStore;
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use serde::Serialize;
use tryzore_kernel::{OrganizationId, Problem, RoleId, StoreError, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{document, to_text},
    statement,
};
use tryzore_rbac::{
    Pattern, Permit,
    catalogue::ManageRoles,
    manage::{
        HoldingsStore, PermissionOverride, is_in_reach,
        role::{expand, names},
    },
};
use tryzore_schema::rbac::overrides;
use utoipa::ToSchema;

/// A role of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoleView {
    /// The id of the role.
    pub id: RoleId,
    /// The key of the preset; null for a role that the tenant created.
    pub preset: Option<String>,
    /// The name of the role.
    pub name: String,
    /// The description of the role.
    pub description: String,
    /// The scope: `owned`, `organization` or `subtree`.
    #[schema(value_type = tryzore_rbac::manage::RoleScope)]
    pub scope: String,
    /// The slugs and wildcards of the role.
    pub patterns: Vec<String>,
    /// The permissions of the role, without wildcards, as an inviter reviews them.
    pub permissions: Vec<&'static str>,
    /// Whether the tenant created the role, so that it can be changed.
    pub is_editable: bool,
    /// The number of people who have the role.
    pub holders: i64,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// When the role was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An override for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverrideView {
    /// The person.
    pub user_id: UserId,
    /// The slug or the wildcard.
    pub pattern: String,
    /// The effect: `allow` or `deny`.
    #[schema(value_type = tryzore_rbac::Effect)]
    pub effect: String,
    /// The location; null means every location.
    pub organization_id: Option<OrganizationId>,
    /// The reason.
    pub reason: String,
    /// When the override was set.
    pub created_at: DateTime<Utc>,
    /// When the override ends; null means never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the override has ended: it decides nothing any more.
    pub is_expired: bool,
}

type OverrideColumns =
    (UserId, String, String, Option<OrganizationId>, String, DateTime<Utc>, Option<DateTime<Utc>>);

impl From<PermissionOverride> for OverrideView {
    fn from(set: PermissionOverride) -> Self {
        Self {
            user_id: set.user,
            pattern: set.pattern.to_string(),
            effect: to_text(set.effect),
            organization_id: set.organization,
            reason: set.reason,
            created_at: set.created_at,
            expires_at: set.expires_at,
            is_expired: false,
        }
    }
}

statement! {
    /// The roles of the tenant; only the role `one`, if it is set.
    struct ListRoles {
        tenant: TenantId => sql_types::Uuid,
        one: Option<RoleId> => sql_types::Nullable<sql_types::Uuid>,
    }
    "SELECT r.id, r.preset, r.name, r.description, r.scope, r.is_editable, r.version, r.updated_at,
            (SELECT coalesce(jsonb_agg(p.pattern ORDER BY p.pattern), '[]') FROM rbac.role_permissions p
             WHERE p.tenant_id = $1 AND p.role_id = r.id) AS patterns,
            (SELECT count(DISTINCT a.user_id) FROM rbac.assignments a
             WHERE a.tenant_id = $1 AND a.role_id = r.id) AS holders
     FROM rbac.roles r WHERE r.tenant_id = $1 AND ($2 IS NULL OR r.id = $2)
     ORDER BY r.preset IS NULL, r.id"
}

#[derive(QueryableByName)]
struct RoleRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: RoleId,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    preset: Option<String>,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::Text)]
    description: String,
    #[diesel(sql_type = sql_types::Text)]
    scope: String,
    #[diesel(sql_type = sql_types::Bool)]
    is_editable: bool,
    #[diesel(sql_type = sql_types::Integer)]
    version: i32,
    #[diesel(sql_type = sql_types::Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Jsonb)]
    patterns: serde_json::Value,
    #[diesel(sql_type = sql_types::BigInt)]
    holders: i64,
}

impl TryFrom<RoleRow> for RoleView {
    type Error = StoreError;

    fn try_from(row: RoleRow) -> StoreResult<Self> {
        let patterns: Vec<String> = document("role_permissions.pattern", row.patterns)?;
        let known: Vec<Pattern> = patterns.iter().filter_map(|text| text.parse().ok()).collect();
        Ok(Self {
            id: row.id,
            preset: row.preset,
            name: row.name,
            description: row.description,
            scope: row.scope,
            permissions: names(expand(&known)),
            patterns,
            is_editable: row.is_editable,
            holders: row.holders,
            version: row.version,
            updated_at: row.updated_at,
        })
    }
}

impl RbacStore<'_> {
    /// The roles of the tenant: the presets first, then its own roles, in the order of their creation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn role_list<P: tryzore_rbac::Permission>(
        &mut self,
        _permit: &Permit<P>,
    ) -> StoreResult<Vec<RoleView>> {
        let rows: Vec<RoleRow> = self.tx.rows(ListRoles { tenant: self.tenant, one: None }).await?;
        rows.into_iter().map(RoleView::try_from).collect()
    }

    /// The role `id`, as in the list, with what this transaction has changed.
    ///
    /// # Errors
    /// 404 when the tenant has no such role.
    pub async fn role_view<P: tryzore_rbac::Permission>(
        &mut self,
        _permit: &Permit<P>,
        id: RoleId,
    ) -> Result<RoleView, Problem> {
        let row: Option<RoleRow> = self.tx.row(ListRoles { tenant: self.tenant, one: Some(id) }).await?;
        Ok(row.ok_or_else(|| Problem::not_found("role"))?.try_into()?)
    }

    /// The overrides for `user` that apply everywhere or where the caller manages roles; `None` for a user
    /// whom the caller does not see ([`is_in_reach`]).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn override_list(
        &mut self,
        permit: &Permit<ManageRoles>,
        user: UserId,
    ) -> StoreResult<Option<Vec<OverrideView>>> {
        let holdings = self.holdings_of(user).await?;
        if !is_in_reach(permit, &holdings) {
            return Ok(None);
        }
        let of_user = overrides::table
            .filter(overrides::tenant_id.eq(self.tenant))
            .filter(overrides::user_id.eq(user))
            .select((
                overrides::user_id,
                overrides::pattern,
                overrides::effect,
                overrides::organization_id,
                overrides::reason,
                overrides::created_at,
                overrides::expires_at,
            ))
            .order((overrides::created_at, overrides::id));
        let rows: Vec<OverrideColumns> = self.tx.rows(of_user).await?;
        let view =
            |(user, pattern, effect, organization, reason, created_at, expires_at): OverrideColumns| {
                let is_expired = expires_at.is_some_and(|end| end <= self.now);
                OverrideView {
                    user_id: user,
                    pattern,
                    effect,
                    organization_id: organization,
                    reason,
                    created_at,
                    expires_at,
                    is_expired,
                }
            };
        let seen = |row: &OverrideView| row.organization_id.is_none_or(|at| permit.reach().covers(at));
        Ok(Some(rows.into_iter().map(view).filter(seen).collect()))
    }
}
