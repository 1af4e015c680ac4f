//! Setting what a tenant requires of second factors.
//!
//! The policy applies at every location, so whoever sets it manages staff at all of them; and they have a
//! factor and have just used it, so that nobody requires of others what they cannot do themselves, and a stolen
//! session cannot lift the rules.

use crate::{
    Factor, FactorPolicies, FactorPolicy, Factors, Sessions,
    domain_event::{FactorPolicySet, OfTenant},
    ending::person,
    error::Refusal,
    factor::{none_yet, require_fresh},
    factor_policy::FactorPolicyDraft,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{AuditEntry, Command, DecisionContext, Denial, FieldErrors, Journal, UseCaseError};
use tryzore_rbac::{DomainEvent, Permit, Slug, catalogue::ManageStaff};

/// The command, in decisions and in the audit trail.
pub const COMMAND: Command = Command::new("factor_policies.set").seen_by(Slug::MANAGE_STAFF.audience());

/// Sets the policy of the tenant, which the caller read in version `expected`.
///
/// # Errors
/// [`UseCaseError::Stale`]; [`UseCaseError::Invalid`] for a role that the tenant does not have;
/// [`UseCaseError::Denied`] with `auth.factor_policy.beyond_reach`, `auth.factor.none`,
/// `auth.factor.step_up_required` or `auth.person_required`.
pub async fn set_factor_policy<T>(
    permit: &Permit<ManageStaff>,
    tx: &mut T,
    expected: i32,
    draft: FactorPolicyDraft,
    now: DateTime<Utc>,
) -> Result<FactorPolicy, UseCaseError>
where
    T: FactorPolicies + Factors + Sessions + Journal,
{
    let tenant = permit.tenant();
    let decision = DecisionContext::new(COMMAND, tenant, None);
    let (user, session) = match person(permit) {
        Ok(person) => person,
        Err(Refusal::Denied(denial)) => return Err(UseCaseError::Denied(*denial)),
        Err(_) => return Err(UseCaseError::NotFound("session")),
    };
    let locations = tx.factor_policy_locations().await?;
    let out_of_reach = locations.iter().filter(|at| !permit.reach().covers(**at)).count();
    tx.record_if_denied(decision, check_reach(out_of_reach))?;
    let has_factor = tx.factor_list(user).await?.iter().any(Factor::is_confirmed);
    tx.record_if_denied(decision, if has_factor { Ok(()) } else { Err(none_yet()) })?;
    let session = tx.session_find(session).await?.ok_or(UseCaseError::NotFound("session"))?;
    tx.record_if_denied(decision, require_fresh(&session, Slug::MANAGE_STAFF.as_str(), now))?;
    let roles: Vec<_> = draft.roles.iter().copied().collect();
    let known = tx.factor_policy_roles(&roles).await?;
    if let Some(unknown) = roles.iter().find(|role| !known.contains(role)) {
        return Err(FieldErrors::one("/role_ids", format!("no such role: {unknown}")).into());
    }
    let before = tx.factor_policy_lock().await?;
    if before.version != expected {
        return Err(UseCaseError::Stale);
    }
    let after = before.change(draft, now);
    tx.factor_policy_save(&after).await?;
    tx.audit_append(AuditEntry {
        action: COMMAND.name,
        target: tenant.uuid(),
        subject: None,
        organizations: locations,
        details: serde_json::json!({ "from": told(&before), "to": told(&after) }),
    });
    tx.event_publish(FactorPolicySet(OfTenant { tenant }).published(now));
    Ok(after)
}

fn check_reach(out_of_reach: usize) -> Result<(), Denial> {
    if out_of_reach == 0 {
        return Ok(());
    }
    Err(Denial::right("auth.factor_policy.beyond_reach")
        .because("organizations.out_of_reach", out_of_reach)
        .remedy(
            "The policy applies at every location. Ask someone who manages staff at all of them.",
            Some("list_permission_holders"),
        ))
}

fn told(policy: &FactorPolicy) -> serde_json::Value {
    let step_up: std::collections::BTreeMap<_, _> =
        policy.step_up.rules().iter().map(|(slug, minutes)| (slug.as_str(), minutes)).collect();
    serde_json::json!({
        "is_required": policy.everyone_since.is_some(),
        "roles": policy.roles.keys().collect::<Vec<_>>(),
        "grace_days": policy.grace_days,
        "step_up": step_up,
    })
}

#[cfg(test)]
mod tests;
