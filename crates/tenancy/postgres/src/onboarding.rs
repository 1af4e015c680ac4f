//! Storing onboarding sessions, and archiving unfinished ones.

use crate::TenancyStore;
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tryzore_kernel::{Email, OnboardingId, OrganizationId, OwnerAccountId, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    column::{corrupt, document, json},
    scopes::NoTenant,
    scopes::Scope,
    statement,
};
use tryzore_schema::tenancy::{onboarding_sessions as sessions, owner_accounts};
use tryzore_tenancy::{
    TokenHash,
    onboarding::{
        Details, LocationsForm, OnboardingArchive, OnboardingSession, OnboardingStore, OwnedOrganization,
        OwnedOrganizations, Progress, session::Account,
    },
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_null = true, treat_none_as_default_value = false)]
struct SessionRow {
    id: OnboardingId,
    token_hash: Vec<u8>,
    user_id: Option<UserId>,
    owner_account_id: Option<OwnerAccountId>,
    tenant_id: Option<TenantId>,
    current_step: String,
    step_data: Value,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The data that the steps collected; never a password.
#[derive(Serialize, Deserialize)]
struct StepData {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locations: Option<LocationsForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    organizations: Vec<OrganizationId>,
}

impl SessionRow {
    fn new(session: &OnboardingSession) -> StoreResult<Self> {
        let (tenant_id, organizations) = match &session.progress {
            Progress::Complete { tenant, organizations, .. } => (Some(*tenant), organizations.clone()),
            Progress::AccountCreated(_) | Progress::OrganizationPending(_) => (None, Vec::new()),
        };
        let data = StepData {
            details: session.details.clone(),
            locations: session.locations.clone(),
            organizations,
        };
        let account = session.account();
        Ok(Self {
            id: session.id,
            token_hash: session.token.as_bytes().to_vec(),
            user_id: account.map(|account| account.user),
            owner_account_id: account.map(|account| account.owner),
            tenant_id,
            current_step: session.progress.as_str().into(),
            step_data: json(&data)?,
            expires_at: session.expires_at,
            created_at: session.created_at,
            updated_at: session.updated_at,
        })
    }

    fn session(self) -> StoreResult<OnboardingSession> {
        let data: StepData = document("onboarding_sessions.step_data", self.step_data)?;
        let account = self.owner_account_id.zip(self.user_id).map(|(owner, user)| Account { owner, user });
        let progress = match (self.current_step.as_str(), account, self.tenant_id) {
            ("account_created", account, None) => Progress::AccountCreated(account),
            ("organization_pending", Some(account), None) => Progress::OrganizationPending(account),
            ("complete", Some(account), Some(tenant)) => {
                Progress::Complete { account, tenant, organizations: data.organizations }
            }
            _ => return Err(corrupt("onboarding_sessions.current_step")),
        };
        let hash: [u8; 32] =
            self.token_hash.try_into().map_err(|_| corrupt("onboarding_sessions.token_hash"))?;
        Ok(OnboardingSession {
            id: self.id,
            token: TokenHash::from(hash),
            progress,
            details: data.details,
            locations: data.locations,
            expires_at: self.expires_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl<S: Scope> OnboardingStore for TenancyStore<'_, S> {
    async fn onboarding_insert(&mut self, session: &OnboardingSession) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(sessions::table).values(SessionRow::new(session)?));
        Ok(())
    }

    async fn onboarding_find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        let row: Option<SessionRow> = self.tx.row(sessions::table.find(id)).await?;
        row.map(SessionRow::session).transpose()
    }

    async fn onboarding_find_by_token(
        &mut self,
        token: &TokenHash,
    ) -> StoreResult<Option<OnboardingSession>> {
        let of_token = sessions::table.filter(sessions::token_hash.eq(token.as_bytes().to_vec()));
        let row: Option<SessionRow> = self.tx.row(of_token).await?;
        row.map(SessionRow::session).transpose()
    }

    async fn onboarding_lock(&mut self, token: &TokenHash) -> StoreResult<Option<OnboardingSession>> {
        let of_token = sessions::table.filter(sessions::token_hash.eq(token.as_bytes().to_vec()));
        let row: Option<SessionRow> = self.tx.row(of_token.for_no_key_update()).await?;
        row.map(SessionRow::session).transpose()
    }

    async fn onboarding_update(&mut self, session: &OnboardingSession) -> StoreResult<()> {
        let row = SessionRow::new(session)?;
        self.tx.defer(diesel::update(sessions::table.find(session.id)).set(row));
        Ok(())
    }

