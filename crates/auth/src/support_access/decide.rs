//! The tenant approves, denies or revokes support access.

use super::{SupportGrant, SupportGrantStatus, grant, grant::Decided};
use crate::{
    Memberships, RevocationReason, SupportGrants,
    domain_event::{SupportAccess, SupportAccessApproved, SupportAccessDenied, SupportAccessRevoked},
    ending::end_support_sessions,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{
    AuditEntry, Command, DecisionContext, Denial, Journal, OrganizationId, SupportGrantId, UseCaseError,
    form::{FormCheck, line},
};
use tryzore_rbac::{
    DomainEvent, PermissionSet, Permit, Slug, catalogue::ManageRoles, grants::person_required,
    manage::check_can_grant,
};

/// The command that approves, in recorded decisions and in the audit trail.
pub const APPROVE: Command = Command::new("support_access.approve").seen_by(Slug::MANAGE_ROLES.audience());
/// The command that denies.
pub const DENY: Command = Command::new("support_access.deny").seen_by(Slug::MANAGE_ROLES.audience());
/// The command that revokes.
pub const REVOKE: Command = Command::new("support_access.revoke").seen_by(Slug::MANAGE_ROLES.audience());

/// What is approved: all that was requested, or less.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The permissions; those that were requested by default.
    pub permissions: Option<Vec<String>>,
    /// The locations; those that were requested by default.
    #[serde(rename = "organization_ids")]
    pub organizations: Option<Vec<OrganizationId>>,
    /// The minutes; those that were requested by default, and never more.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 10080))]
    pub minutes: Option<i32>,
}

/// Approves the request `id`, in full or in part.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Stale`]; [`UseCaseError::Invalid`] for more than was requested;
/// `support_access.decided`; `rbac.give.exceeds_own`.
pub async fn approve<T: SupportGrants + Memberships + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: SupportGrantId,
    version: i32,
    approval: Approval,
    now: DateTime<Utc>,
) -> Result<SupportGrant, UseCaseError> {
    let before = open(permit, tx, id, version).await?;
    let context = DecisionContext::new(APPROVE, id, None);
    let requested = tx.record_if_denied(context, waiting(before))?;
    let narrowed = narrow(requested, &approval)?;
    let locations = tx.locations_find(permit.tenant()).await?.unwrap_or_default();
    let all: Vec<_> = locations.iter().map(|node| node.organization).collect();
    if let Some(unknown) = narrowed.organizations.iter().flatten().find(|at| !all.contains(at)) {
        return Err(UseCaseError::invalid("/organization_ids", format!("{unknown} is not a location")));
    }
    let at = narrowed.organizations.clone().unwrap_or(all);
    let given = narrowed.patterns.iter().fold(PermissionSet::EMPTY, |set, it| set.union(it.expand()));
    tx.record_if_denied(context, check_can_grant(permit.grants(), given, &at))?;
    let after = decided(permit, narrowed, SupportGrantStatus::Approved, None, now)?;
    tx.support_grant_update(&after).await?;
    tx.event_publish(SupportAccessApproved(SupportAccess::of(&after)).published(now));
    audit(tx, APPROVE, &after);
    Ok(after)
}

/// Denies the request `id`.
///
/// # Errors
/// As [`approve`].
pub async fn deny<T: SupportGrants + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: SupportGrantId,
    version: i32,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<SupportGrant, UseCaseError> {
    let because = given(reason)?;
    let before = open(permit, tx, id, version).await?;
    let before = tx.record_if_denied(DecisionContext::new(DENY, id, None), waiting(before))?;
    let after = decided(permit, before, SupportGrantStatus::Denied, Some(because), now)?;
    tx.support_grant_update(&after).await?;
    tx.event_publish(SupportAccessDenied(SupportAccess::of(&after)).published(now));
    audit(tx, DENY, &after);
    Ok(after)
}

/// Takes the approval `id` back; its sessions end at once. Revoking it again changes nothing.
///
/// # Errors
/// [`UseCaseError::NotFound`]; [`UseCaseError::Invalid`]; `support_access.not_approved`.
pub async fn revoke<T: SupportGrants + Journal>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: SupportGrantId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<SupportGrant, UseCaseError> {
    let because = given(reason)?;
    let before = tx.support_grant_lock(permit.tenant(), id).await?;
    let before = before.filter(|grant| sees(permit, grant)).ok_or(UseCaseError::NotFound("support grant"))?;
    if before.status == SupportGrantStatus::Revoked {
        return Ok(before);
    }
    if before.status != SupportGrantStatus::Approved {
        let denial = not_approved(&before, "list_support_grants");
        tx.record_if_denied(DecisionContext::new(REVOKE, id, None), Err::<(), _>(denial))?;
    }
    let after = decided(permit, before, SupportGrantStatus::Revoked, Some(because), now)?;
    tx.support_grant_update(&after).await?;
    end_support_sessions(tx, &after, RevocationReason::ApprovalRevoked, now).await?;
    tx.event_publish(SupportAccessRevoked(SupportAccess::of(&after)).published(now));
    audit(tx, REVOKE, &after);
    Ok(after)
}

