//! Confirming an import after its check.

use super::{check_import::lock, job::ImportJob, ports::Imports};
use crate::UseCaseError;
use tryzore_kernel::{AuditEntry, ImportId, Journal};
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Starts a checked import.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` if the import was not checked, and with
/// `crm.import.nothing_to_do` if every row is refused; [`UseCaseError::NotFound`].
pub async fn confirm_import<T: Imports + Journal>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
) -> Result<ImportJob, UseCaseError> {
    let job = lock(permit, tx, id).await?.run()?;
    tx.import_refused_clear(id).await?;
    tx.import_progress(&job).await?;
    tx.audit_append(AuditEntry {
        action: "clients.import_confirm",
        target: id.uuid(),
        subject: None,
        organizations: vec![job.organization],
        details: serde_json::json!({ "rows": job.progress().map(|progress| progress.total) }),
    });
    Ok(job)
}
