//! Why someone can or can't, and who can.

use crate::{Effect, Holdings, Scope, Slug};
use serde::Serialize;
use tryzore_kernel::OrganizationId;

/// What decided, first that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Ground {
    /// It was taken away by hand.
    DenyOverride {
        /// What was taken: the slug or the wildcard.
        pattern: String,
    },
    /// It was given by an override.
    AllowOverride {
        /// What was given: the slug or the wildcard.
        pattern: String,
    },
    /// A role gives it.
    Role {
        /// The role.
        role: String,
        /// What of it: the slug or the wildcard.
        pattern: String,
        /// Where the role is held: `organization`, `subtree` or `owned`.
        scope: &'static str,
    },
    /// It comes with being a user or a client.
    Own,
    /// Nothing gives it.
    Default,
}

/// Whether `permission` is held at a location, and what decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The slug that was asked about.
    pub permission: &'static str,
    /// Whether it is held.
    pub allowed: bool,
    /// What decided.
    pub because: Ground,
    /// Other roles and overrides that would give it as well: taking one away changes nothing.
    pub also: Vec<Ground>,
}

impl Holdings {
    /// Why `slug` is or is not held at `organization`.
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
        let mut granting: Vec<Ground> = own.into_iter().chain(allowed).chain(roles).collect();
        let (allowed, because) = match (denied, granting.is_empty()) {
            (Some(denied), _) => (false, denied),
            (None, true) => (false, Ground::Default),
            (None, false) => (true, granting.remove(0)),
        };
        Explanation { permission: slug.as_str(), allowed, because, also: granting }
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
