//! Discarding an import: deletes its file, its results and its refused rows.
//!
//! Clients that the import has added stay, and so do its entries in the audit trail.

use super::{check_import::lock, ports::Imports};
use crate::UseCaseError;
use tryzore_kernel::{AuditEntry, ImportId, Journal};
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Deletes the import `id`.
///
/// # Errors
/// [`UseCaseError::Denied`] with `crm.import.state` while it runs; [`UseCaseError::NotFound`].
pub async fn discard_import<T: Imports + Journal>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    id: ImportId,
) -> Result<(), UseCaseError> {
    let job = lock(permit, tx, id).await?;
    job.admit_discard()?;
    tx.import_delete(id).await?;
    tx.audit_append(AuditEntry {
        action: "clients.import_discard",
        target: id.uuid(),
        subject: None,
        organizations: vec![job.organization],
        details: serde_json::json!({ "state": job.state.name() }),
    });
    Ok(())
}
