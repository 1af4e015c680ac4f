//! Imports, their state as JSON, and the refused rows.

use crate::CrmStore;
use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Jsonb, Uuid},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tryzore_crm::import::{ImportFile, ImportJob, Imports, RefusedRow};
use tryzore_kernel::{ImportId, OrganizationId, StoreError, StoreResult, TenantId, UserId};
use tryzore_postgres::{column::corrupt, runtime::Enqueue, runtime::NewJob, statement};
use tryzore_schema::crm::{import_chunks, import_refused, imports};

statement! {
    struct InsertRefused { tenant: TenantId => Uuid, import: ImportId => Uuid, rows: Value => Jsonb }
    "INSERT INTO crm.import_refused (tenant_id, import_id, row_number, cells, faults)
     SELECT $1, $2, n.number, n.cells, n.faults
     FROM jsonb_to_recordset($3) AS n (number integer, cells jsonb, faults jsonb)
     ON CONFLICT DO NOTHING"
}

statement! {
    struct DeleteFile { tenant: TenantId => Uuid, import: ImportId => Uuid }
    "DELETE FROM crm.import_chunks c USING crm.imports i
     WHERE c.tenant_id = $1 AND i.tenant_id = $1 AND i.id = $2 AND c.upload_id = i.upload_id"
}

statement! {
    struct LockOpen { organization: OrganizationId => Uuid }
    "SELECT pg_advisory_xact_lock(hashtextextended('crm.imports:' || $1, 0))"
}

statement! {
    struct CountOpen { tenant: TenantId => Uuid, organization: OrganizationId => Uuid }
    "SELECT count(*) AS open FROM crm.imports
     WHERE tenant_id = $1 AND organization_id = $2 AND state IN ('uploaded', 'checking', 'checked', 'running')"
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = BigInt)]
    open: i64,
}

#[derive(HasQuery)]
#[diesel(table_name = imports)]
pub(super) struct ImportRow {
    id: ImportId,
    organization_id: OrganizationId,
    requested_by: Option<UserId>,
    file_name: String,
    file_bytes: i64,
    mapping: Value,
    options: Value,
    details: Value,
    created_at: DateTime<Utc>,
}

impl ImportRow {
    pub(super) fn job(self) -> StoreResult<ImportJob> {
        Ok(ImportJob {
            id: self.id,
            organization: self.organization_id,
            requested_by: self.requested_by,
            file: ImportFile {
                name: self.file_name,
                bytes: u64::try_from(self.file_bytes).unwrap_or_default(),
            },
            mapping: read("imports.mapping", self.mapping)?,
            options: read("imports.options", self.options)?,
            state: read("imports.details", self.details)?,
            created_at: self.created_at,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
struct NewRow {
    tenant_id: TenantId,
    id: ImportId,
    organization_id: OrganizationId,
    requested_by: Option<UserId>,
    file_name: String,
    file_bytes: i64,
    mapping: Value,
    options: Value,
    state: &'static str,
    details: Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(HasQuery)]
#[diesel(table_name = import_refused)]
struct RefusedLine {
    row_number: i32,
    cells: Value,
    faults: Value,
}

impl CrmStore<'_> {
    /// Records where the bytes of a new import are, and whether the import runs without being confirmed.
    pub fn import_attach(&mut self, import: ImportId, upload: uuid::Uuid, runs_unasked: bool) {
        use imports::dsl;
        let one = dsl::imports.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(import));
        let set = (dsl::upload_id.eq(upload), dsl::runs_unasked.eq(runs_unasked));
        self.tx.defer(diesel::update(one).set(set));
    }

    /// Enqueues a job that continues an import. Jobs of one import run one after the other.
    pub fn import_enqueue(&mut self, import: ImportId) {
        let job = NewJob::new(super::import_run::JOB, &super::import_run::Payload { import });
        self.job_enqueue(job.order(format!("{}:{import}", super::import_run::JOB)));
    }

    /// Deletes the bytes of an import.
    pub(super) fn import_release(&mut self, import: ImportId) {
        use imports::dsl;
        self.tx.defer(DeleteFile { tenant: self.tenant, import });
        let one = dsl::imports.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(import));
        self.tx.defer(diesel::update(one).set(dsl::upload_id.eq(None::<uuid::Uuid>)));
    }

    /// Where the bytes of an import are, and whether the import runs without being confirmed.
    pub(super) async fn import_upload(
        &mut self,
        import: ImportId,
    ) -> StoreResult<(Option<uuid::Uuid>, bool)> {
        use imports::dsl;
        let query = dsl::imports
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::id.eq(import))
            .select((dsl::upload_id, dsl::runs_unasked));
        Ok(self.tx.row(query).await?.unwrap_or_default())
    }

