//! Ends imports that nobody has confirmed.

use super::{check_import::lock, job::ImportJob, limits, ports::Imports};
use crate::UseCaseError;
use chrono::{DateTime, Utc};
use tryzore_kernel::ImportId;
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Ends an import that has waited for its confirmation for longer than [`limits::UNCONFIRMED_DAYS`], and
/// deletes its refused rows. `None` if the import no longer waits, because it was confirmed or ended
/// meanwhile.
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
    let detail = format!(
        "nobody has confirmed the import for {} days; upload the file again",
        limits::UNCONFIRMED_DAYS
    );
    let job = job.fail("import.expired", &detail, now)?;
    tx.import_refused_clear(id).await?;
    tx.import_progress(&job).await?;
    Ok(Some(job))
}
