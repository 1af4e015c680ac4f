//! Tenants as operators see them (TEN-04): owners, status, and the names of the locations. Operators can
//! read nothing else of a tenant: the database refuses it.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tryzore_kernel::{AuditEntry, Journal, Limit, OwnerAccountId, Page, StoreResult, TenantId, UserId};
use tryzore_postgres::{column::document, scopes::AllTenants, statement};
use tryzore_tenancy::TenantStatus;
use utoipa::ToSchema;

/// The filter of the list of tenants.
#[derive(Debug, Clone, Default)]
pub struct TenantFilter {
    /// Only tenants with this status; `None` means all but the deleted ones.
    pub status: Option<TenantStatus>,
    /// The start of the name, regardless of case.
    pub name: Option<String>,
}

/// The position where a page of the list starts: after the tenant with this name and id.
pub type TenantKey = (String, TenantId);

/// A tenant in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct TenantLine {
    /// The id of the tenant.
    #[diesel(sql_type = Uuid)]
    pub id: TenantId,
    /// The name of the tenant.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The status: `active`, `suspended` or `deleted`.
    #[diesel(sql_type = Text)]
    #[schema(value_type = tryzore_tenancy::TenantStatus)]
    pub status: String,
    /// When the tenant got its current status.
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    /// The address that the platform writes to.
    #[diesel(sql_type = Text)]
    pub contact_email: String,
    /// The plans of the open locations, without duplicates: `enterprise`, `free`, `pro`.
    #[diesel(sql_type = Array<Text>)]
    pub plan_tiers: Vec<String>,
    /// The number of open locations.
    #[diesel(sql_type = BigInt)]
    pub locations: i64,
    /// The version to send in `If-Match`.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// When the tenant was opened.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// The operator who last changed the status of a tenant, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusChangedBy {
    /// The operator.
    pub user_id: UserId,
    /// The name of the operator; null for an operator who was dismissed.
    pub name: Option<String>,
    /// The reason.
    pub because: String,
}

/// An owner of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantOwner {
    /// The id of the owner account.
    pub id: OwnerAccountId,
    /// The name of the owner.
    pub name: String,
    /// The email address of the owner.
    pub email: String,
    /// The highest role of the account at the locations: `owner`, `partner` or `viewer`.
    #[schema(value_type = crate::shapes::OwnerRole)]
    pub role: String,
}

/// A tenant with its owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TenantDetail {
    /// The fields of the list.
    #[serde(flatten)]
    pub tenant: TenantLine,
    /// The last change of the status; null when the status never changed.
    pub status_change: Option<StatusChangedBy>,
    /// The owners, by name.
    pub owners: Vec<TenantOwner>,
    /// The names of the open locations, sorted.
    pub location_names: Vec<String>,
}

/// The columns of a list row for the tenant `t`.
macro_rules! line {
    () => {
        "t.id, t.name, t.status, coalesce(t.turned_at, t.created_at) AS since, t.contact_email, t.version,
         t.created_at, o.locations, o.plan_tiers
     FROM tenancy.tenants t
     CROSS JOIN LATERAL (
         SELECT count(*) AS locations,
                coalesce(array_agg(DISTINCT plan_tier ORDER BY plan_tier), '{}') AS plan_tiers
         FROM tenancy.organizations WHERE tenant_id = t.id AND status <> 'closed') o "
    };
}

statement! {
    struct ListTenants {
        status: Option<&'static str> => Nullable<Text>,
        start: Option<String> => Nullable<Text>,
        name: Option<String> => Nullable<Text>,
        id: Option<TenantId> => Nullable<Uuid>,
        rows: i64 => BigInt,
    }
    concat!("SELECT ", line!(),
     "WHERE CASE WHEN $1 IS NULL THEN t.status <> 'deleted' ELSE t.status = $1 END
       AND ($2 IS NULL OR starts_with(lower(t.name), lower($2)))
       AND ($3 IS NULL OR (lower(t.name), t.id) > (lower($3), $4))
     ORDER BY lower(t.name), t.id
     LIMIT $5")
}

statement! {
    struct OpenTenant { id: TenantId => Uuid }
    concat!("SELECT t.turned_by, t.turned_because,
         (SELECT n.name FROM platform.operator_names n WHERE n.user_id = t.turned_by) AS operator_name,
         ARRAY (SELECT p.name FROM tenancy.organizations p
                WHERE p.tenant_id = t.id AND p.status <> 'closed' ORDER BY p.name, p.id) AS location_names,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'id', a.id, 'name', a.name, 'email', a.email, 'role', held.role)
                       ORDER BY lower(a.name), a.id)
                   FROM (SELECT oo.owner_account_id, min(oo.role) AS role FROM tenancy.owner_organizations oo
                         WHERE oo.tenant_id = t.id GROUP BY oo.owner_account_id) held
                   JOIN tenancy.owner_accounts a ON a.id = held.owner_account_id), '[]') AS owners, ",
     line!(), "WHERE t.id = $1")
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct OpenedRow {
    #[diesel(embed)]
    tenant: TenantLine,
    #[diesel(sql_type = Nullable<Uuid>)]
    turned_by: Option<UserId>,
    #[diesel(sql_type = Nullable<Text>)]
    turned_because: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    operator_name: Option<String>,
    #[diesel(sql_type = Jsonb)]
    owners: Value,
    #[diesel(sql_type = Array<Text>)]
    location_names: Vec<String>,
}

impl OpenedRow {
    fn detail(self) -> StoreResult<TenantDetail> {
        let (by, because) = (self.turned_by, self.turned_because);
        let status_change = by.zip(because);
        Ok(TenantDetail {
            status_change: status_change.map(|(user_id, because)| StatusChangedBy {
                user_id,
                name: self.operator_name,
                because,
            }),
            owners: document("owner_accounts", self.owners)?,
            location_names: self.location_names,
            tenant: self.tenant,
        })
    }
}

impl TenancyStore<'_, AllTenants> {
    /// The tenants that match `filter`, by name. `after` is the key of the last row of the previous page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_list(
        &mut self,
        filter: TenantFilter,
        after: Option<TenantKey>,
        limit: Limit,
    ) -> StoreResult<Page<TenantLine>> {
        let (name, id) = after.unzip();
        let status = filter.status.map(TenantStatus::as_str);
        let list = ListTenants { status, start: filter.name, name, id, rows: limit.fetch_limit() };
        let rows = self.tx.rows(list).await?;
        Ok(Page::from_rows(rows, limit, |row: &TenantLine| (row.name.clone(), row.id)))
    }

    /// The tenant `id`, also a deleted one. Reading it is recorded in the audit trail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_open(&mut self, id: TenantId) -> StoreResult<Option<TenantDetail>> {
        let Some(detail) = self.tenant_detail(id).await? else { return Ok(None) };
        self.audit_append(AuditEntry {
            action: "tenants.open",
            target: id.uuid(),
            subject: None,
            organizations: Vec::new(),
            details: json!({}),
        });
        Ok(Some(detail))
    }

    /// The tenant `id`, for the answer to a command that is recorded itself, with what this transaction has
    /// changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_detail(&mut self, id: TenantId) -> StoreResult<Option<TenantDetail>> {
        let row: Option<OpenedRow> = self.tx.row(OpenTenant { id }).await?;
        row.map(OpenedRow::detail).transpose()
    }
}
