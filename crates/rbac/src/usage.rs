//! Which permissions a person holds and does not use.
//!
//! Use is recorded by the day, per person and permission and not per location: when an operation that asks for the
//! permission was let through. What an operation decides on the way, beyond the permission that it asks for, is not
//! recorded, and neither is what a service key or an acting session does.

use crate::{Effect, Holdings, Pattern, PermissionSet, Reach, Scope, Slug, manage::role::expand};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::ops::RangeInclusive;
use tryzore_kernel::{OrganizationId, RoleId};

/// For how many days a permission may be unused, in a report.
pub const UNUSED_DAYS: RangeInclusive<u32> = 1..=730;
/// For how many days a permission is unused unless a report says otherwise.
pub const UNUSED_DAYS_DEFAULT: u32 = 90;

/// The days on which a person last used permissions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Use(Vec<(Slug, NaiveDate)>);

impl Use {
    /// The last day of each permission that was ever used.
    #[must_use]
    pub fn new(used: Vec<(Slug, NaiveDate)>) -> Self {
        Self(used)
    }

    /// The day on which `slug` was last used; `None` when that was never recorded.
    #[must_use]
    pub fn last_on(&self, slug: Slug) -> Option<NaiveDate> {
        self.0.iter().filter(|(used, _)| *used == slug).map(|(_, day)| *day).max()
    }

    /// Whether `slug` was not used for `days` days at `today`.
    #[must_use]
    pub fn is_unused(&self, slug: Slug, days: u32, today: NaiveDate) -> bool {
        let until = today.checked_sub_days(Days::new(days.into())).unwrap_or(NaiveDate::MIN);
        self.last_on(slug).is_none_or(|day| day <= until)
    }
}

/// What grants a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A role.
    Role {
        /// The role.
        role: RoleId,
        /// The name of the role.
        name: String,
        /// The location where the role is held; `None` means all that the person owns.
        organization: Option<OrganizationId>,
        /// When the assignment ends.
        expires_at: Option<DateTime<Utc>>,
    },
    /// An override.
    Override {
        /// The slug or the wildcard.
        pattern: Pattern,
        /// The location; `None` means every location.
        organization: Option<OrganizationId>,
        /// When the override ends.
        expires_at: Option<DateTime<Utc>>,
    },
}

/// A permission that a person holds and does not use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The permission.
    pub slug: Slug,
    /// The day on which it was last used; `None` when that was never recorded.
    pub last_used_on: Option<NaiveDate>,
    /// The roles and overrides that grant it.
    pub sources: Vec<Source>,
}

impl Holdings {
    /// The permissions that are held at a location of `reach` and were not used for `days` days at `today`, in the
    /// order of the catalogue.
    #[must_use]
    pub fn unused(&self, reach: &Reach, used: &Use, days: u32, today: NaiveDate) -> Vec<Unused> {
        let there = self.locations_of(reach);
        let held = there.iter().fold(PermissionSet::EMPTY, |set, at| set.union(self.permitted_at(*at)));
        let unused = held.iter().filter(|slug| used.is_unused(*slug, days, today));
        let unused = unused.map(|slug| Unused {
            slug,
            last_used_on: used.last_on(slug),
            sources: self.sources(slug, &there),
        });
        unused.collect()
    }

    /// The locations of the tree that `reach` covers.
    #[must_use]
    pub fn locations_of(&self, reach: &Reach) -> Vec<OrganizationId> {
        self.tree.iter().map(|node| node.organization).filter(|at| reach.covers(*at)).collect()
    }

    fn sources(&self, slug: Slug, there: &[OrganizationId]) -> Vec<Source> {
        let roles = self.assignments.iter().filter(|held| {
            expand(&held.patterns).contains(slug) && there.iter().any(|at| self.takes_in(held.scope, *at))
        });
        let roles = roles.map(|held| Source::Role {
            role: held.role,
            name: held.name.to_string(),
            organization: held.scope.organization(),
            expires_at: held.expires_at,
        });
        let overrides = self.overrides.iter().filter(|set| {
            set.effect == Effect::Allow
                && set.pattern.matches(slug)
                && set.organization.is_none_or(|at| there.contains(&at))
        });
        let overrides = overrides.map(|set| Source::Override {
            pattern: set.pattern.clone(),
            organization: set.organization,
            expires_at: set.expires_at,
        });
        roles.chain(overrides).collect()
    }
}

