//! Deletes expired uploads: files that never became an import, and imports that nobody has confirmed.

use super::import_run::tell;
use crate::Crm;
use chrono::{DateTime, Duration, Utc};
use diesel::{QueryableByName, sql_types};
use tryzore_crm::{
    UseCaseError,
    import::{expire_import, limits},
};
use tryzore_kernel::{ImportId, Problem, TenantId};
use tryzore_postgres::{Db, PlatformTx, statement, store::Transaction};
use tryzore_rbac::{Permit, SystemActor, catalogue::CreateClient};
use uuid::Uuid;

/// How long an upload may exist without an import.
const ORPHANED_AFTER: Duration = Duration::days(1);

statement! {
    struct FindOrphans { before: DateTime<Utc> => sql_types::Timestamptz }
    "SELECT c.tenant_id, c.upload_id FROM crm.import_chunks c
     WHERE c.number = 0 AND c.created_at < $1
       AND NOT EXISTS (SELECT FROM crm.imports i WHERE i.tenant_id = c.tenant_id AND i.upload_id = c.upload_id)
     ORDER BY c.created_at LIMIT 1000"
}

statement! {
    struct FindExpired { before: DateTime<Utc> => sql_types::Timestamptz }
    "SELECT tenant_id, id FROM crm.imports
     WHERE state IN ('uploaded', 'checking', 'checked') AND created_at < $1
     ORDER BY created_at LIMIT 1000"
}

#[derive(QueryableByName)]
struct ExpiredRow {
    #[diesel(sql_type = sql_types::Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = sql_types::Uuid)]
    id: ImportId,
}

#[derive(QueryableByName)]
struct OrphanRow {
    #[diesel(sql_type = sql_types::Uuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = sql_types::Uuid)]
    upload_id: Uuid,
}

/// Deletes the files that were uploaded a day ago or earlier and never became an import; returns how many.
///
/// # Errors
/// When the database fails.
pub async fn sweep_uploads(db: &Db) -> Result<usize, Problem> {
    let before = db.clock().now() - ORPHANED_AFTER;
    let orphans: Vec<OrphanRow> = db
        .platform_tx(SystemActor::CleanUp, async |tx| tx.parts().tx.rows(FindOrphans { before }).await)
        .await?;
    for orphan in &orphans {
        let permit = Permit::<CreateClient>::system(orphan.tenant_id, SystemActor::CleanUp);
        db.tenant_tx(&permit, async |tx| {
            tx.crm().upload_delete(orphan.upload_id);
            Ok::<_, Problem>(())
        })
        .await?;
    }
    Ok(orphans.len() + expire(db).await?)
}

async fn expire(db: &Db) -> Result<usize, Problem> {
    let now = db.clock().now();
    let before = now - Duration::days(limits::UNCONFIRMED_DAYS);
    let find = async |tx: &mut PlatformTx| tx.parts().tx.rows(FindExpired { before }).await;
    let expired: Vec<ExpiredRow> = db.platform_tx(SystemActor::CleanUp, find).await?;
    for row in &expired {
        let permit = Permit::<CreateClient>::system(row.tenant_id, SystemActor::CleanUp);
        let ended = db.tenant_tx(&permit, async |tx| {
            if let Some(job) = expire_import(&permit, &mut tx.crm(), row.id, now).await? {
                tx.crm().import_release(row.id);
                tell(&mut tx.crm(), &job, now);
            }
            Ok::<_, UseCaseError>(())
        });
        // If the import was discarded in the meantime, there is nothing left to end.
        if let Err(problem) = ended.await {
            tracing::warn!(%problem, import = %row.id, "an import that has expired was not ended");
        }
    }
    Ok(expired.len())
}
