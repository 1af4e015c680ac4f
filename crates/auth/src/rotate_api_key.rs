//! Giving an API key of a service a new text (AUT-19).

use crate::{
    ApiKey, ApiKeys, Refusal, Secrets, Settled,
    domain_event::{ApiKeyRotated, OfApiKey},
    issue_api_key::{IssuedApiKey, check_expiry, check_within, mint},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::RangeInclusive;
use tryzore_kernel::{ApiKeyId, AuditEntry, Command, DecisionContext, Denial, Journal};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::ManageRoles, permit::OutOfReach};

/// The command, in recorded decisions.
pub const COMMAND: Command = Command::new("auth.api_key.rotate").seen_by(Slug::MANAGE_STAFF.audience());
/// How long a former text can work, in seconds: at most 7 days.
pub const OVERLAP_SECONDS: RangeInclusive<u32> = 0..=7 * 24 * 60 * 60;
/// How long a former text works unless the caller chooses otherwise, in seconds: 24 hours.
pub const OVERLAP_SECONDS_DEFAULT: u32 = 24 * 60 * 60;

/// How a key is rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// How long the text until now works, in seconds; within [`OVERLAP_SECONDS`].
    pub overlap_seconds: u32,
    /// When the key expires from now on; unchanged when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Gives a key a new text. Its name, location, permissions, limit and issuer stay. The caller gets the text, so
/// they must hold the permissions of the key themselves, whoever issued it.
///
/// # Errors
/// Inner: 404 for a key that the caller may not see, 403 for a key at a location where the caller does not manage
/// roles, 422 for a field, `auth.api_key.beyond_issuer`, `auth.api_key.ended` for a key that was revoked or has
/// expired.
pub async fn rotate_api_key<T: ApiKeys + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: ApiKeyId,
    rotation: Rotation,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<IssuedApiKey> {
    let Some(key) = tx.api_key_lock(permit.tenant(), id).await? else {
        return Ok(Err(Refusal::NotFound("API key")));
    };
    let decision = DecisionContext::new(COMMAND, id, key.organization);
    if let Err(refusal) = tx.record_if_denied(decision, check(permit, &key, rotation, now)) {
        return Ok(Err(refusal));
    }
    let (prefix, minted) = mint(secrets)?;
    let former_expires_at = now + TimeDelta::seconds(i64::from(rotation.overlap_seconds));
    let key = key.rotate(prefix, minted.hash, former_expires_at);
    let key = ApiKey { expires_at: rotation.expires_at.unwrap_or(key.expires_at), ..key };
    tx.api_key_update(&key).await?;
    let former = key.former.as_ref();
    tx.audit_append(AuditEntry {
        action: "auth.api_key_rotated",
        target: key.id.uuid(),
        subject: None,
        organizations: vec![key.organization],
        details: serde_json::json!({
            "name": key.name, "prefix": key.prefix, "expires_at": key.expires_at,
            "former_prefix": former.map(|former| &former.prefix),
            "former_expires_at": former.map(|former| former.expires_at),
        }),
    });
    let (tenant, organization) = (key.tenant, key.organization);
    tx.event_publish(ApiKeyRotated(OfApiKey { key: key.id, tenant, organization }).published(now));
    Ok(Ok(IssuedApiKey { key, text: minted.text }))
}

fn check(
    permit: &Permit<ManageRoles>,
    key: &ApiKey,
    rotation: Rotation,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    permit.at(key.organization).map_err(|beyond| match beyond {
        OutOfReach::Hidden => Refusal::NotFound("API key"),
        OutOfReach::Denied(denial) => denial.into(),
    })?;
    if !OVERLAP_SECONDS.contains(&rotation.overlap_seconds) {
        return Err(Refusal::Invalid { pointer: "/overlap_seconds", detail: "0 to 604800".into() });
    }
    if let Some(expires_at) = rotation.expires_at {
        check_expiry(expires_at, now)?;
    }
    check_within(permit, &key.patterns, key.organization)?;
    if key.is_live(now) {
        return Ok(());
    }
    Err(Denial::state("auth.api_key.ended")
        .because("api_key.prefix", &key.prefix)
        .because("api_key.revoked_at", key.revoked_at)
        .because("api_key.expires_at", key.expires_at)
        .remedy("Issue a new key.", Some("issue_api_key"))
        .into())
}

#[cfg(test)]
mod tests;
