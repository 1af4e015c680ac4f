//! Starting an import by uploading a file.

use super::{
    file_error::ImportError,
    job::{ImportFile, ImportJob, ImportState},
    limits,
    mapping::Mapping,
    options::ImportOptions,
    ports::Imports,
    sniff,
};
use crate::UseCaseError;
use chrono::{DateTime, Utc};
use encoding_rs::Encoding;
use tryzore_kernel::{AuditEntry, Denial, ImportId, Journal, OrganizationId};
use tryzore_rbac::{Permit, catalogue::CreateClient};

/// Starts an import of `file` to `organization`. The caller stores the bytes, by the id of the import, before
/// the transaction commits.
///
/// # Errors
/// [`UseCaseError::Other`] for a file that is too large and for options that are not valid;
/// [`UseCaseError::Denied`] with `crm.import.too_many` if too many imports of the location have not ended;
/// [`UseCaseError::NotFound`] for a location that the caller does not see.
pub async fn start_import<T: Imports + Journal>(
    permit: &Permit<CreateClient>,
    tx: &mut T,
    organization: OrganizationId,
    file: ImportFile,
    mapping: Mapping,
    options: ImportOptions,
    now: DateTime<Utc>,
) -> Result<ImportJob, UseCaseError> {
    permit.require_at(organization, "organization")?;
    if !ImportJob::fits(file.bytes) {
        return Err(ImportError::TooBig.into());
    }
    if let Some(delimiter) = options.delimiter {
        sniff::checked(delimiter)?;
    }
    if let Some(label) = &options.encoding
        && Encoding::for_label(label.as_bytes()).is_none()
    {
        return Err(ImportError::UnknownEncoding(label.clone()).into());
    }
    let open = tx.imports_open(organization).await?;
    if open >= limits::OPEN_IMPORTS {
        return Err(Denial::state("crm.import.too_many")
            .because("import.open", open)
            .because("import.open_max", limits::OPEN_IMPORTS)
            .remedy("Confirm or discard the imports of this location that wait for confirmation.", None)
            .into());
    }
    let job = ImportJob {
        id: ImportId::generate(now),
        organization,
        requested_by: permit.actor().user(),
        file: ImportFile { name: ImportJob::file_name(&file.name), bytes: file.bytes },
        mapping,
        options,
        state: ImportState::Uploaded,
        created_at: now,
    };
    tx.import_insert(&job).await?;
    tx.audit_append(AuditEntry {
        action: "clients.import",
        target: job.id.uuid(),
        subject: None,
        organizations: vec![organization],
        details: serde_json::json!({ "bytes": job.file.bytes }),
    });
    Ok(job)
}
