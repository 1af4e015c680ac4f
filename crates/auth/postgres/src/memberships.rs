//! Where users belong. The list of tenants is global; the holdings of a user in a tenant are read inside
//! that tenant.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{Nullable, Text, Timestamptz, Uuid},
};
use tryzore_auth::{Membership, Memberships, Suspension, acting::KnownPerson};
use tryzore_kernel::{OrganizationId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    operators::operator_rights,
    scopes::{NoTenant, Scope},
    statement,
    tx::Tx,
};
use tryzore_rbac::{Holdings, OrganizationNode, PlatformSlug, manage::HoldingsStore};
use tryzore_rbac_postgres::Rbac;
use tryzore_schema::tenancy::tenants;

statement! {
    /// Each with its last session, which determines where a new session starts.
    struct ReadMemberships { user: UserId => Uuid }
    "SELECT m.tenant_id, t.name, m.home_organization_id, s.last_active, s.organization_id
     FROM tenancy.memberships m
     JOIN tenancy.tenants t ON t.id = m.tenant_id AND t.status = 'active'
     LEFT JOIN LATERAL (
         SELECT s.last_active, s.organization_id FROM identity.sessions s
         WHERE s.user_id = m.user_id AND s.tenant_id = m.tenant_id AND s.acting_reason IS NULL
         ORDER BY s.last_active DESC LIMIT 1) s ON true
     WHERE m.user_id = $1
     ORDER BY m.since, m.tenant_id"
}

statement! {
    /// One round trip, however many tenants there are.
    struct ReadTenantsOfUser { user: UserId => Uuid }
    "SELECT t AS tenant_id FROM tenancy.tenants_of_user($1) AS t"
}

statement! {
    /// Whether the user still belongs to the tenant, and as what, is read from the holdings.
    struct ReadSuspensions { user: UserId => Uuid }
    "SELECT m.tenant_id, t.turned_at, t.turned_because
     FROM tenancy.memberships m
     JOIN tenancy.tenants t ON t.id = m.tenant_id AND t.status = 'suspended'
     WHERE m.user_id = $1
     ORDER BY m.since, m.tenant_id"
}

statement! {
    /// The record of an employee counts before that of a client.
    struct ReadPerson { tenant: TenantId => Uuid, user: UserId => Uuid }
    "SELECT e.name, e.email FROM tenancy.employees e WHERE e.tenant_id = $1 AND e.user_id = $2
     UNION ALL
     SELECT c.given_name || ' ' || c.family_name, c.email FROM crm.clients c
     WHERE c.tenant_id = $1 AND c.user_id = $2
     LIMIT 1"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct PersonRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct TenantRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct SuspensionRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Timestamptz)]
    turned_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    turned_because: Option<String>,
}

impl SuspensionRow {
    /// The suspension as it is reported to a user who holds `held` at the tenant.
    fn told(self, held: &Holdings) -> Suspension {
        let because = self.turned_because.filter(|_| !held.owned.is_empty());
        Suspension { tenant: self.tenant_id, at: self.turned_at, because }
    }
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct MembershipRow {
    #[diesel(sql_type = Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    home_organization_id: Option<OrganizationId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_active: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Uuid>)]
    organization_id: Option<OrganizationId>,
}

impl<S: Scope> AuthStore<'_, S> {
    async fn membership_rows(&mut self, user: UserId) -> StoreResult<Vec<Membership>> {
        let rows: Vec<MembershipRow> = self.tx.rows(ReadMemberships { user }).await?;
        let membership = |row: MembershipRow| Membership {
            tenant: row.tenant_id,
            name: row.name,
            last_used_at: row.last_active,
            last_organization: row.organization_id,
            home: row.home_organization_id,
        };
        Ok(rows.into_iter().map(membership).collect())
    }
}

