//! API keys of other services. A key is looked up by its prefix before its tenant is known; all other
//! statements name the tenant.

use super::hash;
use crate::AuthStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Bool, Nullable, Text, Timestamptz, Uuid},
};
use std::num::NonZeroU32;
use tryzore_auth::{ApiKey, ApiKeys, FormerText, FoundApiKey, Suspension, WhichText};
use tryzore_kernel::{ApiKeyId, OrganizationId, StoreResult, TenantId, UserId};
use tryzore_postgres::{column::corrupt, scopes::Scope, statement};
use tryzore_rbac::Pattern;
use tryzore_schema::identity::api_keys;

statement! {
    /// Does not find the keys of a deleted tenant.
    struct FindKey { prefix: String => Text }
    "SELECT k.id, k.tenant_id, k.organization_id, k.name, k.prefix, k.hash, k.patterns, k.issued_by,
            k.created_at, k.expires_at, k.last_used_at, k.revoked_at,
            k.former_prefix, k.former_hash, k.former_expires_at, k.former_last_used_at, k.requests_per_minute,
            CASE t.status WHEN 'suspended' THEN t.turned_at END AS suspended_at,
            EXISTS (SELECT FROM identity.users u WHERE u.id = k.issued_by AND u.status = 'deactivated')
                AS is_issuer_closed
     FROM identity.api_keys k
     JOIN tenancy.tenants t ON t.id = k.tenant_id AND t.status <> 'deleted'
     WHERE k.prefix = $1 OR k.former_prefix = $1"
}

statement! {
    struct Touch { id: ApiKeyId => Uuid, now: DateTime<Utc> => Timestamptz }
    "UPDATE identity.api_keys SET last_used_at = $2
     WHERE id = (SELECT k.id FROM identity.api_keys k
                 WHERE k.id = $1 AND (k.last_used_at IS NULL OR k.last_used_at < $2)
                 FOR NO KEY UPDATE SKIP LOCKED)"
}

statement! {
    struct TouchFormer { id: ApiKeyId => Uuid, now: DateTime<Utc> => Timestamptz }
    "UPDATE identity.api_keys SET former_last_used_at = $2
     WHERE id = (SELECT k.id FROM identity.api_keys k
                 WHERE k.id = $1 AND k.former_prefix IS NOT NULL
                   AND (k.former_last_used_at IS NULL OR k.former_last_used_at < $2)
                 FOR NO KEY UPDATE SKIP LOCKED)"
}

#[derive(Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_keys, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct ApiKeyRow {
    id: ApiKeyId,
    tenant_id: TenantId,
    organization_id: OrganizationId,
    name: String,
    prefix: String,
    hash: Vec<u8>,
    patterns: Vec<String>,
    issued_by: UserId,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    former_prefix: Option<String>,
    former_hash: Option<Vec<u8>>,
    former_expires_at: Option<DateTime<Utc>>,
    former_last_used_at: Option<DateTime<Utc>>,
    requests_per_minute: Option<i32>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct FoundRow {
    #[diesel(embed)]
    key: ApiKeyRow,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    suspended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_issuer_closed: bool,
}

impl FoundRow {
    fn found(self) -> StoreResult<FoundApiKey> {
        let key = self.key.key()?;
        let suspension = self.suspended_at.map(|at| Suspension { tenant: key.tenant, at, because: None });
        Ok(FoundApiKey { key, suspension, is_issuer_closed: self.is_issuer_closed })
    }
}

impl ApiKeyRow {
    fn of(key: &ApiKey) -> Self {
        let former = key.former.as_ref();
        Self {
            id: key.id,
            tenant_id: key.tenant,
            organization_id: key.organization,
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            hash: key.hash.as_bytes().to_vec(),
            patterns: key.patterns.iter().map(ToString::to_string).collect(),
            issued_by: key.issued_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
            former_prefix: former.map(|former| former.prefix.clone()),
            former_hash: former.map(|former| former.hash.as_bytes().to_vec()),
            former_expires_at: former.map(|former| former.expires_at),
            former_last_used_at: former.and_then(|former| former.last_used_at),
            requests_per_minute: key.requests_per_minute.and_then(|limit| i32::try_from(limit.get()).ok()),
        }
    }

    fn key(self) -> StoreResult<ApiKey> {
        let patterns = self.patterns.iter().map(|text| text.parse::<Pattern>());
        let former = match (self.former_prefix, self.former_hash, self.former_expires_at) {
            (Some(prefix), Some(text), Some(expires_at)) => {
                let hash = hash(&text, "api_keys.former_hash")?;
                Some(FormerText { prefix, hash, expires_at, last_used_at: self.former_last_used_at })
            }
            _ => None,
        };
        let limit = self.requests_per_minute.map(|limit| u32::try_from(limit).ok().and_then(NonZeroU32::new));
        Ok(ApiKey {
            id: self.id,
            tenant: self.tenant_id,
            organization: self.organization_id,
            name: self.name,
            prefix: self.prefix,
            hash: hash(&self.hash, "api_keys.hash")?,
            patterns: patterns.collect::<Result<_, _>>().map_err(|_| corrupt("api_keys.patterns"))?,
            issued_by: self.issued_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
            former,
            requests_per_minute: limit
                .map(|limit| limit.ok_or_else(|| corrupt("api_keys.requests_per_minute")))
                .transpose()?,
        })
    }
}

impl<S: Scope> ApiKeys for AuthStore<'_, S> {
    async fn api_key_insert(&mut self, key: &ApiKey) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(api_keys::table).values(ApiKeyRow::of(key)));
        Ok(())
    }

    async fn api_key_find(&mut self, prefix: &str) -> StoreResult<Option<FoundApiKey>> {
        let row: Option<FoundRow> = self.tx.row(FindKey { prefix: prefix.to_owned() }).await?;
        row.map(FoundRow::found).transpose()
    }

    async fn api_key_lock(&mut self, tenant: TenantId, id: ApiKeyId) -> StoreResult<Option<ApiKey>> {
        let query = api_keys::table
            .find(id)
            .filter(api_keys::tenant_id.eq(tenant))
            .select(ApiKeyRow::as_select())
            .for_no_key_update();
        let row: Option<ApiKeyRow> = self.tx.row(query).await?;
        row.map(ApiKeyRow::key).transpose()
    }

    async fn api_key_update(&mut self, key: &ApiKey) -> StoreResult<()> {
        let one = api_keys::table.find(key.id).filter(api_keys::tenant_id.eq(key.tenant));
        self.tx.defer(diesel::update(one).set(ApiKeyRow::of(key)));
        Ok(())
    }

    async fn api_key_touch(&mut self, id: ApiKeyId, text: WhichText, now: DateTime<Utc>) -> StoreResult<()> {
        match text {
            WhichText::Current => self.tx.defer(Touch { id, now }),
            WhichText::Former => self.tx.defer(TouchFormer { id, now }),
        }
        Ok(())
    }

    async fn api_key_list(&mut self, tenant: TenantId) -> StoreResult<Vec<ApiKey>> {
        let query = api_keys::table
            .filter(api_keys::tenant_id.eq(tenant))
            .order((api_keys::created_at.desc(), api_keys::id.desc()))
            .select(ApiKeyRow::as_select());
        let rows: Vec<ApiKeyRow> = self.tx.rows(query).await?;
        rows.into_iter().map(ApiKeyRow::key).collect()
    }
}
