//! An operator asks a tenant for support access, or withdraws.

use super::{SupportGrant, SupportGrantForm, SupportGrantStatus, grant::Decided};
use crate::{
    RevocationReason, SupportGrants, SupportTrail, domain_event::SupportAccessRequested,
    ending::end_support_sessions,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Journal, SupportGrantId, TenantId, UseCaseError};
use tryzore_rbac::{DomainEvent, PlatformPermit, platform::RequestSupportAccess};

/// Asks `tenant` for support access. The tenant's audit trail says so.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a tenant that does not exist; [`UseCaseError::Invalid`].
pub async fn request<T: SupportGrants + SupportTrail + Journal>(
    permit: &PlatformPermit<RequestSupportAccess>,
    tx: &mut T,
    tenant: TenantId,
    form: SupportGrantForm,
    now: DateTime<Utc>,
) -> Result<SupportGrant, UseCaseError> {
    if !tx.support_tenant_exists(tenant).await? {
        return Err(UseCaseError::NotFound("tenant"));
    }
    let name = tx.support_operator_name(permit.user()).await?.ok_or(UseCaseError::NotFound("operator"))?;
    let grant = SupportGrant::request(&form, tenant, (permit.user(), name), now)?;
    tx.support_grant_insert(&grant).await?;
    let requested = SupportAccessRequested { tenant, grant: grant.id, operator: permit.user() };
    tx.event_publish(requested.published(now));
    tell(tx, "support_access.request", &grant).await?;
    Ok(grant)
}

/// Withdraws a request or an approval; its sessions end. Withdrawing what is over changes nothing.
///
/// # Errors
/// [`UseCaseError::NotFound`], also for a request of another operator.
pub async fn withdraw<T: SupportGrants + SupportTrail + Journal>(
    permit: &PlatformPermit<RequestSupportAccess>,
    tx: &mut T,
    tenant: TenantId,
    id: SupportGrantId,
    now: DateTime<Utc>,
) -> Result<SupportGrant, UseCaseError> {
    let before = tx.support_grant_lock(tenant, id).await?;
    let before = before.filter(|grant| grant.requested_by == permit.user());
    let before = before.ok_or(UseCaseError::NotFound("support grant"))?;
    if !matches!(before.status, SupportGrantStatus::Requested | SupportGrantStatus::Approved) {
        return Ok(before);
    }
    let decided = Decided { by: permit.user(), at: now, because: None };
    let after = before.set_status(SupportGrantStatus::Withdrawn, decided);
    tx.support_grant_update(&after).await?;
    end_support_sessions(tx, &after, RevocationReason::SignedOut, now).await?;
    tell(tx, "support_access.withdraw", &after).await?;
    Ok(after)
}

async fn tell<T: SupportTrail + Journal>(
    tx: &mut T,
    action: &'static str,
    grant: &SupportGrant,
) -> Result<(), UseCaseError> {
    let entry = AuditEntry {
        action,
        target: grant.id.uuid(),
        subject: None,
        organizations: grant.organizations.clone().unwrap_or_default(),
        details: serde_json::json!({
            "reason": grant.reason, "ticket": grant.ticket, "operator": grant.requested_by_name,
            "permissions": grant.patterns.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "minutes": grant.minutes,
        }),
    };
    tx.support_trail_append(grant.tenant, entry.clone()).await?;
    tx.audit_append(entry);
    Ok(())
}