impl Memberships for AuthStore<'_, NoTenant> {
    async fn membership_list(&mut self, user: UserId) -> StoreResult<Vec<Membership>> {
        let rows = self.membership_rows(user).await?;
        // Nearly everyone belongs to one tenant, and their holdings there are checked later anyway. With
        // several tenants, the user may have left one, as an archived client: that one must not be chosen.
        if rows.len() < 2 {
            return Ok(rows);
        }
        let current: Vec<TenantRow> = self.tx.rows(ReadTenantsOfUser { user }).await?;
        let is_current = |row: &Membership| current.iter().any(|found| found.tenant_id == row.tenant);
        Ok(rows.into_iter().filter(is_current).collect())
    }

    async fn holdings_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<Holdings>> {
        self.rbac().holdings_load(tenant, user).await
    }

    async fn locations_find(&mut self, tenant: TenantId) -> StoreResult<Option<Vec<OrganizationNode>>> {
        self.rbac().locations_load(tenant).await
    }

    async fn person_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<KnownPerson>> {
        let row = self.tx.within(tenant, async |tx| tx.row(ReadPerson { tenant, user }).await).await?;
        Ok(row.map(|PersonRow { name, email }| KnownPerson { name, email }))
    }

    async fn is_supporter(&mut self, user: UserId) -> StoreResult<bool> {
        is_supporter(self.tx, user).await
    }

    async fn suspension_list(&mut self, user: UserId) -> StoreResult<Vec<Suspension>> {
        let rows: Vec<SuspensionRow> = self.tx.rows(ReadSuspensions { user }).await?;
        let tenants = rows.iter().map(|row| row.tenant_id).collect();
        let held = self.rbac().holdings_in(tenants, user).await?;
        let suspended = rows.into_iter().filter_map(|row| {
            let held = held.iter().find(|held| held.tenant == row.tenant_id)?;
            Some(row.told(&held.holdings))
        });
        Ok(suspended.collect())
    }
}

impl Memberships for AuthStore<'_> {
    async fn membership_list(&mut self, user: UserId) -> StoreResult<Vec<Membership>> {
        self.membership_rows(user).await
    }

    async fn holdings_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<Holdings>> {
        if tenant != self.tenant {
            return Ok(None);
        }
        let open = tenants::table.find(tenant).filter(tenants::status.eq("active")).select(tenants::id);
        if self.tx.row::<_, TenantId>(open).await?.is_none() {
            return Ok(None);
        }
        let holdings = self.rbac().holdings_of(user).await?;
        let belongs = holdings.is_client || !holdings.assignments.is_empty() || !holdings.owned.is_empty();
        Ok(Some(holdings).filter(|_| belongs))
    }

    async fn locations_find(&mut self, tenant: TenantId) -> StoreResult<Option<Vec<OrganizationNode>>> {
        if tenant != self.tenant {
            return Ok(None);
        }
        Ok(Some(self.rbac().organization_tree().await?))
    }

    async fn person_find(&mut self, user: UserId, tenant: TenantId) -> StoreResult<Option<KnownPerson>> {
        let row = self.tx.row(ReadPerson { tenant, user }).await?;
        Ok(row.map(|PersonRow { name, email }| KnownPerson { name, email }))
    }

    async fn is_supporter(&mut self, user: UserId) -> StoreResult<bool> {
        is_supporter(self.tx, user).await
    }

    // The transaction cannot read the user's holdings in other tenants than its own.
    async fn suspension_list(&mut self, user: UserId) -> StoreResult<Vec<Suspension>> {
        let rows: Vec<SuspensionRow> = self.tx.rows(ReadSuspensions { user }).await?;
        let Some(row) = rows.into_iter().find(|row| row.tenant_id == self.tenant) else {
            return Ok(Vec::new());
        };
        let held = self.rbac().holdings_of(user).await?;
        Ok(vec![row.told(&held)])
    }
}

async fn is_supporter(tx: &mut Tx, user: UserId) -> StoreResult<bool> {
    let rights = operator_rights(tx, user).await?;
    Ok(rights.is_some_and(|rights| rights.held().contains(&PlatformSlug::RequestSupportAccess)))
}
