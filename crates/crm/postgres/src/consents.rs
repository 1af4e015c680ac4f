//! The consent ledger and its texts.

use crate::CrmStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    dsl::exists,
    prelude::*,
    select,
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use serde_json::Value;
use tryzore_crm::consent::{
    ConsentEntry, ConsentLedger, ConsentProof, ConsentPurpose, ConsentScope, ConsentText,
};
use tryzore_kernel::{ClientId, ConsentId, Limit, OrganizationId, Page, StoreResult, TenantId, UserId};
use tryzore_postgres::{
    RequestOrigin,
    column::{document, from_text, json, to_text},
    statement,
};
use tryzore_schema::{
    crm::{consent_texts, consents},
    tenancy::organizations,
};

statement! {
    /// The newest answer to each question.
    struct ReadNewest { tenant: TenantId => Uuid, client: ClientId => Uuid }
    "SELECT DISTINCT ON (purpose, channel, organization_id) *
     FROM crm.consents WHERE tenant_id = $1 AND client_id = $2
     ORDER BY purpose, channel, organization_id, position DESC"
}

statement! {
    struct ReadEntries {
        tenant: TenantId => Uuid,
        client: ClientId => Uuid,
        before: Option<ConsentId> => Nullable<Uuid>,
        rows: i64 => BigInt,
    }
    "SELECT * FROM crm.consents
     WHERE tenant_id = $1 AND client_id = $2
       AND position < coalesce((SELECT b.position FROM crm.consents b
                                WHERE b.tenant_id = $1 AND b.client_id = $2 AND b.id = $3), 9223372036854775807)
     ORDER BY position DESC LIMIT $4"
}

statement! {
    struct ReadTexts { tenant: TenantId => Uuid }
    "SELECT DISTINCT ON (purpose) purpose, version, text, created_at
     FROM crm.consent_texts WHERE tenant_id = $1 ORDER BY purpose, version DESC"
}

statement! {
    /// There may be no row to lock yet.
    struct LockText { tenant: TenantId => Uuid, purpose: String => Text }
    "SELECT pg_advisory_xact_lock(hashtextextended('consent text ' || $2, 0) # hashtextextended($1::text, 1))"
}

statement! {
    struct ReadText { tenant: TenantId => Uuid, purpose: String => Text }
    "SELECT purpose, version, text, created_at
     FROM crm.consent_texts WHERE tenant_id = $1 AND purpose = $2 ORDER BY version DESC LIMIT 1"
}

#[derive(Insertable)]
#[diesel(table_name = consents, check_for_backend(diesel::pg::Pg))]
struct NewEntry {
    tenant_id: TenantId,
    id: ConsentId,
    client_id: ClientId,
    purpose: String,
    channel: String,
    organization_id: Option<OrganizationId>,
    text_version: Option<i32>,
    is_given: bool,
    source: String,
    proof: Value,
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct EntryRow {
    #[diesel(sql_type = Uuid)]
    id: ConsentId,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Uuid)]
    client_id: ClientId,
    #[diesel(sql_type = Text)]
    purpose: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    organization_id: Option<OrganizationId>,
    #[diesel(sql_type = Nullable<Integer>)]
    text_version: Option<i32>,
    #[diesel(sql_type = Bool)]
    is_given: bool,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Jsonb)]
    proof: Value,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

impl EntryRow {
    fn entry(self) -> StoreResult<ConsentEntry> {
        Ok(ConsentEntry {
            id: self.id,
            position: self.position,
            client: self.client_id,
            scope: ConsentScope {
                purpose: from_text(&self.purpose)?,
                channel: from_text(&self.channel)?,
                organization: self.organization_id,
            },
            text_version: self.text_version,
            is_given: self.is_given,
            source: from_text(&self.source)?,
            proof: document("consents.proof", self.proof)?,
            at: self.at,
        })
    }
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct TextRow {
    #[diesel(sql_type = Text)]
    purpose: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl TextRow {
    fn text(self) -> StoreResult<ConsentText> {
        let purpose = from_text(&self.purpose)?;
        Ok(ConsentText { purpose, version: self.version, text: self.text, since: self.created_at })
    }
}

fn entries(rows: Vec<EntryRow>) -> StoreResult<Vec<ConsentEntry>> {
    rows.into_iter().map(EntryRow::entry).collect()
}

impl ConsentLedger for CrmStore<'_> {
    async fn consents_append(&mut self, entries: &[ConsentEntry]) -> StoreResult<()> {
        let RequestOrigin { ip_address, user_agent } = RequestOrigin::current();
        let ip_address = ip_address.map(|ip| ip.to_string());
        let row = |entry: &ConsentEntry| {
            let proof = ConsentProof {
                ip_address: ip_address.clone(),
                user_agent: user_agent.clone(),
                ..entry.proof.clone()
            };
            Ok(NewEntry {
                tenant_id: self.tenant,
                id: entry.id,
                client_id: entry.client,
                purpose: to_text(entry.scope.purpose),
                channel: to_text(entry.scope.channel),
                organization_id: entry.scope.organization,
                text_version: entry.text_version,
                is_given: entry.is_given,
                source: to_text(entry.source),
                proof: json(&proof)?,
                at: entry.at,
            })
        };
        let rows = entries.iter().map(row).collect::<StoreResult<Vec<_>>>()?;
        self.tx.execute(diesel::insert_into(consents::table).values(rows)).await?;
        Ok(())
    }

    async fn consents_newest(&mut self, client: ClientId) -> StoreResult<Vec<ConsentEntry>> {
        entries(self.tx.rows(ReadNewest { tenant: self.tenant, client }).await?)
    }

    async fn consents_page(
        &mut self,
        client: ClientId,
        before: Option<ConsentId>,
        limit: Limit,
    ) -> StoreResult<Page<ConsentEntry>> {
        let read = ReadEntries { tenant: self.tenant, client, before, rows: limit.fetch_limit() };
        let rows = entries(self.tx.rows(read).await?)?;
        Ok(Page::from_rows(rows, limit, |entry| entry.id))
    }

    async fn consent_location_exists(&mut self, organization: OrganizationId) -> StoreResult<bool> {
        let found = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(organization));
        Ok(self.tx.row::<_, bool>(select(exists(found))).await?.unwrap_or_default())
    }

    async fn consent_texts(&mut self) -> StoreResult<Vec<ConsentText>> {
        let rows: Vec<TextRow> = self.tx.rows(ReadTexts { tenant: self.tenant }).await?;
        rows.into_iter().map(TextRow::text).collect()
    }

    async fn consent_text_lock(&mut self, purpose: ConsentPurpose) -> StoreResult<Option<ConsentText>> {
        let (tenant, purpose) = (self.tenant, to_text(purpose));
        self.tx.defer(LockText { tenant, purpose: purpose.clone() });
        let row: Option<TextRow> = self.tx.row(ReadText { tenant, purpose }).await?;
        row.map(TextRow::text).transpose()
    }

    async fn consent_text_insert(&mut self, text: &ConsentText, by: Option<UserId>) -> StoreResult<()> {
        let row = (
            consent_texts::tenant_id.eq(self.tenant),
            consent_texts::purpose.eq(to_text(text.purpose)),
            consent_texts::version.eq(text.version),
            consent_texts::text.eq(text.text.clone()),
            consent_texts::created_by.eq(by),
            consent_texts::created_at.eq(text.since),
        );
        self.tx.defer(diesel::insert_into(consent_texts::table).values(row));
        Ok(())
    }

    async fn consent_locations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        let open = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::status.ne("closed"))
            .order(organizations::id)
            .select(organizations::id);
        self.tx.rows(open).await
    }
}
