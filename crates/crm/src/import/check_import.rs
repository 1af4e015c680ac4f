//! The dry run of an import: stores what the import would do, and changes no clients.

use super::{
    job::{BatchPosition, ImportJob},
    mapping::Mapping,
    options::ImportOptions,
    plan::{BatchPlan, PlanRules, contacts, plan_batch},
    ports::Imports,
    reader::Batch,
    row::Row,
    survey::Survey,
};
use crate::{ClientBatches, UseCaseError};
use tryzore_kernel::{ImportId, StoreResult};
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Starts the check of an import with the `survey` of its file, which was made with `mapping` and
/// `options`. A check can be started again until the import runs.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state`; [`UseCaseError::NotFound`].
pub async fn begin_check<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
    survey: Survey,
    mapping: Mapping,
    options: ImportOptions,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?;
    let job = ImportJob { mapping, options, ..job.check(survey)? };
    tx.import_refused_clear(id).await?;
    tx.import_progress(&job).await?;
    Ok(job)
}

/// Checks one batch. A batch that was already checked is skipped.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` or `crm.import.gap`; [`UseCaseError::NotFound`].
pub async fn check_batch<T: Imports + ClientBatches>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
    batch: Batch,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?;
    if job.position_of(batch.start)? == BatchPosition::Done {
        return Ok(job);
    }
    let plan = planned(tx, &job, batch.rows).await?;
    advance(tx, job, &plan).await
}

/// Plans the changes of `rows` to the existing clients; clients who may be changed are locked.
pub(super) async fn planned<T: ClientBatches>(
    tx: &mut T,
    job: &ImportJob,
    rows: Vec<Row>,
) -> StoreResult<BatchPlan> {
    let (emails, phones) = contacts(&rows);
    let existing = tx.clients_by_contact(&emails, &phones).await?;
    Ok(plan_batch(rows, &existing, PlanRules::new(job.organization, &job.options)))
}

/// Stores the progress of the import after the batch of `plan`.
pub(super) async fn advance<T: Imports>(
    tx: &mut T,
    mut job: ImportJob,
    plan: &BatchPlan,
) -> Result<ImportJob, UseCaseError> {
    job.advance(plan);
    tx.import_refused_insert(job.id, &plan.refused).await?;
    tx.import_progress(&job).await?;
    Ok(job)
}

/// Ends the check; the import waits for someone to confirm it.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` when rows are missing; [`UseCaseError::NotFound`].
pub async fn finish_check<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?.checked()?;
    tx.import_progress(&job).await?;
    Ok(job)
}

/// The import, locked, if the permit covers its location.
pub(crate) async fn lock<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
) -> Result<ImportJob, UseCaseError> {
    let job = tx.import_lock(id).await?.ok_or(UseCaseError::NotFound("import"))?;
    permit.require_at(job.organization, "import")?;
    Ok(job)
}
