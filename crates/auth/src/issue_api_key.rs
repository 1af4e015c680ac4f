//! Issuing an API key for another service (AUT-06).

use crate::{
    ApiKey, ApiKeys, AuthEvent, AuthEventKind, AuthEvents, Refusal, Secrets, Settled,
    api_key::{API_KEY_MAX, PREFIX_DIGITS},
    domain_event::{ApiKeyIssued, OfApiKey},
    ending::person,
    secret::{Minted, TokenKind},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tryzore_kernel::{ApiKeyId, AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId};
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
    let digits: String = secrets.secret_generate()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let prefix = digits[..PREFIX_DIGITS].to_owned();
    let minted = Minted::try_new(TokenKind::ApiKey, &format!("{prefix}_"), secrets)?;
    let ApiKeyRequest { name, organization, patterns, expires_at } = request;
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
        }),
    });
    let issued = ApiKeyIssued(OfApiKey { key: key.id, tenant: key.tenant, organization });
    tx.event_publish(issued.published(now));
    Ok(Ok(IssuedApiKey { key, text: minted.text }))
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
    if request.expires_at <= now || request.expires_at - now > API_KEY_MAX {
        return invalid("/expires_at", "in the future, at most 400 days away");
    }
    let is_for_persons = |pattern: &Pattern| pattern.expand().iter().all(Slug::is_for_persons);
    if let Some(pattern) = request.patterns.iter().find(|pattern| is_for_persons(pattern)) {
        let detail = format!("`{pattern}` is for persons only: no key administers staff, roles or keys");
        return Err(Refusal::Invalid { pointer: "/permissions", detail: detail.into() });
    }
    let asked = request.patterns.iter().flat_map(|pattern| pattern.expand().iter().collect::<Vec<_>>());
    let beyond: Vec<&str> = asked
        .filter(|slug| !permit.grants().reach(*slug).covers(request.organization))
        .map(Slug::as_str)
        .collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Denial::right("auth.api_key.beyond_issuer")
        .because("organization", request.organization)
        .because("permissions.not_held", beyond)
        .remedy(
            "Leave out the permissions that you do not have yourself, or ask someone who has them.",
            Some("list_permission_holders"),
        )
        .into())
}
