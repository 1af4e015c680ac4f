//! A set of permissions in one machine word.

use crate::Slug;

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u64);

const _: () = assert!(Slug::ALL.len() <= 64, "the catalogue has outgrown the word");

impl PermissionSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);

    /// Whether the set contains `slug`.
    #[must_use]
    pub const fn contains(self, slug: Slug) -> bool {
        self.0 & Self::bit(slug) != 0
    }

    /// The set with `slug` added.
    #[must_use]
    pub const fn with(self, slug: Slug) -> Self {
        Self(self.0 | Self::bit(slug))
    }

    /// The slugs that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The slugs that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The slugs that are in this set and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The members, in the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Slug> {
        Slug::ALL.iter().copied().filter(move |slug| self.contains(*slug))
    }

    const fn bit(slug: Slug) -> u64 {
        1 << slug.index()
    }
}

impl FromIterator<Slug> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Slug>>(slugs: I) -> Self {
        slugs.into_iter().fold(Self::EMPTY, Self::with)
    }
}
