//! A permission that was given to or taken from one person by hand, and why (RBA-03).

use crate::{Effect, Pattern};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, Problem, UserId};

/// An override, as it is kept. One person has at most one for a pattern and a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionOverride {
    /// Whose.
    pub user: UserId,
    /// What.
    pub pattern: Pattern,
    /// Which way.
    pub effect: Effect,
    /// Where; everywhere when not said.
    pub organization: Option<OrganizationId>,
    /// Why, in 1 to 500 characters.
    pub reason: String,
    /// When it was set.
    pub created_at: DateTime<Utc>,
}

/// An override as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionOverrideForm {
    /// A slug or a wildcard.
    pub pattern: String,
    /// `allow` or `deny`.
    pub effect: Effect,
    /// Where; everywhere when not said.
    #[serde(default)]
    pub organization: Option<OrganizationId>,
    /// Why: 1 to 500 characters.
    pub reason: String,
}

impl PermissionOverrideForm {
    /// Checks every field; an override for `user`, set at `now`.
    ///
    /// # Errors
    /// 422 with a JSON pointer for the field that does not hold.
    pub fn check(self, user: UserId, now: DateTime<Utc>) -> Result<PermissionOverride, Problem> {
        let reason = self.reason.trim().to_owned();
        let pattern = self.pattern.parse();
        let problem = match &pattern {
            Ok(_) => None,
            Err(bad) => Some(Problem::invalid("/pattern", ToString::to_string(bad))),
        };
        let short = (1..=500).contains(&reason.chars().count());
        let detail = "expected 1 to 500 characters";
        match (pattern, problem, short) {
            (Ok(pattern), None, true) => Ok(PermissionOverride {
                user,
                pattern,
                effect: self.effect,
                organization: self.organization,
                reason,
                created_at: now,
            }),
            (_, Some(problem), true) => Err(problem),
            (_, Some(problem), false) => Err(problem.and_invalid("/reason", detail)),
            (_, None, _) => Err(Problem::invalid("/reason", detail)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_says_why_in_1_to_500_characters() {
        let check = |pattern: &str, reason: &str| {
            let form = PermissionOverrideForm {
                pattern: pattern.into(),
                effect: Effect::Deny,
                organization: None,
                reason: reason.into(),
            };
            form.check(UserId::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH)
        };
        let pointers = |pattern, reason: &str| -> Vec<String> {
            check(pattern, reason).unwrap_err().errors.into_iter().map(|e| e.pointer).collect()
        };
        assert!(check("events.*", &"r".repeat(500)).is_ok() && check("events.*", "r").is_ok());
        assert_eq!(pointers("events.*", " "), ["/reason"]);
        assert_eq!(pointers("events.*", &"r".repeat(501)), ["/reason"]);
        assert_eq!(pointers("ev*", ""), ["/pattern", "/reason"]);
    }
}
