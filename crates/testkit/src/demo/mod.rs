//! The demo (TEN-18): a brand with three locations, their staff, clients, two weeks of classes and past
//! bookings.
//!
//! Written as rows, in one transaction of the database's owner: the rows that the product would have written
//! over some weeks. All accounts have the same password.

mod people;
mod schedule;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Serialize;
use std::error::Error;
use tokio_postgres::{NoTls, Transaction};
use tryzore_kernel::{OrganizationId, TenantId};
use tryzore_provider_password::Hasher;
use uuid::Uuid;

/// The password of every demo account.
pub const PASSWORD: &str = "tryzore-demo";

/// The error of writing the demo.
pub type DemoError = Box<dyn Error + Send + Sync>;

/// An account of the demo.
#[derive(Debug, Serialize)]
pub struct Account {
    /// The email address.
    pub email: String,
    /// The password.
    pub password: &'static str,
    /// The role of the person.
    pub role: String,
    /// The location, or what to try with this account.
    pub note: String,
}

/// The data that all parts of the demo share.
struct Demo<'a> {
    sql: &'a Transaction<'a>,
    tenant: TenantId,
    /// Main, Downtown, Westside: the second and third are below the first.
    locations: [(OrganizationId, &'static str); 3],
    now: DateTime<Utc>,
    password_hash: String,
}

/// Writes the demo into the migrated database at `url` (the owner's) and returns its accounts.
///
/// # Errors
/// When the database cannot be written, or has the demo already.
pub async fn write(url: &str, now: DateTime<Utc>) -> Result<Vec<Account>, DemoError> {
    let (mut client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let tenant = TenantId::generate(now);
    let sql = client.transaction().await?;
    sql.batch_execute(&format!("SET LOCAL app.tenant_id = '{}'", tenant.uuid())).await?;
    let demo = Demo {
        sql: &sql,
        tenant,
        locations: ["Main", "Downtown", "Westside"].map(|name| (OrganizationId::generate(now), name)),
        now,
        password_hash: Hasher::new(Vec::new()).hash(&SecretString::from(PASSWORD))?.as_str().to_owned(),
    };
    demo.brand().await?;
    let accounts = demo.people().await?;
    demo.schedule().await?;
    sql.commit().await?;
    Ok(accounts)
}

impl Demo<'_> {
    async fn brand(&self) -> Result<(), DemoError> {
        let (tenant, now) = (self.tenant.uuid(), self.now);
        self.sql
            .execute(
                "INSERT INTO tenancy.tenants (id, name, status, contact_email, created_at, updated_at)
                 VALUES ($1, 'Demo Fitness', 'active', 'owner@demo.com', $2, $2)",
                &[&tenant, &now],
            )
            .await?;
        let main = self.locations[0].0;
        for (id, name) in self.locations {
            let parent = (id != main).then(|| main.uuid());
            self.sql
                .execute(
                    "WITH o AS (
                         INSERT INTO tenancy.organizations (tenant_id, id, parent_id, name, address, time_zone,
                             currency, jurisdiction, plan_tier, is_franchise_location, created_at, updated_at)
                         VALUES ($1, $2, $3, $4, '1 Market Street', 'America/Los_Angeles', 'USD', 'CA', 'pro',
                             $3::uuid IS NOT NULL, $5, $5))
                     INSERT INTO tenancy.organization_settings (tenant_id, organization_id, business_hours, updated_at)
                     VALUES ($1, $2, '{}', $5)",
                    &[&tenant, &id.uuid(), &parent, &name, &now],
                )
                .await?;
        }
        for preset in tryzore_rbac::preset::PRESETS {
            let id = Uuid::from(tryzore_kernel::RoleId::generate(now));
            let scope = match preset.scope {
                tryzore_rbac::preset::PresetScope::Owned => "owned",
                tryzore_rbac::preset::PresetScope::Organization => "organization",
                tryzore_rbac::preset::PresetScope::Subtree => "subtree",
            };
            self.sql
                .execute(
                    "INSERT INTO rbac.roles
                         (tenant_id, id, preset, name, description, scope, is_editable, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, false, $7, $7)",
                    &[&tenant, &id, &preset.key, &preset.name, &preset.description, &scope, &now],
                )
                .await?;
            self.sql
                .execute(
                    "INSERT INTO rbac.role_permissions (tenant_id, role_id, pattern) SELECT $1, $2, unnest($3::text[])",
                    &[&tenant, &id, &preset.patterns],
                )
                .await?;
        }
        Ok(())
    }
}
