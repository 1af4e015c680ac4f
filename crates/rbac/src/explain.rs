//! Explaining why a person may or may not do something, and who may.

use crate::{Effect, Holdings, Scope, Slug};
use serde::Serialize;
use tryzore_kernel::OrganizationId;

/// The first ground, in the order of evaluation, that decides about a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Ground {
    /// An override denies the permission.
    DenyOverride {
        /// The slug or the wildcard of the override.
        pattern: String,
    },
    /// An override allows the permission.
    AllowOverride {
        /// The slug or the wildcard of the override.
        pattern: String,
    },
    /// A role grants the permission.
    Role {
        /// The name of the role.
        role: String,
        /// The slug or the wildcard of the role that matches.
        pattern: String,
        /// The scope in which the role is held: `organization`, `subtree` or `owned`; `platform` for the role of
        /// an operator.
        scope: &'static str,
    },
    /// The permission comes with being a user or a client.
    Own,
    /// Nothing grants the permission.
    Default,
}

/// Whether a permission is held at a location, and the ground for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The slug of the question.
    pub permission: &'static str,
    /// Whether the person holds the permission.
    pub allowed: bool,
    /// The ground that decided.
    pub because: Ground,
    /// Other roles and overrides that grant the permission as well: removing only the deciding one changes
    /// nothing.
    pub also: Vec<Ground>,
}

impl Holdings {
    /// Explains why `slug` is or is not held at `organization`.
    #[must_use]
    pub fn explain(&self, slug: Slug, organization: OrganizationId) -> Explanation {
        let permission_override = |wanted: Effect| {
            self.overrides
                .iter()
                .filter(move |o| o.effect == wanted && o.pattern.matches(slug))
                .filter(move |o| o.organization.is_none_or(|at| at == organization))
        };
        let denied = permission_override(Effect::Deny)
            .map(|o| Ground::DenyOverride { pattern: o.pattern.to_string() })
            .next();
        let own = self.own().contains(slug).then_some(Ground::Own);
        let allowed = permission_override(Effect::Allow)
            .map(|o| Ground::AllowOverride { pattern: o.pattern.to_string() });
        let roles = self.assignments.iter().filter(|a| self.takes_in(a.scope, organization)).flat_map(|a| {
            a.patterns.iter().filter(|p| p.matches(slug)).map(|p| Ground::Role {
                role: a.name.to_string(),
                pattern: p.to_string(),
                scope: a.scope.as_str(),
            })
        });
        Explanation::settle(slug.as_str(), denied, own.into_iter().chain(allowed).chain(roles).collect())
    }
}

impl Explanation {
    /// The one order of evaluation, of both catalogues: `denied`, an override that denies the permission,
    /// before `granting`, what grants it: allow overrides before roles. What nothing grants is denied.
    pub(crate) fn settle(
        permission: &'static str,
        denied: Option<Ground>,
        mut granting: Vec<Ground>,
    ) -> Self {
        let (allowed, because) = match (denied, granting.is_empty()) {
            (Some(denied), _) => (false, denied),
            (None, true) => (false, Ground::Default),
            (None, false) => (true, granting.remove(0)),
        };
        Self { permission, allowed, because, also: granting }
    }
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Organization(_) => "organization",
            Self::Subtree(_) => "subtree",
            Self::Owned => "owned",
        }
    }
}

#[cfg(test)]
mod tests;