    /// One chunk of a file.
    pub(super) async fn chunk_find(
        &mut self,
        upload: uuid::Uuid,
        number: i32,
    ) -> StoreResult<Option<Vec<u8>>> {
        use import_chunks::dsl;
        let query = dsl::import_chunks
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::upload_id.eq(upload))
            .filter(dsl::number.eq(number))
            .select(dsl::bytes);
        self.tx.row(query).await
    }
}

impl Imports for CrmStore<'_> {
    async fn import_insert(&mut self, job: &ImportJob) -> StoreResult<()> {
        self.tx.defer(diesel::insert_into(imports::table).values(NewRow {
            tenant_id: self.tenant,
            id: job.id,
            organization_id: job.organization,
            requested_by: job.requested_by,
            file_name: job.file.name.clone(),
            file_bytes: i64::try_from(job.file.bytes).unwrap_or(i64::MAX),
            mapping: written(&job.mapping)?,
            options: written(&job.options)?,
            state: job.state.name(),
            details: written(&job.state)?,
            created_at: job.created_at,
            updated_at: self.now,
        }));
        Ok(())
    }

    async fn imports_open(&mut self, organization: OrganizationId) -> StoreResult<u32> {
        self.tx.defer(LockOpen { organization });
        let row: Option<OpenRow> = self.tx.row(CountOpen { tenant: self.tenant, organization }).await?;
        Ok(row.map_or(0, |row| u32::try_from(row.open).unwrap_or(u32::MAX)))
    }

    async fn import_find(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>> {
        let query = ImportRow::query().filter(imports::tenant_id.eq(self.tenant)).filter(imports::id.eq(id));
        self.tx.row(query).await?.map(ImportRow::job).transpose()
    }

    async fn import_lock(&mut self, id: ImportId) -> StoreResult<Option<ImportJob>> {
        let query = ImportRow::query().filter(imports::tenant_id.eq(self.tenant)).filter(imports::id.eq(id));
        self.tx.row(query.for_no_key_update()).await?.map(ImportRow::job).transpose()
    }

    async fn import_progress(&mut self, job: &ImportJob) -> StoreResult<()> {
        use imports::dsl;
        let one = dsl::imports.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(job.id));
        self.tx.defer(diesel::update(one).set((
            dsl::mapping.eq(written(&job.mapping)?),
            dsl::options.eq(written(&job.options)?),
            dsl::state.eq(job.state.name()),
            dsl::details.eq(written(&job.state)?),
            dsl::updated_at.eq(self.now),
        )));
        Ok(())
    }

    async fn import_delete(&mut self, id: ImportId) -> StoreResult<()> {
        use imports::dsl;
        self.tx.defer(DeleteFile { tenant: self.tenant, import: id });
        let one = dsl::imports.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::id.eq(id));
        self.tx.defer(diesel::delete(one));
        Ok(())
    }

    async fn import_refused_insert(&mut self, id: ImportId, rows: &[RefusedRow]) -> StoreResult<()> {
        if !rows.is_empty() {
            self.tx.defer(InsertRefused { tenant: self.tenant, import: id, rows: written(rows)? });
        }
        Ok(())
    }

    async fn import_refused_clear(&mut self, id: ImportId) -> StoreResult<()> {
        use import_refused::dsl;
        let all = dsl::import_refused.filter(dsl::tenant_id.eq(self.tenant)).filter(dsl::import_id.eq(id));
        self.tx.defer(diesel::delete(all));
        Ok(())
    }

    async fn import_refused_list(
        &mut self,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> StoreResult<Vec<RefusedRow>> {
        let query = RefusedLine::query()
            .filter(import_refused::tenant_id.eq(self.tenant))
            .filter(import_refused::import_id.eq(id))
            .filter(import_refused::row_number.gt(i32::try_from(after).unwrap_or(i32::MAX)))
            .order(import_refused::row_number)
            .limit(i64::from(limit));
        let rows: Vec<RefusedLine> = self.tx.rows(query).await?;
        rows.into_iter()
            .map(|row| {
                Ok(RefusedRow {
                    number: u32::try_from(row.row_number).unwrap_or_default(),
                    cells: read("import_refused.cells", row.cells)?,
                    faults: read("import_refused.faults", row.faults)?,
                })
            })
            .collect()
    }
}

fn read<T: DeserializeOwned>(column: &str, value: Value) -> StoreResult<T> {
    serde_json::from_value(value).map_err(|_| corrupt(column))
}

fn written(value: &(impl Serialize + ?Sized)) -> StoreResult<Value> {
    let mut json = serde_json::to_value(value).map_err(|error| StoreError::Broken(error.to_string()))?;
    without_nul(&mut json);
    Ok(json)
}

/// Removes U+0000 from texts: Postgres cannot store it, and files contain it.
fn without_nul(json: &mut Value) {
    match json {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{fffd}"),
        Value::Array(values) => values.iter_mut().for_each(without_nul),
        // Keys are field names and codes of the product, so they contain no U+0000.
        Value::Object(fields) => fields.values_mut().for_each(without_nul),
        _ => {}
    }
}
