//! Issuing an API key for another service (AUT-06).

use crate::{
    ApiKey, ApiKeys, AuthEvent, AuthEventKind, AuthEvents, Refusal, Secrets, Settled,
    api_key::{API_KEY_MAX, PREFIX_DIGITS, REQUESTS_PER_MINUTE},
    domain_event::{ApiKeyIssued, OfApiKey},
    ending::person,
    secret::{Minted, TokenKind},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::num::NonZeroU32;
use tryzore_kernel::{
    ApiKeyId, AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, StoreResult,
};
use tryzore_rbac::{DomainEvent, Pattern, Permit, Slug, catalogue::ManageRoles, permit::OutOfReach};

/// The command, in recorded decisions.
pub const COMMAND: Command = Command::new("api_keys.issue").seen_by(Slug::MANAGE_STAFF.audience());

/// A request for an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRequest {
    /// The name of the key, 1 to 100 characters.
    pub name: String,
    /// The location that the key works at.
    pub organization: OrganizationId,
    /// The permissions of the key, at least one.
    pub patterns: Vec<Pattern>,
    /// When the key expires: at most [`API_KEY_MAX`] away.
    pub expires_at: DateTime<Utc>,
    /// The limit of the key's own, within [`REQUESTS_PER_MINUTE`].
    pub requests_per_minute: Option<u32>,
}

/// A key that was just issued. Its text is shown now and never again.
#[derive(Debug, Clone)]
pub struct IssuedApiKey {
    /// The key that was issued.
    pub key: ApiKey,
    /// The text that the service sends.
    pub text: SecretString,
}

/// Issues a key. The key cannot have permissions that its issuer lacks at that location, nor any that are
/// for persons only, even under a wildcard.
///
/// # Errors
/// Inner: 404 or 403 for the location, 422 for a field, `auth.api_key.beyond_issuer`,
/// `auth.person_required`.
pub async fn issue_api_key<T: ApiKeys + AuthEvents + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    request: ApiKeyRequest,
    secrets: &impl Secrets,
    now: DateTime<Utc>,
) -> Settled<IssuedApiKey> {
    let decision = DecisionContext::new(COMMAND, request.organization, request.organization);
    let issuer = person(permit).and_then(|(user, _)| check(permit, &request, now).map(|()| user));
    let issued_by = match tx.record_if_denied(decision, issuer) {
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (prefix, minted) = mint(secrets)?;
    let ApiKeyRequest { name, organization, patterns, expires_at, requests_per_minute } = request;
    let key = ApiKey {
        id: ApiKeyId::generate(now),
        tenant: permit.tenant(),
        organization,
        name: name.trim().to_owned(),
        prefix,
        hash: minted.hash,
        patterns,
        issued_by,
        created_at: now,
        expires_at,
        last_used_at: None,
        revoked_at: None,
        former: None,
        requests_per_minute: requests_per_minute.and_then(NonZeroU32::new),
    };
    tx.api_key_insert(&key).await?;
    let patterns: Vec<&str> = key.patterns.iter().map(Pattern::as_str).collect();
    tx.auth_event_append(AuthEvent::new(AuthEventKind::ApiKeyIssued, issued_by, now)).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: key.id.uuid(),
        subject: None,
        organizations: vec![organization],
        details: serde_json::json!({
            "name": key.name, "prefix": key.prefix, "patterns": patterns, "expires_at": expires_at,
            "requests_per_minute": key.requests_per_minute,
        }),
    });
    let issued = ApiKeyIssued(OfApiKey { key: key.id, tenant: key.tenant, organization });
    tx.event_publish(issued.published(now));
    Ok(Ok(IssuedApiKey { key, text: minted.text }))
}

/// A new text of a key, with its prefix.
pub(crate) fn mint(secrets: &impl Secrets) -> StoreResult<(String, Minted)> {
    let digits: String = secrets.secret_generate()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let prefix = digits[..PREFIX_DIGITS].to_owned();
    let minted = Minted::try_new(TokenKind::ApiKey, &format!("{prefix}_"), secrets)?;
    Ok((prefix, minted))
}

/// Checks when a key is to expire.
pub(crate) fn check_expiry(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if expires_at <= now || expires_at - now > API_KEY_MAX {
        let detail = "in the future, at most 400 days away".into();
        return Err(Refusal::Invalid { pointer: "/expires_at", detail });
    }
    Ok(())
}

fn check(permit: &Permit<ManageRoles>, request: &ApiKeyRequest, now: DateTime<Utc>) -> Result<(), Refusal> {
    permit.at(request.organization).map_err(|beyond| match beyond {
        OutOfReach::Hidden => Refusal::NotFound("organization"),
        OutOfReach::Denied(denial) => denial.into(),
    })?;
    let invalid = |pointer, detail: &'static str| Err(Refusal::Invalid { pointer, detail: detail.into() });
    if !(1..=100).contains(&request.name.trim().chars().count()) {
        return invalid("/name", "1 to 100 characters");
    }
    if request.patterns.is_empty() {
        return invalid("/permissions", "at least one permission or wildcard");
    }
    check_expiry(request.expires_at, now)?;
    if request.requests_per_minute.is_some_and(|limit| !REQUESTS_PER_MINUTE.contains(&limit)) {
        return invalid("/requests_per_minute", "1 to 6000");
    }
    let is_for_persons = |pattern: &Pattern| pattern.expand().iter().all(Slug::is_for_persons);
    if let Some(pattern) = request.patterns.iter().find(|pattern| is_for_persons(pattern)) {
        let detail = format!("`{pattern}` is for persons only: no key administers staff, roles or keys");
        return Err(Refusal::Invalid { pointer: "/permissions", detail: detail.into() });
    }
    check_within(permit, &request.patterns, request.organization)
}

/// Checks that the caller holds all permissions of `patterns` at `organization`: whoever gets the text of a key
/// can do with it what the key may do.
///
/// # Errors
/// `auth.api_key.beyond_issuer`.
pub(crate) fn check_within(
    permit: &Permit<ManageRoles>,
    patterns: &[Pattern],
    organization: OrganizationId,
) -> Result<(), Refusal> {
    let asked = patterns.iter().flat_map(|pattern| pattern.expand().iter().collect::<Vec<_>>());
    let beyond: Vec<&str> =
        asked.filter(|slug| !permit.grants().reach(*slug).covers(organization)).map(Slug::as_str).collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Denial::right("auth.api_key.beyond_issuer")
        .because("organization", organization)
        .because("permissions.not_held", beyond)
        .remedy(
            "Leave out the permissions that you do not have yourself, or ask someone who has them.",
            Some("list_permission_holders"),
        )
        .into())
}
