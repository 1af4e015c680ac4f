//! A permission for one person at one location for a time, given by a manual override (SUP-09).
//!
//! Whoever sets rules aside need not manage roles. So they give an allow override alone, of a single permission at a
//! single location, and never one that they do not hold there themselves. A refusal is recorded by the caller.

use crate::{
    Effect, Holdings, Override, Pattern, Permit, Slug,
    catalogue::ManualOverrides,
    manage::{
        GrantsChanged, HoldingsStore, OverrideStore, PermissionOverride, UseCaseError, check_can_grant,
        is_in_reach,
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, Journal, OrganizationId, UserId};

/// A permission at a location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemporaryPermission {
    /// The slug of the permission: no wildcard.
    pub permission: String,
    /// The location.
    #[serde(rename = "organization_id")]
    pub organization: OrganizationId,
}

impl TemporaryPermission {
    fn slug(&self) -> Result<Slug, UseCaseError> {
        Slug::find(&self.permission).filter(|slug| slug.is_assignable()).ok_or_else(|| {
            UseCaseError::invalid("/change/permission", "expected a permission that `list_permissions` names")
        })
    }

    fn pattern(&self) -> Result<Pattern, UseCaseError> {
        self.slug().map(Pattern::of)
    }
}

/// Checks that `given` can be given to `user`.
///
/// # Errors
/// [`UseCaseError::Invalid`] for a permission that no role can hold; [`UseCaseError::NotFound`] for a location or a
/// person whom the caller does not see; `rbac.override.own`, `rbac.override.held`, `rbac.override.denied`,
/// `rbac.give.exceeds_own`.
pub async fn check_temporary<T: HoldingsStore>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    user: UserId,
    given: &TemporaryPermission,
) -> Result<(), UseCaseError> {
    let (slug, at) = (given.slug()?, given.organization);
    permit.require_at(at, "organization")?;
    if permit.actor().user() == Some(user) {
        return Err(Denial::right("rbac.override.own")
            .because("user", user)
            .remedy("Ask another person who manages roles.", Some("list_permission_holders"))
            .into());
    }
    let holdings = tx.holdings_of(user).await?;
    if !is_in_reach(permit, &holdings) {
        return Err(UseCaseError::NotFound("employee"));
    }
    check_is_new(&holdings, slug, given)?;
    check_can_grant(permit.grants(), std::iter::once(slug).collect(), &[at])?;
    Ok(())
}

/// Gives `given` to `user`, because of `reason`.
///
/// # Errors
/// As [`check_temporary`].
pub async fn give_temporary<T: OverrideStore + HoldingsStore + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    user: UserId,
    given: &TemporaryPermission,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    check_temporary(permit, tx, user, given).await?;
    let permission_override = PermissionOverride {
        user,
        pattern: given.pattern()?,
        effect: Effect::Allow,
        organization: Some(given.organization),
        reason: reason.to_owned(),
        // Ended by the manual override itself, so that its log has the end.
        expires_at: None,
        created_at: now,
    };
    tx.override_put(&permission_override).await?;
    GrantsChanged::publish(user, tx, now);
    Ok(())
}

/// Takes `given` back from `user`. If somebody has deleted the override already, nothing is left to do.
///
/// # Errors
/// [`UseCaseError::NotFound`] for a location that the caller does not see; `rbac.override.replaced` when somebody
/// has put a deny override in its place.
pub async fn end_temporary<T: OverrideStore + HoldingsStore + Journal>(
    permit: &Permit<ManualOverrides>,
    tx: &mut T,
    user: UserId,
    given: &TemporaryPermission,
    now: DateTime<Utc>,
) -> Result<(), UseCaseError> {
    let (pattern, at) = (given.pattern()?, given.organization);
    permit.require_at(at, "organization")?;
    let holdings = tx.holdings_of(user).await?;
    let Some(stored) = stored(&holdings, &pattern, at) else { return Ok(()) };
    if stored.effect == Effect::Deny {
        return Err(Denial::state("rbac.override.replaced")
            .because("user", user)
            .because("permission", &given.permission)
            .remedy(
                "Somebody has denied the permission since: confirm the override.",
                Some("confirm_manual_override"),
            )
            .into());
    }
    tx.override_delete(user, &pattern, Some(at)).await?;
    GrantsChanged::publish(user, tx, now);
    Ok(())
}

fn stored<'h>(holdings: &'h Holdings, pattern: &Pattern, at: OrganizationId) -> Option<&'h Override> {
    holdings.overrides.iter().find(|it| it.pattern == *pattern && it.organization == Some(at))
}

fn check_is_new(holdings: &Holdings, slug: Slug, given: &TemporaryPermission) -> Result<(), UseCaseError> {
    let at = given.organization;
    let refused = |code| Denial::state(code).because("permission", slug.as_str()).because("organization", at);
    if holdings.permitted_at(at).contains(slug) {
        return Err(refused("rbac.override.held")
            .remedy("The person holds the permission already.", None)
            .into());
    }
    let denies = |it: &&Override| {
        it.effect == Effect::Deny
            && it.organization.is_none_or(|denied| denied == at)
            && it.pattern.expand().contains(slug)
    };
    match holdings.overrides.iter().find(denies) {
        Some(denial) => Err(refused("rbac.override.denied")
            .because("override.pattern", denial.pattern.as_str())
            .remedy(
                "Somebody denied the permission to this person, and a deny goes before an allow: delete the deny.",
                Some("clear_override"),
            )
            .into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