/// The refusal for a grant that is not approved, or no longer.
pub(super) fn not_approved(grant: &SupportGrant, action: &'static str) -> Denial {
    Denial::state("support_access.not_approved")
        .because("support_grant.status", grant.status)
        .because("support_grant.expires_at", grant.expires_at)
        .remedy("Look at the requests and their decisions, and request again.", Some(action))
}

/// Whether those with `permit` decide about `grant`: they reach one of its locations.
#[must_use]
pub fn sees(permit: &Permit<ManageRoles>, grant: &SupportGrant) -> bool {
    match &grant.organizations {
        Some(at) => at.iter().any(|at| permit.reach().covers(*at)),
        None => true,
    }
}

async fn open<T: SupportGrants>(
    permit: &Permit<ManageRoles>,
    tx: &mut T,
    id: SupportGrantId,
    version: i32,
) -> Result<SupportGrant, UseCaseError> {
    let grant = tx.support_grant_lock(permit.tenant(), id).await?;
    let grant = grant.filter(|grant| sees(permit, grant)).ok_or(UseCaseError::NotFound("support grant"))?;
    if grant.version == version { Ok(grant) } else { Err(UseCaseError::Stale) }
}

fn waiting(grant: SupportGrant) -> Result<SupportGrant, Denial> {
    if grant.status == SupportGrantStatus::Requested {
        return Ok(grant);
    }
    Err(Denial::state("support_access.decided").because("support_grant.status", grant.status).remedy(
        "Only a request that waits can be decided. Revoke an approval instead.",
        Some("revoke_support_grant"),
    ))
}

/// What is approved of `requested`: never more.
fn narrow(requested: SupportGrant, approval: &Approval) -> Result<SupportGrant, UseCaseError> {
    let mut check = FormCheck::default();
    let minutes = match approval.minutes {
        Some(minutes) => {
            check.take("/minutes", tryzore_kernel::form::within(minutes, grant::MINUTES.0, requested.minutes))
        }
        None => Some(requested.minutes),
    };
    let asked = requested.patterns.iter().fold(PermissionSet::EMPTY, |set, it| set.union(it.expand()));
    let patterns = match &approval.permissions {
        Some(texts) => grant::patterns(&mut check, texts),
        None => Some(requested.patterns.clone()),
    };
    for (nth, pattern) in patterns.iter().flatten().enumerate() {
        if pattern.expand().without(asked) != PermissionSet::EMPTY {
            check.add(format!("/permissions/{nth}"), "expected a permission that was requested");
        }
    }
    let organizations = match (&approval.organizations, &requested.organizations) {
        (None, requested) => requested.clone(),
        (Some(some), _) if some.is_empty() => {
            check.add("/organization_ids", "expected at least one location");
            None
        }
        (Some(some), Some(asked)) if some.iter().any(|at| !asked.contains(at)) => {
            check.add("/organization_ids", "expected locations that were requested");
            None
        }
        (Some(some), _) => Some(some.clone()),
    };
    let (minutes, patterns) = check.finish(minutes.zip(patterns))?;
    Ok(SupportGrant { minutes, patterns, organizations, ..requested })
}

fn given(reason: &str) -> Result<String, UseCaseError> {
    let mut check = FormCheck::default();
    let read = check.take("/reason", line(reason, 1, 500));
    Ok(check.finish(read)?)
}

fn decided(
    permit: &Permit<ManageRoles>,
    grant: SupportGrant,
    status: SupportGrantStatus,
    because: Option<String>,
    now: DateTime<Utc>,
) -> Result<SupportGrant, UseCaseError> {
    let by = permit.actor().user().ok_or_else(|| UseCaseError::Denied(person_required(permit.actor())))?;
    Ok(grant.set_status(status, Decided { by, at: now, because }))
}

fn audit(journal: &mut impl Journal, command: Command, grant: &SupportGrant) {
    let because = grant.decided.as_ref().and_then(|decided| decided.because.clone());
    journal.audit_append(AuditEntry {
        action: command.name,
        target: grant.id.uuid(),
        subject: Some(grant.requested_by),
        organizations: grant.organizations.clone().unwrap_or_default(),
        details: serde_json::json!({
            "permissions": grant.patterns.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "expires_at": grant.expires_at, "reason": because,
        }),
    });
}
