//! Roles and overrides, as administration shows them.

use crate::{TenantTx, statement, tenancy::rows::document};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use serde::Serialize;
use tryzore_kernel::{OrganizationId, RoleId, StoreResult, TenantId, UserId};
use tryzore_rbac::{
    Pattern, Permit,
    catalogue::ManageRoles,
    manage::{
        HoldingsStore, is_in_reach,
        role::{expand, names},
    },
};
use tryzore_schema::rbac::overrides;
use utoipa::ToSchema;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoleView {
    /// Its id.
    pub id: RoleId,
    /// The key of the preset that it is.
    pub preset: Option<String>,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `owned`, `organization` or `subtree`.
    pub scope: String,
    /// What it holds, with wildcards.
    pub patterns: Vec<String>,
    /// What it gives, one by one: what an inviter reviews.
    pub permissions: Vec<&'static str>,
    /// Whether it is the tenant's own and can be changed.
    pub is_editable: bool,
    /// How many people have it.
    pub holders: i64,
    /// For `If-Match`.
    pub version: i32,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A permission that was given or taken by an override.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, ToSchema)]
pub struct OverrideView {
    /// Whose.
    pub user: UserId,
    /// A slug or a wildcard.
    pub pattern: String,
    /// `allow` or `deny`.
    pub effect: String,
    /// Where; everywhere when null.
    pub organization: Option<OrganizationId>,
    /// Why.
    pub reason: String,
    /// When it was set.
    pub created_at: DateTime<Utc>,
}

statement! {
    struct ListRoles { tenant: TenantId => sql_types::Uuid }
    "SELECT r.id, r.preset, r.name, r.description, r.scope, r.is_editable, r.version, r.updated_at,
            (SELECT coalesce(jsonb_agg(p.pattern ORDER BY p.pattern), '[]') FROM rbac.role_permissions p
             WHERE p.tenant_id = $1 AND p.role_id = r.id) AS patterns,
            (SELECT count(DISTINCT a.user_id) FROM rbac.assignments a
             WHERE a.tenant_id = $1 AND a.role_id = r.id) AS holders
     FROM rbac.roles r WHERE r.tenant_id = $1
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

impl TenantTx {
    /// The roles of the tenant: the presets first, then its own, in the order in which they were
    /// made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn role_list<P: tryzore_rbac::Permission>(
        &mut self,
        _permit: &Permit<P>,
    ) -> StoreResult<Vec<RoleView>> {
        let rows: Vec<RoleRow> = self.tx.rows(ListRoles { tenant: self.tenant }).await?;
        let view = |row: RoleRow| {
            let patterns: Vec<String> = document("role_permissions.pattern", row.patterns)?;
            let known: Vec<Pattern> = patterns.iter().filter_map(|text| text.parse().ok()).collect();
            Ok(RoleView {
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
        };
        rows.into_iter().map(view).collect()
    }

    /// What was given to or taken from `user` by hand, everywhere and where the caller manages roles;
    /// none for someone whom the caller does not see ([`is_in_reach`]).
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
            ))
            .order((overrides::created_at, overrides::id));
        let rows: Vec<OverrideView> = self.tx.rows(of_user).await?;
        let seen = |row: &OverrideView| row.organization.is_none_or(|at| permit.reach().covers(at));
        Ok(Some(rows.into_iter().filter(seen).collect()))
    }
}
