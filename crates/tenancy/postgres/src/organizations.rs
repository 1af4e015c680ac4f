//! Storing locations, and reading their future bookings.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, prelude::*, sql_types};
use tryzore_kernel::{OrganizationId, StoreResult, TenantId};
use tryzore_postgres::{
    column::{from_text, parsed},
    statement,
};
use tryzore_rbac::OrganizationNode;
use tryzore_schema::tenancy::{organization_settings, organizations};
use tryzore_tenancy::{Commitments, Organization, Organizations, Schedule};

#[derive(HasQuery)]
#[diesel(table_name = organizations)]
struct OrganizationRow {
    id: OrganizationId,
    parent_id: Option<OrganizationId>,
    name: String,
    address: Option<String>,
    time_zone: String,
    currency: String,
    jurisdiction: String,
    plan_tier: String,
    is_franchise_location: bool,
    stripe_account_id: Option<String>,
    stripe_tax_configured: bool,
    #[diesel(select_expression = organizations::kisi_api_key_encrypted.is_not_null())]
    has_doors: bool,
    status: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl OrganizationRow {
    fn organization(self) -> StoreResult<Organization> {
        Ok(Organization {
            id: self.id,
            parent: self.parent_id,
            name: self.name,
            address: self.address,
            zone: parsed("organizations.time_zone", &self.time_zone)?,
            currency: parsed("organizations.currency", &self.currency)?,
            jurisdiction: self.jurisdiction,
            plan_tier: from_text(&self.plan_tier)?,
            is_franchise_location: self.is_franchise_location,
            stripe_account_id: self.stripe_account_id,
            stripe_tax_configured: self.stripe_tax_configured,
            has_doors: self.has_doors,
            status: from_text(&self.status)?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

statement! {
    /// Every change of a tenant's tree locks the row of the tenant, so what the rest of the round trip
    /// reads is protected by that lock.
    struct LockTree { tenant: TenantId => sql_types::Uuid }
    "SELECT id FROM tenancy.tenants WHERE id = $1 FOR NO KEY UPDATE"
}

impl Organizations for TenancyStore<'_> {
    async fn tree_lock(&mut self) -> StoreResult<Vec<OrganizationNode>> {
        self.tx.defer(LockTree { tenant: self.tenant });
        let rows: Vec<(OrganizationId, Option<OrganizationId>)> = self
            .tx
            .rows(
                organizations::table
                    .filter(organizations::tenant_id.eq(self.tenant))
                    .filter(organizations::status.ne("closed"))
                    .select((organizations::id, organizations::parent_id)),
            )
            .await?;
        Ok(rows.into_iter().map(|(organization, parent)| OrganizationNode { organization, parent }).collect())
    }

    async fn organization_lock(&mut self, id: OrganizationId) -> StoreResult<Option<Organization>> {
        let of_id = OrganizationRow::query()
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(id));
        let row: Option<OrganizationRow> = self.tx.row(of_id.for_no_key_update()).await?;
        row.map(OrganizationRow::organization).transpose()
    }

    async fn organization_insert(&mut self, organization: &Organization) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(organizations::table).values((
            organizations::tenant_id.eq(self.tenant),
            organizations::id.eq(organization.id),
            organizations::parent_id.eq(organization.parent),
            organizations::name.eq(organization.name.clone()),
            organizations::address.eq(organization.address.clone()),
            organizations::time_zone.eq(organization.zone.name()),
            organizations::currency.eq(organization.currency.code()),
            organizations::jurisdiction.eq(organization.jurisdiction.clone()),
            organizations::plan_tier.eq(organization.plan_tier.as_str()),
            organizations::is_franchise_location.eq(organization.is_franchise_location),
            organizations::status.eq(organization.status.as_str()),
            organizations::version.eq(organization.version),
            organizations::created_at.eq(organization.created_at),
            organizations::updated_at.eq(organization.updated_at),
        )));
        self.tx.defer(diesel::insert_into(organization_settings::table).values((
            organization_settings::tenant_id.eq(self.tenant),
            organization_settings::organization_id.eq(organization.id),
            organization_settings::updated_at.eq(organization.created_at),
        )));
        Ok(())
    }

    async fn organization_update(&mut self, organization: &Organization) -> StoreResult<()> {
        let of_id = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(organization.id));
        self.tx.defer(diesel::update(of_id).set((
            organizations::parent_id.eq(organization.parent),
            organizations::name.eq(organization.name.clone()),
            organizations::address.eq(organization.address.clone()),
            organizations::time_zone.eq(organization.zone.name()),
            organizations::jurisdiction.eq(organization.jurisdiction.clone()),
            organizations::plan_tier.eq(organization.plan_tier.as_str()),
            organizations::is_franchise_location.eq(organization.is_franchise_location),
            organizations::stripe_account_id.eq(organization.stripe_account_id.clone()),
            organizations::stripe_tax_configured.eq(organization.stripe_tax_configured),
            organizations::status.eq(organization.status.as_str()),
            organizations::version.eq(organization.version),
            organizations::updated_at.eq(organization.updated_at),
        )));
        Ok(())
    }
}

statement! {
    /// Locks every event that may still be booked, as a booking locks it: this transaction waits for
    /// running bookings, and later bookings see its result. The order of the ids is the same everywhere. A
    /// transaction that creates an event locks the location itself.
    struct LockSchedule { tenant: TenantId => sql_types::Uuid, organization: OrganizationId => sql_types::Uuid }
    "SELECT id FROM events.events
     WHERE tenant_id = $1 AND organization_id = $2 AND status IN ('scheduled', 'confirmed', 'in_progress')
     ORDER BY id FOR NO KEY UPDATE"
}

statement! {
    struct ReadCommitments {
        tenant: TenantId => sql_types::Uuid,
        organization: OrganizationId => sql_types::Uuid,
        now: DateTime<Utc> => sql_types::Timestamptz,
    }
    "SELECT count(*) AS events, coalesce(sum(spots_booked), 0)::bigint AS bookings, max(ends_at) AS last_ends_at
     FROM events.events
     WHERE tenant_id = $1 AND organization_id = $2 AND ends_at > $3 AND spots_booked > 0
       AND status IN ('scheduled', 'confirmed', 'in_progress')"
}

#[derive(QueryableByName)]
struct CommitmentsRow {
    #[diesel(sql_type = sql_types::BigInt)]
    events: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    bookings: i64,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    last_ends_at: Option<DateTime<Utc>>,
}

impl Schedule for TenancyStore<'_> {
    async fn schedule_commitments(
        &mut self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> StoreResult<Commitments> {
        self.tx.defer(LockSchedule { tenant: self.tenant, organization });
        let row: Option<CommitmentsRow> =
            self.tx.row(ReadCommitments { tenant: self.tenant, organization, now }).await?;
        Ok(row.map_or_else(Commitments::default, |row| Commitments {
            events: u32::try_from(row.events).unwrap_or(u32::MAX),
            bookings: u32::try_from(row.bookings).unwrap_or(u32::MAX),
            last_ends_at: row.last_ends_at,
        }))
    }
}
