//! Reading an import.

use super::{job::ImportJob, ports::Imports};
use crate::UseCaseError;
use tryzore_kernel::ImportId;
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// The import `id`.
///
/// # Errors
/// [`UseCaseError::NotFound`] if the import does not exist or the caller may not see it; a denial for lack
/// of a right.
pub async fn get_import<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
) -> Result<ImportJob, UseCaseError> {
    let job = tx.import_find(id).await?.ok_or(UseCaseError::NotFound("import"))?;
    permit.require_at(job.organization, "import")?;
    Ok(job)
}
