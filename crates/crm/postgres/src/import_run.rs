//! Imports as a worker runs them: one batch per transaction.
//!
//! Progress is stored in the transaction of the batch, so a worker that is killed loses only its current
//! batch: the next attempt reads the file from the start, skips the batches that are done and continues. A
//! separate thread reads the file, two batches ahead.
//!
//! After each batch the event `crm.import_progress` reports the progress to those who see clients at the
//! location and to the person who started the import.

use super::uploaded_file::UploadedFile;
use crate::Crm;
use crate::CrmStore;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::{runtime::Handle, sync::mpsc, task::spawn_blocking};
use tryzore_crm::{
    UseCaseError,
    domain_event::ImportProgress,
    import::{
        BATCH_ROWS, Batch, ImportError, ImportJob, ImportReader, ImportState, Imports, Survey, begin_check,
        check_batch, confirm_import, fail_import, finish_check, finish_import, run_batch,
    },
};
use tryzore_kernel::{ImportId, Journal, Problem, TenantId};
use tryzore_postgres::{
    Db, TenantTx,
    runtime::{Failure, Job},
};
use tryzore_rbac::{DomainEvent, Permit, SystemActor, catalogue::CreateClient};
use uuid::Uuid;

/// The kind of the jobs that continue an import.
pub const JOB: &str = "crm.import";

#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) import: ImportId,
}

/// Runs `job`, which [`TenantTx::import_enqueue`] has enqueued.
///
/// # Errors
/// When the database fails; the next attempt continues where this one stopped.
pub async fn work(db: &Db, job: &Job) -> Result<(), Failure> {
    let tenant = job.tenant.ok_or_else(|| Failure::permanent("an import of no tenant"))?;
    let Payload { import } = job.payload()?;
    Ok(process(db, tenant, import).await?)
}

