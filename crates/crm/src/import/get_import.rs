//! Staff look at an import.

use super::{job::ImportJob, ports::Imports};
use crate::CrmError;
use tryzore_kernel::ImportId;
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// The import `id`.
///
/// # Errors
/// [`CrmError::NotFound`] when there is none that the caller may see; a denial for lack of a right.
pub async fn get_import<T: Imports>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
) -> Result<ImportJob, CrmError> {
    let job = tx.import_find(id).await?.ok_or(CrmError::NotFound("import"))?;
    permit.at(job.organization).map_err(|out_of_reach| CrmError::out_of_reach("import", out_of_reach))?;
    Ok(job)
}