impl Scope {
    /// The location at which a role is held in this scope; `None` means all that the person owns.
    #[must_use]
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Organization(at) | Self::Subtree(at) => Some(at),
            Self::Owned => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assignment, OrganizationNode, Override};

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();

    fn location(nth: u128) -> OrganizationId {
        uuid::Uuid::from_u128(nth).into()
    }

    fn clerk() -> Holdings {
        let held = |at, patterns: &[&str]| Assignment {
            role: uuid::Uuid::nil().into(),
            name: "Clerk".into(),
            patterns: patterns.iter().map(|text| text.parse().unwrap()).collect(),
            scope: Scope::Organization(at),
            expires_at: None,
        };
        Holdings {
            tree: [1, 2].map(|nth| OrganizationNode { organization: location(nth), parent: None }).to_vec(),
            assignments: vec![
                held(location(1), &["clients.create", "clients.edit"]),
                held(location(2), &["events.cancel"]),
            ],
            ..Holdings::default()
        }
    }

    fn slugs(unused: &[Unused]) -> Vec<Slug> {
        unused.iter().map(|one| one.slug).collect()
    }

    #[test]
    fn a_permission_is_unused_from_the_last_of_the_days_on() {
        let used_on = |days| Use::new(vec![(Slug::CREATE_CLIENT, TODAY - Days::new(days))]);
        let is_unused = |days| used_on(days).is_unused(Slug::CREATE_CLIENT, 90, TODAY);
        assert_eq!([0, 89, 90, 91].map(is_unused), [false, false, true, true]);
        assert!(Use::default().is_unused(Slug::CREATE_CLIENT, 730, TODAY), "never");
        assert!(!used_on(0).is_unused(Slug::CREATE_CLIENT, 1, TODAY));
        assert!(used_on(1).is_unused(Slug::CREATE_CLIENT, 1, TODAY));
    }

    #[test]
    fn only_what_is_held_where_the_reader_manages_roles_is_reported() {
        let used = Use::new(vec![(Slug::EDIT_CLIENT, TODAY)]);
        let at = |reach| clerk().unused(&reach, &used, 90, TODAY);
        assert_eq!(slugs(&at(Reach::organizations([location(1)]))), [Slug::CREATE_CLIENT]);
        assert_eq!(slugs(&at(Reach::organizations([location(2)]))), [Slug::CANCEL_EVENT]);
        assert_eq!(slugs(&at(Reach::Tenant)), [Slug::CANCEL_EVENT, Slug::CREATE_CLIENT]);
        assert_eq!(at(Reach::Nowhere), []);
    }

    #[test]
    fn each_permission_names_what_grants_it_and_what_was_denied_is_not_held() {
        let mut holdings = clerk();
        let set = |pattern: &str, effect, organization| Override {
            pattern: pattern.parse().unwrap(),
            effect,
            organization,
            expires_at: None,
        };
        holdings.overrides = vec![
            set("clients.*", Effect::Allow, Some(location(1))),
            set("clients.edit", Effect::Deny, None),
            set("clients.view_all", Effect::Deny, Some(location(2))),
        ];
        let unused = holdings.unused(&Reach::organizations([location(1)]), &Use::default(), 90, TODAY);
        let create = unused.iter().find(|one| one.slug == Slug::CREATE_CLIENT).unwrap();
        assert!(matches!(
            &create.sources[..],
            [Source::Role { name, organization: Some(at), .. }, Source::Override { .. }]
                if name == "Clerk" && *at == location(1)
        ));
        assert!(!slugs(&unused).contains(&Slug::EDIT_CLIENT));
        assert!(slugs(&unused).contains(&Slug::VIEW_ALL_CLIENTS), "denied elsewhere only");
    }
}
