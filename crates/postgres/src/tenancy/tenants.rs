//! Tenants, in any transaction.

use super::rows::{parsed, word};
use crate::{Scoped, doors::Scope};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use tryzore_kernel::{StoreResult, TenantId};
use tryzore_schema::tenancy::tenants;
use tryzore_tenancy::{Tenant, Tenants};

#[derive(Queryable, Insertable)]
#[diesel(table_name = tenants)]
struct TenantRow {
    id: TenantId,
    name: String,
    status: String,
    contact_email: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TenantRow {
    fn tenant(self) -> StoreResult<Tenant> {
        Ok(Tenant {
            id: self.id,
            name: self.name,
            status: word(&self.status)?,
            contact_email: parsed("tenants.contact_email", &self.contact_email)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl<S: Scope> Tenants for Scoped<S> {
    async fn tenant_lock(&mut self, id: TenantId) -> StoreResult<Option<Tenant>> {
        let row: Option<TenantRow> = self.tx.row(tenants::table.find(id).for_no_key_update()).await?;
        row.map(TenantRow::tenant).transpose()
    }

    async fn tenant_insert(&mut self, tenant: &Tenant) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(tenants::table).values(TenantRow {
            id: tenant.id,
            name: tenant.name.clone(),
            status: tenant.status.as_str().into(),
            contact_email: tenant.contact_email.to_string(),
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
        }));
        Ok(())
    }

    async fn tenant_update(&mut self, tenant: &Tenant) -> StoreResult<()> {
        self.tx.defer(diesel::update(tenants::table.find(tenant.id)).set((
            tenants::name.eq(tenant.name.clone()),
            tenants::status.eq(tenant.status.as_str()),
            tenants::contact_email.eq(tenant.contact_email.to_string()),
            tenants::updated_at.eq(tenant.updated_at),
        )));
        Ok(())
    }
}
