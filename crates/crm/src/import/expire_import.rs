//! An import that nobody has confirmed ends by itself.

use super::{check_import::lock, job::ImportJob, limits, ports::Imports};
use crate::UseCaseError;
use chrono::{DateTime, Utc};
use tryzore_kernel::ImportId;
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Ends an import that has waited for its confirmation for longer than
/// [`limits::UNCONFIRMED_DAYS`], and forgets the rows that it would have refused. None when it is not
/// so: somebody was faster.
///
/// # Errors
/// [`UseCaseError::NotFound`].
pub async fn expire_import<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
    now: DateTime<Utc>,
) -> Result<Option<ImportJob>, UseCaseError> {
    let job = lock(permit, tx, id).await?;
    if !job.is_expired(now) {
        return Ok(None);
    }
    let detail =
        format!("nobody has confirmed it for {} days; upload the file again", limits::UNCONFIRMED_DAYS);
    let job = job.fail("import.expired", &detail, now)?;
    tx.import_refused_clear(id).await?;
    tx.import_progress(&job).await?;
    Ok(Some(job))
}
