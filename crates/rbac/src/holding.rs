//! What one person holds in a tenant: roles at places, and what was added or taken by an override.

use crate::{Pattern, PermissionSet, Slug};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tryzore_kernel::{OrganizationId, RoleId};

/// A location and what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationNode {
    /// The location.
    pub organization: OrganizationId,
    /// The location above it, in a franchise.
    pub parent: Option<OrganizationId>,
}

/// Where something is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// At one location.
    Organization(OrganizationId),
    /// At a location and all below it.
    Subtree(OrganizationId),
    /// At every location that the person's owner account owns.
    Owned,
}

/// A role that someone has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The role.
    pub role: RoleId,
    /// Its name, for explanations.
    pub name: Arc<str>,
    /// What it holds.
    pub patterns: Vec<Pattern>,
    /// Where.
    pub scope: Scope,
}

/// Which way an override goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Adds what no role gives.
    Allow,
    /// Takes away whatever a role or another override gives.
    Deny,
}

/// A permission that was given to or taken from one person by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// What.
    pub pattern: Pattern,
    /// Which way.
    pub effect: Effect,
    /// Where; everywhere when not said.
    pub organization: Option<OrganizationId>,
}

/// Everything that decides what one person may do in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holdings {
    /// The locations of the tenant.
    pub tree: Vec<OrganizationNode>,
    /// Those that the person's owner account owns.
    pub owned: Vec<OrganizationId>,
    /// Roles.
    pub assignments: Vec<Assignment>,
    /// Overrides.
    pub overrides: Vec<Override>,
    /// Whether the person is a client of the tenant.
    pub is_client: bool,
}

impl Holdings {
    /// Whether `scope` takes in `organization`.
    #[must_use]
    pub fn takes_in(&self, scope: Scope, organization: OrganizationId) -> bool {
        match scope {
            Scope::Organization(at) => at == organization,
            Scope::Owned => self.owned.contains(&organization),
            Scope::Subtree(root) => is_below(&self.tree, organization, root),
        }
    }

    /// What may be done at `organization`, by the one order of evaluation: deny override, allow
    /// override, role permission, default deny.
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

    /// What comes with being a user or a client; no role gives it and no override takes it.
    #[must_use]
    pub fn own(&self) -> PermissionSet {
        let user = PermissionSet::EMPTY.with(Slug::OWN_PROFILE);
        if self.is_client { user.with(Slug::OWN_SCHEDULE).with(Slug::OWN_BOOK) } else { user }
    }

    /// Whether the person works at or owns `organization`.
    #[must_use]
    pub fn sees(&self, organization: OrganizationId) -> bool {
        self.owned.contains(&organization)
            || self.assignments.iter().any(|a| self.takes_in(a.scope, organization))
    }
}

/// Whether `organization` is `root` or below it. Bounded by the number of places, so that a cycle
/// in bad data ends.
#[must_use]
pub fn is_below(tree: &[OrganizationNode], organization: OrganizationId, root: OrganizationId) -> bool {
    let parent = |of| tree.iter().find(|p| p.organization == of).and_then(|p| p.parent);
    std::iter::successors(Some(organization), |at| parent(*at)).take(tree.len() + 1).any(|at| at == root)
}
