//! A location closes for good (TEN-03).

use crate::{
    DomainEvent, Organization, Organizations, Schedule, TenancyError, create_organization::seers,
    edit_organization::lock, permission::DeleteOrganization,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tryzore_kernel::{AuditEntry, Journal, Matter, OrganizationId};
use tryzore_rbac::{
    Permit,
    manage::{GrantsChanged, Standings},
};

/// The command, as decisions and the audit trail name it.
pub const COMMAND: &str = "organizations.close";

/// Closes the location `id`, whose version the caller read as `expected`. What happened there
/// stays; nobody can be there any more.
///
/// # Errors
/// [`TenancyError::NotFound`]; [`TenancyError::Stale`]; [`TenancyError::Denied`] with
/// `organizations.closed` or `organizations.close.*`.
pub async fn close_organization<T: Organizations + Schedule + Standings + Journal>(
    permit: &Permit<DeleteOrganization>,
    tx: &mut T,
    id: OrganizationId,
    expected: i32,
    now: DateTime<Utc>,
) -> Result<Organization, TenancyError> {
    let (places, before) = lock(permit, tx, id, expected).await?;
    let commitments = tx.schedule_commitments(id, now).await?;
    let after = tx.decision_heed(Matter::new(COMMAND, id, id), before.close(&places, &commitments, now))?;
    let felt = seers(tx, &[id]).await?;
    tx.organization_update(&after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND,
        target: id.uuid(),
        subject: None,
        organizations: vec![id],
        details: json!({ "name": after.name }),
    });
    DomainEvent::OrganizationClosed { organization: id }.publish(tx, Some(id), now);
    GrantsChanged::publish_all(felt, tx, now);
    Ok(after)
}
