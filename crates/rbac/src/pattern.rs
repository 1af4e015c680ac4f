//! An entry of a role: a slug, or a wildcard that stands for several slugs.

use crate::{PermissionSet, Slug};
use std::{fmt, str::FromStr};

/// A pattern such as `events.create`, `events.view_*`, `events.*` or `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

/// The error for a text that matches no permission that a role can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission and no wildcard (`*`, `resource.*`, `resource.verb_*`) that matches one")]
pub struct BadPattern(String);

impl Pattern {
    /// The permissions that the pattern matches.
    #[must_use]
    pub fn expand(&self) -> PermissionSet {
        Slug::ALL.iter().copied().filter(|slug| self.matches(*slug)).collect()
    }

    /// Whether the pattern matches `slug`. It never matches `own.*`, which comes with being a user or a
    /// client.
    #[must_use]
    pub fn matches(&self, slug: Slug) -> bool {
        slug.is_assignable()
            && match self.0.strip_suffix('*') {
                Some(start) => slug.as_str().starts_with(start),
                None => slug.as_str() == self.0,
            }
    }

    /// The pattern that matches `slug` alone.
    #[must_use]
    pub fn of(slug: Slug) -> Self {
        Self(slug.as_str().to_owned())
    }

    /// The text of the pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pattern {
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
        let pattern = Self(text.to_owned());
        if wildcard_ok && pattern.expand() != PermissionSet::EMPTY { Ok(pattern) } else { Err(bad()) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_matches_nothing_is_refused() {
        for text in ["", "ev*", "events.vi*", "event.*", "events.fly", "own.*", "own.book", "**", "*.view"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
