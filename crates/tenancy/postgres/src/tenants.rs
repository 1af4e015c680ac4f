//! Storing tenants, in any transaction, and the actions of operators in the audit trail of a tenant.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_kernel::{AuditEntry, AuditId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{corrupt, from_text, json, parsed},
    scopes::AllTenants,
    scopes::Scope,
};
use tryzore_schema::{governance::audit_log, tenancy::tenants};
use tryzore_tenancy::{Tenant, TenantStatus, TenantTrail, Tenants, tenant::StatusChange};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct TenantRow {
    id: TenantId,
    name: String,
    status: String,
    turned_at: Option<DateTime<Utc>>,
    turned_by: Option<UserId>,
    turned_because: Option<String>,
    contact_email: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TenantRow {
    fn tenant(self) -> StoreResult<Tenant> {
        Ok(Tenant {
            id: self.id,
            name: self.name,
            status: from_text(&self.status)?,
            status_change: match (self.turned_at, self.turned_by, self.turned_because) {
                (None, None, None) => None,
                (Some(at), Some(by), Some(because)) => Some(StatusChange { at, by, because }),
                _ => return Err(corrupt("tenants.turned_at")),
            },
            contact_email: parsed("tenants.contact_email", &self.contact_email)?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl<S: Scope> Tenants for TenancyStore<'_, S> {
    async fn tenant_find(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        let row: Option<TenantRow> =
            self.tx.row(tenants::table.find(id).select(TenantRow::as_select())).await?;
        row.map(TenantRow::tenant).transpose()
    }

    async fn tenant_lock(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        let held = tenants::table.find(id).select(TenantRow::as_select()).for_no_key_update();
        let row: Option<TenantRow> = self.tx.row(held).await?;
        row.map(TenantRow::tenant).transpose()
    }

    async fn tenant_insert(&mut self, tenant: &Tenant) -> StoreResult<()> {
        let status_change = tenant.status_change.as_ref();
        self.tx.defer(diesel::insert_into(tenants::table).values(TenantRow {
            id: tenant.id,
            name: tenant.name.clone(),
            status: tenant.status.as_str().into(),
            turned_at: status_change.map(|status_change| status_change.at),
            turned_by: status_change.map(|status_change| status_change.by),
            turned_because: status_change.map(|status_change| status_change.because.clone()),
            contact_email: tenant.contact_email.to_string(),
            version: tenant.version,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
        }));
        Ok(())
    }

    async fn tenant_set_status(&mut self, tenant: &Tenant) -> StoreResult<()> {
        let status_change = tenant.status_change.as_ref();
        self.tx.defer(diesel::update(tenants::table.find(tenant.id)).set((
            tenants::status.eq(tenant.status.as_str()),
            tenants::turned_at.eq(status_change.map(|status_change| status_change.at)),
            tenants::turned_by.eq(status_change.map(|status_change| status_change.by)),
            tenants::turned_because.eq(status_change.map(|status_change| status_change.because.clone())),
            tenants::version.eq(tenant.version),
            tenants::updated_at.eq(tenant.updated_at),
        )));
        Ok(())
    }
}

impl TenantTrail for TenancyStore<'_, AllTenants> {
    async fn trail_append(&mut self, tenant: TenantId, entry: AuditEntry) -> StoreResult<()> {
        // Without address and user agent of the operator: only the platform's own log has them.
        self.tx.defer(diesel::insert_into(audit_log::table).values((
            audit_log::tenant_id.eq(tenant),
            audit_log::id.eq(AuditId::generate(self.now)),
            audit_log::actor.eq(json(&self.actor)?),
            audit_log::action.eq(entry.action),
            audit_log::target_id.eq(entry.target),
            audit_log::organization_ids.eq(entry.organizations),
            audit_log::details.eq(entry.details),
            audit_log::at.eq(self.now),
        )));
        Ok(())
    }
}

impl TenancyStore<'_, AllTenants> {
    /// The deleted ones among `tenants`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_deleted(&mut self, mut tenants: Vec<TenantId>) -> StoreResult<Vec<TenantId>> {
        tenants.sort_unstable();
        tenants.dedup();
        if tenants.is_empty() {
            return Ok(tenants);
        }
        let deleted = tenants::table
            .filter(tenants::id.eq_any(tenants))
            .filter(tenants::status.eq(TenantStatus::Deleted.as_str()))
            .select(tenants::id);
        self.tx.rows(deleted).await
    }
}
