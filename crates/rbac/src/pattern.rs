//! An entry of a role: a slug, or a wildcard that stands for several slugs.

use crate::{PermissionSet, Slug};
use std::{fmt, marker::PhantomData, str::FromStr};

/// An entry of a catalogue of permissions: that of tenants ([`Slug`]), or that of the platform.
pub trait Entry: Copy + Eq + 'static {
    /// The whole catalogue, in its order.
    const CATALOGUE: &'static [Self];

    /// The text of the entry, such as `events.create`.
    fn text(self) -> &'static str;

    /// Whether a role or an override can grant the entry.
    fn is_assignable(self) -> bool {
        true
    }
}

/// A pattern such as `events.create`, `events.view_*`, `events.*` or `*`, over the catalogue of `E`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern<E = Slug>(String, PhantomData<E>);

/// The error for a text that matches no permission that a role can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission and no wildcard (`*`, `resource.*`, `resource.verb_*`) that matches one")]
pub struct BadPattern(String);

impl Pattern {
    /// The permissions that the pattern matches.
    #[must_use]
    pub fn expand(&self) -> PermissionSet {
        self.entries().collect()
    }
}

impl<E: Entry> Pattern<E> {
    /// The entries of the catalogue that the pattern matches, in the order of the catalogue.
    pub fn entries(&self) -> impl Iterator<Item = E> {
        E::CATALOGUE.iter().copied().filter(|entry| self.matches(*entry))
    }

    /// Whether the pattern matches `entry`. It never matches `own.*`, which comes with being a user or a
    /// client.
    #[must_use]
    pub fn matches(&self, entry: E) -> bool {
        entry.is_assignable()
            && match self.0.strip_suffix('*') {
                Some(start) => entry.text().starts_with(start),
                None => entry.text() == self.0,
            }
    }

    /// The pattern that matches `entry` alone.
    #[must_use]
    pub fn of(entry: E) -> Self {
        Self(entry.text().to_owned(), PhantomData)
    }
}

impl<E> Pattern<E> {
    /// The text of the pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<E: Entry> FromStr for Pattern<E> {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern(text.to_owned());
        // A wildcard ends a part: `events.*` and `events.view_*`, never `ev*`.
        let wildcard_ok = match text.strip_suffix('*') {
            Some(start) => {
                start.is_empty() || start.ends_with('.') || (start.contains('.') && start.ends_with('_'))
            }
            None => true,
        };
        let pattern = Self(text.to_owned(), PhantomData);
        if wildcard_ok && pattern.entries().next().is_some() { Ok(pattern) } else { Err(bad()) }
    }
}

impl<E> fmt::Display for Pattern<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlatformSlug;

    fn expanded(text: &str) -> Vec<&'static str> {
        text.parse::<Pattern>().unwrap().expand().iter().map(Slug::as_str).collect()
    }

    #[test]
    fn a_wildcard_stands_for_a_resource_or_a_verb() {
        assert_eq!(
            expanded("financials.view_*"),
            ["financials.view_revenue", "financials.view_transactions", "financials.view_consolidated"]
        );
        assert_eq!(expanded("support.*"), ["support.impersonate", "support.manual_override"]);
        assert_eq!(expanded("events.create"), ["events.create"]);
        assert_eq!(expanded("*").len(), 30, "all of RBA-01 and nothing of `own`");
    }

    #[test]
    fn a_pattern_of_one_catalogue_matches_nothing_of_the_other() {
        let all = |text: &str| text.parse::<Pattern<PlatformSlug>>().map(|pattern| pattern.entries().count());
        assert_eq!(all("platform.*"), Ok(PlatformSlug::ALL.len()));
        assert_eq!(all("platform.replay_*"), Ok(2));
        for text in ["events.*", "events.create", "platform", "platform.vi*"] {
            assert!(all(text).is_err(), "{text}");
        }
        assert!("platform.*".parse::<Pattern>().is_err());
    }

    #[test]
    fn what_matches_nothing_is_refused() {
        for text in ["", "ev*", "events.vi*", "event.*", "events.fly", "own.*", "own.book", "**", "*.view"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
