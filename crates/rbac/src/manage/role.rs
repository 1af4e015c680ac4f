//! A role of a tenant: a named set of permissions, and the scope that the role has when it is assigned.

use crate::{
    OrganizationNode, Pattern, PermissionSet, Preset, Scope, Slug, holding::is_below, preset::PresetScope,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Denial, OrganizationId, Problem, RoleId};

/// The locations that a role covers when it is assigned at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoleScope {
    /// Every location that the person's owner account owns.
    Owned,
    /// The location itself.
    Organization,
    /// The location and all locations below it.
    Subtree,
}

impl RoleScope {
    /// The scope as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owned => "owned",
            Self::Organization => "organization",
            Self::Subtree => "subtree",
        }
    }

    /// Whether a role of this scope can cover a location that a role of the scope `other`, assigned at the
    /// same location, does not cover.
    #[must_use]
    pub const fn exceeds(self, other: Self) -> bool {
        match self {
            Self::Organization => false,
            Self::Subtree => !matches!(other, Self::Subtree),
            Self::Owned => !matches!(other, Self::Owned),
        }
    }

    /// The scope of the role when it is assigned at `organization`.
    #[must_use]
    pub const fn at(self, organization: OrganizationId) -> Scope {
        match self {
            Self::Owned => Scope::Owned,
            Self::Organization => Scope::Organization(organization),
            Self::Subtree => Scope::Subtree(organization),
        }
    }

    /// Every location that the role can cover when it is assigned at `organization`. For
    /// [`RoleScope::Owned`] these are all locations of `tree`, because what a person owns can grow.
    #[must_use]
    pub fn takes_in(self, organization: OrganizationId, tree: &[OrganizationNode]) -> Vec<OrganizationId> {
        let all = tree.iter().map(|node| node.organization);
        match self {
            Self::Organization => vec![organization],
            Self::Subtree => all.filter(|at| is_below(tree, *at, organization)).collect(),
            Self::Owned => all.collect(),
        }
    }
}

impl From<PresetScope> for RoleScope {
    fn from(scope: PresetScope) -> Self {
        match scope {
            PresetScope::Owned => Self::Owned,
            PresetScope::Organization => Self::Organization,
            PresetScope::Subtree => Self::Subtree,
        }
    }
}

