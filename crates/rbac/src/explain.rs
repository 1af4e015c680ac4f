//! Explaining why a person may or may not do something, and who may.

use crate::{Assignment, Effect, Holdings, Override, Scope, Slug};
use chrono::{DateTime, Utc};
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
        /// When the override ends, or ended, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// An override allows the permission.
    AllowOverride {
        /// The slug or the wildcard of the override.
        pattern: String,
        /// When the override ends, or ended, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
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
        /// When the assignment ends, or ended, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
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
    /// Roles and overrides that were about the permission until they ended.
    pub ended: Vec<Ground>,
}

impl Override {
    /// The override as a ground for `slug` at `organization`, if it is about that.
    fn ground(&self, slug: Slug, organization: OrganizationId) -> Option<Ground> {
        let applies = self.pattern.matches(slug) && self.organization.is_none_or(|at| at == organization);
        let (pattern, until) = (self.pattern.to_string(), self.expires_at);
        applies.then_some(match self.effect {
            Effect::Deny => Ground::DenyOverride { pattern, until },
            Effect::Allow => Ground::AllowOverride { pattern, until },
        })
    }
}

impl Assignment {
    /// The matching patterns of the role as grounds for `slug`.
    fn grounds(&self, slug: Slug) -> impl Iterator<Item = Ground> {
        self.patterns.iter().filter(move |pattern| pattern.matches(slug)).map(|pattern| Ground::Role {
            role: self.name.to_string(),
            pattern: pattern.to_string(),
            scope: self.scope.as_str(),
            until: self.expires_at,
        })
    }
}

impl Holdings {
    /// Explains why `slug` is or is not held at `organization`.
    #[must_use]
    pub fn explain(&self, slug: Slug, organization: OrganizationId) -> Explanation {
        let permission_override = |wanted: Effect| {
            let wanted = self.overrides.iter().filter(move |set| set.effect == wanted);
            wanted.filter_map(move |set| set.ground(slug, organization))
        };
        let roles = |held: &[Assignment]| {
            let there = held.iter().filter(|held| self.takes_in(held.scope, organization));
            there.flat_map(move |held| held.grounds(slug)).collect::<Vec<_>>()
        };
        let denied = permission_override(Effect::Deny).next();
        let own = self.own().contains(slug).then_some(Ground::Own);
        let allowed = permission_override(Effect::Allow);
        let granting = own.into_iter().chain(allowed).chain(roles(&self.assignments)).collect();
        let ended = self.ended.overrides.iter().filter_map(|set| set.ground(slug, organization));
        let ended = ended.chain(roles(&self.ended.assignments)).collect();
        Explanation { ended, ..Explanation::settle(slug.as_str(), denied, granting) }
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
        Self { permission, allowed, because, also: granting, ended: Vec::new() }
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
