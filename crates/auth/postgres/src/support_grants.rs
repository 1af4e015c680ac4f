//! Requests for support access, and approvals (AUT-17): for the tenant, for the operator who asks, and for the
//! beginning of a session.

use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{PgArrayExpressionMethods, prelude::*};
use tryzore_auth::{
    Revocation, SupportApprovals, SupportGrants, SupportTrail,
    support_access::{SupportGrant, decide, grant::Decided},
};
use tryzore_kernel::{
    AuditEntry, AuditId, Limit, OrganizationId, Page, SessionId, StoreResult, SupportGrantId, TenantId,
    UserId,
};
use tryzore_postgres::{
    column::{corrupt, from_text, json, parsed},
    scopes::{AllTenants, NoTenant},
    tx::Tx,
};
use tryzore_rbac::{Permit, catalogue::ManageRoles};
use tryzore_schema::{
    governance::audit_log,
    identity::{sessions, support_grants},
    tenancy::tenants,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = support_grants, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct GrantRow {
    tenant_id: TenantId,
    id: SupportGrantId,
    requested_by: UserId,
    requested_by_name: String,
    reason: String,
    ticket: Option<String>,
    patterns: Vec<String>,
    organization_ids: Option<Vec<OrganizationId>>,
    minutes: i32,
    status: String,
    requested_at: DateTime<Utc>,
    decided_by: Option<UserId>,
    decided_at: Option<DateTime<Utc>>,
    decided_because: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    version: i32,
}

impl From<&SupportGrant> for GrantRow {
    fn from(grant: &SupportGrant) -> Self {
        let decided = grant.decided.as_ref();
        Self {
            tenant_id: grant.tenant,
            id: grant.id,
            requested_by: grant.requested_by,
            requested_by_name: grant.requested_by_name.clone(),
            reason: grant.reason.clone(),
            ticket: grant.ticket.clone(),
            patterns: grant.patterns.iter().map(ToString::to_string).collect(),
            organization_ids: grant.organizations.clone(),
            minutes: grant.minutes,
            status: grant.status.as_str().to_owned(),
            requested_at: grant.requested_at,
            decided_by: decided.map(|decided| decided.by),
            decided_at: decided.map(|decided| decided.at),
            decided_because: decided.and_then(|decided| decided.because.clone()),
            expires_at: grant.expires_at,
            version: grant.version,
        }
    }
}

impl GrantRow {
    fn grant(self) -> StoreResult<SupportGrant> {
        let decided = match (self.decided_by, self.decided_at) {
            (None, None) => None,
            (Some(by), Some(at)) => Some(Decided { by, at, because: self.decided_because }),
            _ => return Err(corrupt("support_grants.decided_by")),
        };
        let read = |text: &String| parsed("support_grants.patterns", text);
        Ok(SupportGrant {
            id: self.id,
            tenant: self.tenant_id,
            requested_by: self.requested_by,
            requested_by_name: self.requested_by_name,
            reason: self.reason,
            ticket: self.ticket,
            patterns: self.patterns.iter().map(read).collect::<StoreResult<_>>()?,
            organizations: self.organization_ids,
            minutes: self.minutes,
            status: from_text(&self.status)?,
            requested_at: self.requested_at,
            decided,
            expires_at: self.expires_at,
            version: self.version,
        })
    }
}

async fn lock(tx: &mut Tx, tenant: TenantId, id: SupportGrantId) -> StoreResult<Option<SupportGrant>> {
    let one = support_grants::table.find((tenant, id)).select(GrantRow::as_select()).for_no_key_update();
    tx.row::<_, GrantRow>(one).await?.map(GrantRow::grant).transpose()
}

fn insert(tx: &mut Tx, grant: &SupportGrant) {
    tx.defer(diesel::insert_into(support_grants::table).values(GrantRow::from(grant)));
}

fn update(tx: &mut Tx, grant: &SupportGrant) {
    let row = GrantRow::from(grant);
    tx.defer(diesel::update(support_grants::table.find((row.tenant_id, row.id))).set((
        support_grants::patterns.eq(row.patterns),
        support_grants::organization_ids.eq(row.organization_ids),
        support_grants::minutes.eq(row.minutes),
        support_grants::status.eq(row.status),
        support_grants::decided_by.eq(row.decided_by),
        support_grants::decided_at.eq(row.decided_at),
        support_grants::decided_because.eq(row.decided_because),
        support_grants::expires_at.eq(row.expires_at),
        support_grants::version.eq(row.version),
    )));
}

async fn end_sessions(
    tx: &mut Tx,
    grant: SupportGrantId,
    revocation: Revocation,
) -> StoreResult<Vec<SessionId>> {
    let live =
        sessions::table.filter(sessions::acting_grant_id.eq(grant)).filter(sessions::revoked_at.is_null());
    let ended = diesel::update(live)
        .set((
            sessions::revoked_at.eq(revocation.at),
            sessions::revoked_because.eq(revocation.reason.as_str()),
        ))
        .returning(sessions::id);
    tx.rows(ended).await
}

impl SupportApprovals for AuthStore<'_> {
    async fn support_grant_lock(
        &mut self,
        tenant: TenantId,
        id: SupportGrantId,
    ) -> StoreResult<Option<SupportGrant>> {
        lock(self.tx, tenant, id).await
    }
}