/// A role of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The id of the role.
    pub id: RoleId,
    /// The key of its preset; `None` for a role that the tenant created.
    pub preset: Option<String>,
    /// The name, unique in the tenant regardless of case; 1 to 100 characters.
    pub name: String,
    /// The description, at most 500 characters.
    pub description: String,
    /// The scope of the role.
    pub scope: RoleScope,
    /// The patterns of the role.
    pub patterns: Vec<Pattern>,
    /// The version, which grows with each change.
    pub version: i32,
    /// When the role was created.
    pub created_at: DateTime<Utc>,
    /// When the role was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Role {
    /// Creates the role of a tenant for `preset`.
    #[must_use]
    pub fn from_preset(preset: &Preset, now: DateTime<Utc>) -> Self {
        Self {
            id: RoleId::generate(now),
            preset: Some(preset.key.to_owned()),
            name: preset.name.to_owned(),
            description: preset.description.to_owned(),
            scope: preset.scope.into(),
            // A test checks that every pattern of a preset is valid.
            patterns: preset.patterns.iter().filter_map(|pattern| pattern.parse().ok()).collect(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Creates a role of the tenant's own.
    #[must_use]
    pub fn new(draft: RoleDraft, now: DateTime<Utc>) -> Self {
        Self {
            id: RoleId::generate(now),
            preset: None,
            name: draft.name,
            description: draft.description,
            scope: draft.scope,
            patterns: draft.patterns,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The role with the values of `draft`.
    ///
    /// # Errors
    /// `rbac.role.preset`.
    pub fn edit(&self, draft: RoleDraft, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_own()?;
        Ok(Self {
            version: self.version + 1,
            updated_at: now,
            id: self.id,
            created_at: self.created_at,
            ..Self::new(draft, now)
        })
    }

    /// Checks that the tenant created the role.
    ///
    /// # Errors
    /// `rbac.role.preset`: a preset cannot be changed.
    pub fn check_own(&self) -> Result<(), Denial> {
        match &self.preset {
            None => Ok(()),
            Some(preset) => Err(Denial::state("rbac.role.preset")
                .because("role.preset", preset)
                .because("role.name", &self.name)
                .remedy("Make a role of your own with the permissions that you want.", Some("create_role"))),
        }
    }

    /// All permissions of the role.
    #[must_use]
    pub fn permissions(&self) -> PermissionSet {
        expand(&self.patterns)
    }
}

/// The permissions that `patterns` match together.
#[must_use]
pub fn expand(patterns: &[Pattern]) -> PermissionSet {
    patterns.iter().fold(PermissionSet::EMPTY, |set, pattern| set.union(pattern.expand()))
}

/// A role as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleForm {
    /// The name: 1 to 100 characters.
    pub name: String,
    /// The description: at most 500 characters.
    #[serde(default)]
    pub description: String,
    /// The scope: `organization` or `subtree`; only a preset has the scope `owned`.
    pub scope: RoleScope,
    /// The patterns: 1 to 64 slugs and wildcards.
    pub patterns: Vec<String>,
}

/// A role that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDraft {
    /// The name, as in [`Role`].
    pub name: String,
    /// The description, as in [`Role`].
    pub description: String,
    /// The scope, never [`RoleScope::Owned`].
    pub scope: RoleScope,
    /// The patterns: at least one, sorted, without duplicates.
    pub patterns: Vec<Pattern>,
}

impl RoleForm {
    /// The maximum number of patterns in a role: there are fewer permissions than this.
    pub const PATTERNS_MAX: usize = 64;

    /// Checks every field.
    ///
    /// # Errors
    /// 422 with a JSON pointer for each field that is not valid.
    pub fn check(self) -> Result<RoleDraft, Problem> {
        let mut problem: Option<Problem> = None;
        let mut fault = |pointer: String, detail: String| {
            problem = Some(match problem.take() {
                None => Problem::invalid(pointer, detail),
                Some(problem) => problem.and_invalid(pointer, detail),
            });
        };
        let name = self.name.trim().to_owned();
        if !(1..=100).contains(&name.chars().count()) {
            fault("/name".into(), "expected 1 to 100 characters".into());
        }
        let description = self.description.trim().to_owned();
        if description.chars().count() > 500 {
            fault("/description".into(), "expected at most 500 characters".into());
        }
        if self.scope == RoleScope::Owned {
            fault("/scope".into(), "expected `organization` or `subtree`".into());
        }
        if !(1..=Self::PATTERNS_MAX).contains(&self.patterns.len()) {
            fault("/patterns".into(), format!("expected 1 to {} permissions", Self::PATTERNS_MAX));
        }
        let mut patterns = Vec::new();
        for (index, text) in self.patterns.iter().enumerate() {
            match text.parse::<Pattern>() {
                Ok(pattern) => patterns.push(pattern),
                Err(bad) => fault(format!("/patterns/{index}"), bad.to_string()),
            }
        }
        patterns.sort_unstable();
        patterns.dedup();
        match problem {
            Some(problem) => Err(problem),
            None => Ok(RoleDraft { name, description, scope: self.scope, patterns }),
        }
    }
}

/// The slugs of `set`, as facts and events list them.
#[must_use]
pub fn names(set: PermissionSet) -> Vec<&'static str> {
    set.iter().map(Slug::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::PRESETS;

    fn form(name: &str, patterns: &[&str]) -> RoleForm {
        RoleForm {
            name: name.into(),
            description: String::new(),
            scope: RoleScope::Organization,
            patterns: patterns.iter().map(|p| (*p).to_owned()).collect(),
        }
    }

    fn pointers(form: RoleForm) -> Vec<String> {
        form.check().err().map_or_else(Vec::new, |p| p.errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn rba_02_every_preset_becomes_a_role_with_all_its_patterns() {
        for preset in PRESETS {
            let role = Role::from_preset(preset, DateTime::UNIX_EPOCH);
            assert_eq!(role.patterns.len(), preset.patterns.len(), "{}", preset.key);
            assert_eq!(role.check_own().unwrap_err().code, "rbac.role.preset");
        }
        assert_eq!(PRESETS.len(), 6);
    }

    #[test]
    fn a_scope_exceeds_those_that_cover_less() {
        let scopes = [RoleScope::Organization, RoleScope::Subtree, RoleScope::Owned];
        let exceeded = |scope: RoleScope| scopes.map(|other| scope.exceeds(other));
        assert_eq!(exceeded(RoleScope::Organization), [false, false, false]);
        assert_eq!(exceeded(RoleScope::Subtree), [true, false, true]);
        assert_eq!(exceeded(RoleScope::Owned), [true, true, false]);
    }

    #[test]
    fn a_role_has_a_name_of_1_to_100_characters_and_1_to_64_patterns() {
        assert_eq!(pointers(form("", &["*"])), ["/name"]);
        assert_eq!(pointers(form(&"n".repeat(101), &["*"])), ["/name"]);
        assert_eq!(pointers(form(&"n".repeat(100), &["*"])), [""; 0]);
        assert_eq!(pointers(form("n", &[])), ["/patterns"]);
        assert_eq!(pointers(form("n", &["events.view_all"; 65])), ["/patterns"]);
        assert_eq!(form("n", &["events.view_all"; 64]).check().unwrap().patterns.len(), 1);
        assert_eq!(
            pointers(form("n", &["events.*", "events.fly", "own.book"])),
            ["/patterns/1", "/patterns/2"]
        );
        let long = |length: usize| RoleForm { description: "d".repeat(length), ..form("n", &["*"]) };
        assert_eq!((pointers(long(500)).len(), pointers(long(501)).len()), (0, 1));
        assert_eq!(pointers(RoleForm { scope: RoleScope::Owned, ..form("n", &["*"]) }), ["/scope"]);
    }
}
