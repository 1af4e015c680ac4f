//! The tables of lines and seals.

use crate::GovernanceStore;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid},
};
use tryzore_governance::{AuditLine, Break, Head, Seal, audit::Digest};
use tryzore_kernel::{AuditId, OrganizationId, StoreError, StoreResult, TenantId, UserId};
use tryzore_postgres::statement;

statement! {
    /// Reads JSON as text: the text that the database prints for JSON is always the same, and loses no
    /// digit.
    struct ReadLines { tenant: TenantId => Uuid, after: i64 => BigInt, last: i64 => BigInt, most: i64 => BigInt }
    "SELECT seq, id, actor::text AS actor, subject_id, action, target_id, organization_ids, details::text AS details,
            ip_address, user_agent, at
     FROM governance.audit_log WHERE tenant_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4"
}

statement! {
    struct ReadSeals { tenant: TenantId => Uuid, after: i64 => BigInt, most: i64 => BigInt }
    "SELECT number, first_seq, last_seq, entries, previous, hash, sealed_at
     FROM governance.audit_seals WHERE tenant_id = $1 AND number > $2 ORDER BY number LIMIT $3"
}

statement! {
    struct ReadHead { tenant: TenantId => Uuid }
    "SELECT number, last_seq, hash FROM governance.audit_seals WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1"
}

statement! {
    struct InsertSeal {
        tenant: TenantId => Uuid,
        number: i64 => BigInt,
        first: i64 => BigInt,
        last: i64 => BigInt,
        entries: Vec<u8> => Binary,
        previous: Vec<u8> => Binary,
        hash: Vec<u8> => Binary,
        sealed_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO governance.audit_seals
         (tenant_id, number, first_seq, last_seq, entries, previous, hash, sealed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct LineRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Uuid)]
    id: AuditId,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    subject_id: Option<UserId>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Uuid)]
    target_id: uuid::Uuid,
    #[diesel(sql_type = Array<Uuid>)]
    organization_ids: Vec<OrganizationId>,
    #[diesel(sql_type = Text)]
    details: String,
    #[diesel(sql_type = Nullable<Text>)]
    ip_address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    user_agent: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct SealRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    first_seq: i64,
    #[diesel(sql_type = BigInt)]
    last_seq: i64,
    #[diesel(sql_type = Binary)]
    entries: Vec<u8>,
    #[diesel(sql_type = Binary)]
    previous: Vec<u8>,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    sealed_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct HeadRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    last_seq: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

impl GovernanceStore<'_> {
    /// The lines with a number after `after` and up to `last`, in order.
    pub(super) async fn audit_lines(
        &mut self,
        after: i64,
        last: i64,
        most: i64,
    ) -> StoreResult<Vec<AuditLine>> {
        let rows: Vec<LineRow> = self.tx.rows(ReadLines { tenant: self.tenant, after, last, most }).await?;
        Ok(rows.into_iter().map(AuditLine::from).collect())
    }

    /// The seals with a number after `after`, in order. A seal that cannot be read counts as a break of the
    /// chain.
    pub(super) async fn audit_seals(
        &mut self,
        after: i64,
        most: i64,
    ) -> StoreResult<Vec<Result<Seal, Break>>> {
        let rows: Vec<SealRow> = self.tx.rows(ReadSeals { tenant: self.tenant, after, most }).await?;
        Ok(rows.into_iter().map(SealRow::seal).collect())
    }

    /// The head of the chain.
    pub(super) async fn audit_head(&mut self) -> StoreResult<Head> {
        let row: Option<HeadRow> = self.tx.row(ReadHead { tenant: self.tenant }).await?;
        row.map_or(Ok(Head::default()), |row| {
            let hash = digest(row.hash).ok_or_else(|| StoreError::Broken("audit_seals.hash".into()))?;
            Ok(Head { number: row.number, last: row.last_seq, hash })
        })
    }

    pub(super) fn audit_seal_insert(&mut self, seal: &Seal) {
        self.tx.defer(InsertSeal {
            tenant: self.tenant,
            number: seal.number,
            first: seal.first,
            last: seal.last,
            entries: seal.entry_bytes(),
            previous: seal.previous.to_vec(),
            hash: seal.hash.to_vec(),
            sealed_at: seal.sealed_at,
        });
    }
}

impl From<LineRow> for AuditLine {
    fn from(row: LineRow) -> Self {
        Self {
            seq: row.seq,
            id: row.id,
            actor: row.actor,
            subject: row.subject_id,
            action: row.action,
            target: row.target_id,
            organizations: row.organization_ids,
            details: row.details,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            at: row.at,
        }
    }
}

impl SealRow {
    fn seal(self) -> Result<Seal, Break> {
        let number = self.number;
        let changed = Break::SealChanged { number };
        Ok(Seal {
            number,
            first: self.first_seq,
            last: self.last_seq,
            entries: Seal::entries_of(number, &self.entries)?,
            previous: digest(self.previous).ok_or(changed.clone())?,
            hash: digest(self.hash).ok_or(changed)?,
            sealed_at: self.sealed_at,
        })
    }
}

fn digest(bytes: Vec<u8>) -> Option<Digest> {
    bytes.try_into().ok()
}
