//! A set of permissions in one machine word.

use crate::Slug;

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u64);

const _: () = assert!(Slug::ALL.len() <= 64, "the catalogue has outgrown the word");

impl PermissionSet {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// Whether `slug` is in it.
    #[must_use]
    pub const fn contains(self, slug: Slug) -> bool {
        self.0 & Self::bit(slug) != 0
    }

    /// This and `slug`.
    #[must_use]
    pub const fn with(self, slug: Slug) -> Self {
        Self(self.0 | Self::bit(slug))
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Its members, in the order of the catalogue.
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
