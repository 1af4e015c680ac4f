//! What employees hold and when they last used it, for a review of access.

use crate::{RbacStore, holdings::HeldDocuments};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use serde::Deserialize;
use serde_json::Value;
use tryzore_kernel::{Cursor, Limit, OrganizationId, Page, Problem, StoreResult, TenantId, UserId};
use tryzore_postgres::{column::document, statement};
use tryzore_rbac::{
    Holdings, OrganizationNode, Permit, Slug, catalogue::ManageRoles, manage::HoldingsStore, usage::Use,
};
use tryzore_schema::tenancy::organizations;

statement! {
    /// Employees after `name` and `user` with a role at one of `reach` (null means everywhere), ended or not.
    struct ListReviewed {
        tenant: TenantId => sql_types::Uuid,
        reach: Option<Vec<OrganizationId>> => sql_types::Nullable<sql_types::Array<sql_types::Uuid>>,
        name: Option<String> => sql_types::Nullable<sql_types::Text>,
        user: Option<UserId> => sql_types::Nullable<sql_types::Uuid>,
        rows: i64 => sql_types::BigInt,
    }
    "SELECT e.user_id, e.name,
         coalesce((SELECT jsonb_agg(jsonb_build_object('organization', oo.organization_id, 'role', oo.role))
                   FROM tenancy.owner_accounts oa
                   JOIN tenancy.owner_organizations oo ON oo.tenant_id = $1 AND oo.owner_account_id = oa.id
                   WHERE oa.user_id = e.user_id), '[]') AS owned,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'role', r.id, 'name', r.name, 'scope', r.scope, 'organization', a.organization_id,
                       'expires_at', a.expires_at,
                       'patterns', (SELECT coalesce(jsonb_agg(p.pattern), '[]') FROM rbac.role_permissions p
                                    WHERE p.tenant_id = $1 AND p.role_id = r.id)) ORDER BY a.organization_id)
                   FROM rbac.assignments a
                   JOIN rbac.roles r ON r.tenant_id = $1 AND r.id = a.role_id
                   WHERE a.tenant_id = $1 AND a.user_id = e.user_id), '[]') AS assignments,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'pattern', v.pattern, 'effect', v.effect, 'organization', v.organization_id,
                       'expires_at', v.expires_at) ORDER BY v.created_at, v.id)
                   FROM rbac.overrides v
                   WHERE v.tenant_id = $1 AND v.user_id = e.user_id), '[]') AS overrides,
         coalesce((SELECT jsonb_agg(jsonb_build_object('slug', u.slug, 'day', u.last_used_on))
                   FROM rbac.permission_use u
                   WHERE u.tenant_id = $1 AND u.user_id = e.user_id), '[]') AS used,
         (SELECT max(s.created_at) FROM identity.sessions s
          WHERE s.user_id = e.user_id AND s.tenant_id = $1 AND s.acting_reason IS NULL) AS last_sign_in_at
     FROM tenancy.employees e
     WHERE e.tenant_id = $1
       AND ($2 IS NULL OR EXISTS (
           SELECT FROM rbac.assignments a
           WHERE a.tenant_id = $1 AND a.user_id = e.user_id AND a.organization_id = ANY ($2)))
       AND ($3 IS NULL OR (lower(e.name), e.user_id) > (lower($3), $4))
     ORDER BY lower(e.name), e.user_id
     LIMIT $5"
}

#[derive(QueryableByName)]
struct ReviewedRow {
    #[diesel(sql_type = sql_types::Uuid)]
    user_id: UserId,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::Jsonb)]
    owned: Value,
    #[diesel(sql_type = sql_types::Jsonb)]
    assignments: Value,
    #[diesel(sql_type = sql_types::Jsonb)]
    overrides: Value,
    #[diesel(sql_type = sql_types::Jsonb)]
    used: Value,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    last_sign_in_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct UseDocument {
    slug: String,
    day: NaiveDate,
}

/// An employee whose access is reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// The user.
    pub user: UserId,
    /// The name of the employee.
    pub name: String,
    /// What they hold now, and what has ended.
    pub holdings: Holdings,
    /// When they last used their permissions.
    pub used: Use,
    /// When they last signed in to this tenant. Sessions are kept for 90 days after they have ended.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

impl ReviewedRow {
    fn reviewed(self, tree: &[OrganizationNode], now: DateTime<Utc>) -> StoreResult<Reviewed> {
        let held =
            HeldDocuments { owned: self.owned, assignments: self.assignments, overrides: self.overrides };
        let used: Vec<UseDocument> = document("permission_use", self.used)?;
        // A permission that the product no longer has is left out.
        let used = used.into_iter().filter_map(|used| Some((Slug::find(&used.slug)?, used.day)));
        Ok(Reviewed {
            user: self.user_id,
            name: self.name,
            holdings: held.holdings(tree, now)?,
            used: Use::new(used.collect()),
            last_sign_in_at: self.last_sign_in_at,
        })
    }
}

impl RbacStore<'_> {
    /// A page of the employees who have or had a role where the caller manages roles, by name.
    ///
    /// # Errors
    /// 400 for a cursor of another list.
    pub async fn reviewed_list(
        &mut self,
        permit: &Permit<ManageRoles>,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<Reviewed>, Problem> {
        let after: Option<(String, UserId)> = cursor.map(Cursor::decode).transpose()?;
        let (name, user) = after.unzip();
        let tree = self.organization_tree().await?;
        let list = ListReviewed {
            tenant: self.tenant,
            reach: permit.reach().filter().map(<[_]>::to_vec),
            name,
            user,
            rows: limit.fetch_limit(),
        };
        let rows: Vec<ReviewedRow> = self.tx.rows(list).await?;
        let reviewed = rows.into_iter().map(|row| row.reviewed(&tree, self.now));
        let reviewed = reviewed.collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::from_rows(reviewed, limit, |one| (one.name.clone(), one.user)))
    }

    /// The names of all locations, closed ones included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn location_names(
        &mut self,
        _permit: &Permit<ManageRoles>,
    ) -> StoreResult<Vec<(OrganizationId, String)>> {
        let names = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .select((organizations::id, organizations::name));
        self.tx.rows(names).await
    }
}