impl SupportGrants for AuthStore<'_> {
    async fn support_grant_insert(&mut self, grant: &SupportGrant) -> StoreResult<()> {
        insert(self.tx, grant);
        Ok(())
    }

    async fn support_grant_update(&mut self, grant: &SupportGrant) -> StoreResult<()> {
        update(self.tx, grant);
        Ok(())
    }

    async fn support_sessions_revoke(
        &mut self,
        grant: SupportGrantId,
        revocation: Revocation,
    ) -> StoreResult<Vec<SessionId>> {
        end_sessions(self.tx, grant, revocation).await
    }
}

impl SupportApprovals for AuthStore<'_, AllTenants> {
    async fn support_grant_lock(
        &mut self,
        tenant: TenantId,
        id: SupportGrantId,
    ) -> StoreResult<Option<SupportGrant>> {
        lock(self.tx, tenant, id).await
    }
}

impl SupportGrants for AuthStore<'_, AllTenants> {
    async fn support_grant_insert(&mut self, grant: &SupportGrant) -> StoreResult<()> {
        insert(self.tx, grant);
        Ok(())
    }

    // Operators may change nothing but the status and who decided.
    async fn support_grant_update(&mut self, grant: &SupportGrant) -> StoreResult<()> {
        let row = GrantRow::from(grant);
        self.tx.defer(diesel::update(support_grants::table.find((row.tenant_id, row.id))).set((
            support_grants::status.eq(row.status),
            support_grants::decided_by.eq(row.decided_by),
            support_grants::decided_at.eq(row.decided_at),
            support_grants::decided_because.eq(row.decided_because),
            support_grants::version.eq(row.version),
        )));
        Ok(())
    }

    async fn support_sessions_revoke(
        &mut self,
        grant: SupportGrantId,
        revocation: Revocation,
    ) -> StoreResult<Vec<SessionId>> {
        end_sessions(self.tx, grant, revocation).await
    }
}

impl SupportTrail for AuthStore<'_, AllTenants> {
    async fn support_tenant_exists(&mut self, tenant: TenantId) -> StoreResult<bool> {
        let open = tenants::table.find(tenant).filter(tenants::status.ne("deleted")).select(tenants::id);
        Ok(self.tx.row::<_, TenantId>(open).await?.is_some())
    }

    async fn support_operator_name(&mut self, operator: UserId) -> StoreResult<Option<String>> {
        self.tx.row(OperatorName { operator }).await.map(|row: Option<NameRow>| row.map(|row| row.name))
    }

    async fn support_trail_append(&mut self, tenant: TenantId, entry: AuditEntry) -> StoreResult<()> {
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

tryzore_postgres::statement! {
    struct OperatorName { operator: UserId => diesel::sql_types::Uuid }
    "SELECT name FROM platform.operator_names WHERE user_id = $1"
}

#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct NameRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// A session is begun in a transaction of no tenant: the approval is read inside its tenant.
impl SupportApprovals for AuthStore<'_, NoTenant> {
    async fn support_grant_lock(
        &mut self,
        tenant: TenantId,
        id: SupportGrantId,
    ) -> StoreResult<Option<SupportGrant>> {
        self.tx.within(tenant, async |tx| lock(tx, tenant, id).await).await
    }
}

impl AuthStore<'_> {
    /// The requests for support access that those with `permit` decide about, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn support_grants_list(
        &mut self,
        permit: &Permit<ManageRoles>,
        before: Option<SupportGrantId>,
        limit: Limit,
    ) -> StoreResult<Page<SupportGrant>> {
        let mut query = support_grants::table
            .filter(support_grants::tenant_id.eq(self.tenant))
            .order(support_grants::id.desc())
            .limit(limit.fetch_limit())
            .select(GrantRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(support_grants::id.lt(before));
        }
        if let Some(reach) = permit.reach().filter() {
            let reached = support_grants::organization_ids.overlaps_with(reach.to_vec());
            query = query.filter(support_grants::organization_ids.is_null().or(reached));
        }
        page(self.tx.rows(query).await?, limit)
    }

    /// A request for support access that those with `permit` decide about.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn support_grant_find(
        &mut self,
        permit: &Permit<ManageRoles>,
        id: SupportGrantId,
    ) -> StoreResult<Option<SupportGrant>> {
        let one = support_grants::table.find((self.tenant, id)).select(GrantRow::as_select());
        let found = self.tx.row::<_, GrantRow>(one).await?.map(GrantRow::grant).transpose()?;
        Ok(found.filter(|grant| decide::sees(permit, grant)))
    }
}

impl AuthStore<'_, AllTenants> {
    /// The requests of `operator`, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn support_grants_of(
        &mut self,
        operator: UserId,
        before: Option<SupportGrantId>,
        limit: Limit,
    ) -> StoreResult<Page<SupportGrant>> {
        let mut query = support_grants::table
            .filter(support_grants::requested_by.eq(operator))
            .order(support_grants::id.desc())
            .limit(limit.fetch_limit())
            .select(GrantRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(support_grants::id.lt(before));
        }
        page(self.tx.rows(query).await?, limit)
    }
}

fn page(rows: Vec<GrantRow>, limit: Limit) -> StoreResult<Page<SupportGrant>> {
    let grants = rows.into_iter().map(GrantRow::grant).collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::from_rows(grants, limit, |grant| grant.id))
}