    async fn onboarding_delete(&mut self, id: OnboardingId) -> StoreResult<()> {
        self.tx.defer(diesel::delete(sessions::table.find(id)));
        Ok(())
    }

    async fn onboarding_live_of(
        &mut self,
        owner: OwnerAccountId,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<OnboardingSession>> {
        let live = sessions::table
            .filter(sessions::owner_account_id.eq(owner))
            .filter(sessions::current_step.ne("complete"))
            .filter(sessions::expires_at.gt(now))
            .order(sessions::created_at.desc())
            .limit(1);
        let row: Option<SessionRow> = self.tx.row(live).await?;
        row.map(SessionRow::session).transpose()
    }

    async fn onboarding_discard_of(&mut self, user: UserId, email: &Email) -> StoreResult<()> {
        let owners = owner_accounts::table
            .filter(owner_accounts::user_id.eq(user).or(owner_accounts::email.eq(email.to_string())))
            .select(owner_accounts::id.nullable());
        let unfinished = sessions::table
            .filter(sessions::owner_account_id.eq_any(owners))
            .filter(sessions::current_step.ne("complete"));
        self.tx.defer(diesel::delete(unfinished));
        Ok(())
    }
}

statement! {
    /// A session that is locked is skipped until the next hourly run.
    struct TakeSessions { now: DateTime<Utc> => sql_types::Timestamptz }
    "WITH gone AS (
         DELETE FROM tenancy.onboarding_sessions WHERE id IN (
             SELECT id FROM tenancy.onboarding_sessions
             WHERE expires_at < $1 AND current_step <> 'complete' FOR UPDATE SKIP LOCKED)
         RETURNING *)
     INSERT INTO tenancy.archived_onboarding_sessions
         (id, owner_account_id, current_step, step_data, expires_at, created_at, archived_at)
     SELECT id, owner_account_id, current_step, step_data, expires_at, created_at, $1 FROM gone"
}

statement! {
    struct TakeSignups {
        made_before: DateTime<Utc> => sql_types::Timestamptz,
        now: DateTime<Utc> => sql_types::Timestamptz,
    }
    "WITH gone AS (
         DELETE FROM tenancy.owner_accounts WHERE id IN (
             SELECT o.id FROM tenancy.owner_accounts o
             WHERE o.created_at < $1 AND o.onboarding_completed_at IS NULL
               AND NOT EXISTS (SELECT FROM tenancy.onboarding_sessions s WHERE s.owner_account_id = o.id)
             FOR UPDATE SKIP LOCKED)
         RETURNING *),
     shown AS (
         UPDATE identity.users u SET owner_account_id = NULL FROM gone
         WHERE u.id = gone.user_id AND u.owner_account_id = gone.id)
     INSERT INTO tenancy.archived_incomplete_signups
         (id, user_id, email, name, is_enterprise, created_at, archived_at)
     SELECT id, user_id, email, name, is_enterprise, created_at, $2 FROM gone"
}

impl<S: Scope> OnboardingArchive for TenancyStore<'_, S> {
    async fn archive_sessions(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
        Ok(self.tx.execute(TakeSessions { now }).await? as u64)
    }

    async fn archive_signups(&mut self, made_before: DateTime<Utc>, now: DateTime<Utc>) -> StoreResult<u64> {
        Ok(self.tx.execute(TakeSignups { made_before, now }).await? as u64)
    }
}

impl OwnedOrganizations for TenancyStore<'_, NoTenant> {
    async fn owned_organizations(
        &mut self,
        owner: OwnerAccountId,
        user: UserId,
    ) -> StoreResult<Vec<OwnedOrganization>> {
        let rows: Vec<OwnedRow> = self.tx.rows(ReadOwned { owner, user }).await?;
        let owned = |row: OwnedRow| OwnedOrganization {
            tenant: row.tenant_id,
            organization: row.organization_id,
            has_payments: row.has_payments,
        };
        Ok(rows.into_iter().map(owned).collect())
    }
}

statement! {
    /// One round trip, however many tenants there are.
    struct ReadOwned { owner: OwnerAccountId => sql_types::Uuid, user: UserId => sql_types::Uuid }
    "SELECT tenant_id, organization_id, has_payments FROM tenancy.owned_by($1, $2)"
}

#[derive(QueryableByName)]
struct OwnedRow {
    #[diesel(sql_type = sql_types::Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = sql_types::Uuid)]
    organization_id: OrganizationId,
    #[diesel(sql_type = sql_types::Bool)]
    has_payments: bool,
}
