//! Staff throw an import away: its file, what was found in it, and the rows that it refused.
//!
//! Clients that it has added stay, and so do the lines of the audit trail.

use super::{check_import::lock, ports::Imports};
use crate::UseCaseError;
use tryzore_kernel::{AuditEntry, ImportId, Journal};
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Throws the import `id` away.
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