/// Takes an import as far as it goes without a person: to the end of its check, or from there to the end of
/// the run. Calling this again, also after a worker was killed, continues the import; if there is nothing
/// to do, the call does nothing.
///
/// # Errors
/// When the database fails.
pub async fn process(db: &Db, tenant: TenantId, import: ImportId) -> Result<(), Problem> {
    let importer = Importer { db, permit: Permit::system(tenant, SystemActor::Importer), import };
    while let Some(work) = importer.open().await? {
        match importer.advance(work).await {
            Ok(true) => {}
            Ok(false) => break,
            // The import was discarded in the meantime.
            Err(_) if importer.open().await?.is_none() => break,
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}

struct Importer<'d> {
    db: &'d Db,
    permit: Permit<CreateClient>,
    import: ImportId,
}

/// What the next step works with.
struct Work {
    job: ImportJob,
    upload: Option<Uuid>,
    runs_unasked: bool,
    zone: chrono_tz::Tz,
}

// Why a file cannot be read to its end.
enum Halt {
    File(ImportError),
    Store(Problem),
}

impl Importer<'_> {
    async fn open(&self) -> Result<Option<Work>, Problem> {
        self.db
            .tenant_tx(&self.permit, async |tx| {
                let Some(job) = tx.crm().import_find(self.import).await? else {
                    return Ok::<_, Problem>(None);
                };
                let (upload, runs_unasked) = tx.crm().import_upload(self.import).await?;
                let locale = tx.crm().organization_locale(job.organization).await?;
                let zone = locale.map_or(chrono_tz::UTC, |locale| locale.zone);
                Ok(Some(Work { job, upload, runs_unasked, zone }))
            })
            .await
    }

    /// Takes one step; returns whether there may be another.
    async fn advance(&self, work: Work) -> Result<bool, Problem> {
        let halted = match &work.job.state {
            ImportState::Uploaded => self.survey(&work).await,
            ImportState::Checking { .. } | ImportState::Running { .. } => self.rows(&work).await,
            ImportState::Checked { .. } if work.runs_unasked => return self.confirm().await,
            ImportState::Checked { .. } | ImportState::Finished { .. } | ImportState::Failed { .. } => {
                return Ok(false);
            }
        };
        match halted {
            Ok(()) => Ok(true),
            Err(Halt::Store(problem)) => Err(problem),
            Err(Halt::File(error)) => self.fail(&error).await.map(|()| false),
        }
    }

    async fn survey(&self, work: &Work) -> Result<(), Halt> {
        let (mapping, options) = (work.job.mapping.clone(), work.job.options.clone());
        let survey = self.read(work, move |file| Survey::take(file, &mapping, &options)).await?;
        let (mapping, options) = (work.job.mapping.clone(), work.job.options.clone());
        self.step(async |tx, _| {
            begin_check(&self.permit, &mut tx.crm(), self.import, survey, mapping, options).await
        })
        .await
    }

    async fn rows(&self, work: &Work) -> Result<(), Halt> {
        let (Some(survey), Some(report)) = (work.job.state.survey(), work.job.state.report()) else {
            return Ok(());
        };
        let (survey, options, done) = (survey.clone(), work.job.options.clone(), report.rows);
        // Dates are read as of the day the import was created, so that a row gives the same result on
        // whichever day the run continues.
        let day = work.job.created_at.with_timezone(&work.zone).date_naive();
        let runs = matches!(work.job.state, ImportState::Running { .. });
        let (send, mut batches) = mpsc::channel::<Batch>(2);
        let reading = self.read(work, move |file| {
            let mut reader = ImportReader::new(file, &survey, &options, day)?;
            while let Some(batch) = reader.next_batch(BATCH_ROWS)? {
                if batch.start >= done && send.blocking_send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let writing = async move {
            while let Some(batch) = batches.recv().await {
                self.batch(work, runs, batch).await?;
            }
            Ok(())
        };
        let (read, written) = tokio::join!(reading, writing);
        written?;
        read?;
        self.step(async |tx, now| match runs {
            true => {
                let job = finish_import(&self.permit, &mut tx.crm(), self.import, now).await?;
                tx.crm().import_release(self.import);
                Ok(job)
            }
            false => finish_check(&self.permit, &mut tx.crm(), self.import).await,
        })
        .await
    }

    async fn batch(&self, work: &Work, runs: bool, batch: Batch) -> Result<(), Halt> {
        self.step(async |tx, now| match runs {
            true => {
                let today = now.with_timezone(&work.zone).date_naive();
                run_batch(&self.permit, &mut tx.crm(), self.import, batch, today, now).await
            }
            false => check_batch(&self.permit, &mut tx.crm(), self.import, batch).await,
        })
        .await
    }

    async fn confirm(&self) -> Result<bool, Problem> {
        let confirmed = self.db.tenant_tx(&self.permit, async |tx| {
            match confirm_import(&self.permit, &mut tx.crm(), self.import).await {
                Ok(job) => {
                    tell(&mut tx.crm(), &job, self.db.clock().now());
                    Ok(true)
                }
                // Either every row is refused, or a person has changed the import in the meantime: there is
                // nothing to run.
                Err(UseCaseError::Denied(_)) => Ok(false),
                Err(error) => Err(error),
            }
        });
        confirmed.await
    }

    async fn fail(&self, error: &ImportError) -> Result<(), Problem> {
        let detail = error.to_string();
        let failed = self.step(async |tx, now| {
            let job =
                fail_import(&self.permit, &mut tx.crm(), self.import, error.code(), &detail, now).await?;
            tx.crm().import_release(self.import);
            Ok(job)
        });
        match failed.await {
            Err(Halt::Store(problem)) => Err(problem),
            _ => Ok(()),
        }
    }

    /// One transaction of the import, which also reports the progress.
    async fn step(
        &self,
        work: impl AsyncFnOnce(&mut TenantTx, DateTime<Utc>) -> Result<ImportJob, UseCaseError>,
    ) -> Result<(), Halt> {
        let now = self.db.clock().now();
        let stepped = self.db.tenant_tx(&self.permit, async |tx| {
            let job = work(tx, now).await?;
            tell(&mut tx.crm(), &job, now);
            Ok::<_, UseCaseError>(())
        });
        stepped.await.map_err(Halt::Store)
    }

    /// Reads the file on a separate thread.
    async fn read<T: Send + 'static>(
        &self,
        work: &Work,
        read: impl FnOnce(&mut UploadedFile) -> Result<T, ImportError> + Send + 'static,
    ) -> Result<T, Halt> {
        let mut file = UploadedFile {
            db: self.db.clone(),
            permit: self.permit.clone(),
            runtime: Handle::current(),
            upload: work.upload.unwrap_or_default(),
            bytes: work.job.file.bytes,
            position: 0,
            chunk: None,
            failure: None,
        };
        let read = spawn_blocking(move || {
            let read = read(&mut file);
            match file.failure {
                Some(problem) => Err(Halt::Store(problem)),
                None => read.map_err(Halt::File),
            }
        });
        read.await.unwrap_or_else(|error| {
            Err(Halt::Store(Problem::internal(format!("reading an upload panicked: {error}"))))
        })
    }
}

pub(super) fn tell(tx: &mut CrmStore<'_>, job: &ImportJob, now: DateTime<Utc>) {
    tx.event_publish(ImportProgress::of(job).published(now));
}
