//! Revoking an API key of a service (AUT-06).

use crate::{
    ApiKeys, AuthEvent, AuthEventKind, AuthEvents, Refusal, Settled,
    domain_event::{ApiKeyRevoked, OfApiKey},
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{ApiKeyId, AuditEntry, Journal};
use tryzore_rbac::{DomainEvent, Permit, catalogue::ManageRoles, permit::OutOfReach};

/// Revokes a key. Revoking twice is not an error.
///
/// # Errors
/// Inner: 404 for a key that the caller may not see, 403 for a key at a location where the caller does not
/// manage roles.
pub async fn revoke_api_key<T: ApiKeys + AuthEvents + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Settled<()> {
    let Some(key) = tx.api_key_lock(permit.tenant(), id).await? else {
        return Ok(Err(Refusal::NotFound("API key")));
    };
    match permit.at(key.organization) {
        Ok(()) => {}
        Err(OutOfReach::Hidden) => return Ok(Err(Refusal::NotFound("API key"))),
        Err(OutOfReach::Denied(denial)) => return Ok(Err(denial.into())),
    }
    if key.revoked_at.is_some() {
        return Ok(Ok(()));
    }
    let key = key.revoke(now);
    tx.api_key_update(&key).await?;
    tx.auth_event_append(AuthEvent::new(AuthEventKind::ApiKeyRevoked, permit.actor().user(), now)).await?;
    tx.audit_append(AuditEntry {
        action: "api_keys.revoke",
        target: key.id.uuid(),
        subject: None,
        organizations: vec![key.organization],
        details: serde_json::json!({ "name": key.name, "prefix": key.prefix }),
    });
    let (tenant, organization) = (key.tenant, key.organization);
    tx.event_publish(ApiKeyRevoked(OfApiKey { key: key.id, tenant, organization }).published(now));
    Ok(Ok(()))
}
