//! What one person holds in a tenant: roles at locations, and overrides.

use crate::{Pattern, PermissionSet, Slug};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tryzore_kernel::{OrganizationId, RoleId};

/// A location and its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationNode {
    /// The location.
    pub organization: OrganizationId,
    /// The parent location, in a franchise.
    pub parent: Option<OrganizationId>,
}

/// The locations where a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One location.
    Organization(OrganizationId),
    /// A location and all locations below it.
    Subtree(OrganizationId),
    /// Every location that the person's owner account owns.
    Owned,
}

/// A role that a person has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The id of the role.
    pub role: RoleId,
    /// The name of the role, for explanations.
    pub name: Arc<str>,
    /// The patterns of the role.
    pub patterns: Vec<Pattern>,
    /// The locations where the role is held.
    pub scope: Scope,
    /// When the assignment ends; `None` means never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The effect of an override.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Grants a permission that no role grants.
    Allow,
    /// Denies a permission, whatever a role or another override grants.
    Deny,
}

/// A permission that an override grants to or takes from one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The pattern of permissions.
    pub pattern: Pattern,
    /// Whether the override allows or denies.
    pub effect: Effect,
    /// The location; `None` means every location.
    pub organization: Option<OrganizationId>,
    /// When the override ends; `None` means never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Assignments and overrides that have ended: they decide nothing, and are kept to explain what was held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended {
    /// The assignments that have ended.
    pub assignments: Vec<Assignment>,
    /// The overrides that have ended.
    pub overrides: Vec<Override>,
}

/// Everything that decides what one person may do in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holdings {
    /// The locations of the tenant.
    pub tree: Vec<OrganizationNode>,
    /// The locations that the person's owner account owns.
    pub owned: Vec<OrganizationId>,
    /// The roles of the person.
    pub assignments: Vec<Assignment>,
    /// The overrides for the person.
    pub overrides: Vec<Override>,
    /// Whether the person is a client of the tenant.
    pub is_client: bool,
    /// The assignments and overrides that have ended.
    pub ended: Ended,
    /// When the next assignment or override ends: from then on these holdings are out of date.
    pub changes_at: Option<DateTime<Utc>>,
}

impl Holdings {
    /// The holdings at `now`: assignments and overrides whose time is over are moved to [`Holdings::ended`], and
    /// [`Holdings::changes_at`] is set. A store answers with these, so that what has ended is never evaluated.
    #[must_use]
    pub fn as_of(mut self, now: DateTime<Utc>) -> Self {
        let is_over = |end: Option<DateTime<Utc>>| end.is_some_and(|end| end <= now);
        self.ended.assignments.extend(self.assignments.extract_if(.., |held| is_over(held.expires_at)));
        self.ended.overrides.extend(self.overrides.extract_if(.., |set| is_over(set.expires_at)));
        let ends = self.assignments.iter().map(|held| held.expires_at);
        self.changes_at = ends.chain(self.overrides.iter().map(|set| set.expires_at)).flatten().min();
        self
    }

    /// Whether the person works at or owns `organization`, or had a role there that has ended.
    #[must_use]
    pub fn has_seen(&self, organization: OrganizationId) -> bool {
        let had = |held: &Assignment| self.takes_in(held.scope, organization);
        self.sees(organization) || self.ended.assignments.iter().any(had)
    }

    /// Whether `scope` covers `organization`.
    #[must_use]
    pub fn takes_in(&self, scope: Scope, organization: OrganizationId) -> bool {
        match scope {
            Scope::Organization(at) => at == organization,
            Scope::Owned => self.owned.contains(&organization),
            Scope::Subtree(root) => is_below(&self.tree, organization, root),
        }
    }

    /// The permissions at `organization`, by the one order of evaluation: deny override, allow override,
    /// role permission, default deny.
    #[must_use]
    pub fn permitted_at(&self, organization: OrganizationId) -> PermissionSet {
        let by_role = self
            .assignments
            .iter()
            .filter(|assignment| self.takes_in(assignment.scope, organization))
            .flat_map(|assignment| &assignment.patterns)
            .fold(PermissionSet::EMPTY, |set, pattern| set.union(pattern.expand()));
        let permission_override = |effect| {
            self.overrides
                .iter()
                .filter(|o| o.effect == effect && o.organization.is_none_or(|at| at == organization))
                .fold(PermissionSet::EMPTY, |set, o| set.union(o.pattern.expand()))
        };
        by_role.union(permission_override(Effect::Allow)).without(permission_override(Effect::Deny))
    }

    /// The permissions that come with being a user or a client; no role grants them and no override takes
    /// them.
    #[must_use]
    pub fn own(&self) -> PermissionSet {
        let user = PermissionSet::EMPTY.with(Slug::OWN_PROFILE).with(Slug::OWN_SECURITY);
        if self.is_client { user.with(Slug::OWN_SCHEDULE).with(Slug::OWN_BOOK) } else { user }
    }

    /// Whether the person works at or owns `organization`.
    #[must_use]
    pub fn sees(&self, organization: OrganizationId) -> bool {
        self.owned.contains(&organization)
            || self.assignments.iter().any(|a| self.takes_in(a.scope, organization))
    }
}

/// Whether `organization` is `root` or below it. The walk is bounded by the number of locations, so that it
/// ends even when bad data contains a cycle.
#[must_use]
pub fn is_below(tree: &[OrganizationNode], organization: OrganizationId, root: OrganizationId) -> bool {
    let parent = |of| tree.iter().find(|p| p.organization == of).and_then(|p| p.parent);
    std::iter::successors(Some(organization), |at| parent(*at)).take(tree.len() + 1).any(|at| at == root)
}
