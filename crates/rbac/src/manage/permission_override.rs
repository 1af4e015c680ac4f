//! An override: a permission that was granted to or taken from one person, with the reason (RBA-03).

use crate::{Effect, Pattern};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, Problem, UserId};

/// An override as it is stored. A person has at most one override for a pattern and a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionOverride {
    /// The person.
    pub user: UserId,
    /// The slug or the wildcard.
    pub pattern: Pattern,
    /// Whether the override allows or denies.
    pub effect: Effect,
    /// The location; `None` means every location.
    pub organization: Option<OrganizationId>,
    /// The reason, 1 to 500 characters.
    pub reason: String,
    /// When the override was set.
    pub created_at: DateTime<Utc>,
}

/// An override as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionOverrideForm {
    /// The slug or the wildcard.
    pub pattern: String,
    /// The effect: `allow` or `deny`.
    pub effect: Effect,
    /// The location; every location when absent.
    #[serde(default)]
    pub organization: Option<OrganizationId>,
    /// The reason: 1 to 500 characters.
    pub reason: String,
}

impl PermissionOverrideForm {
    /// Checks every field. Returns an override for `user`, set at `now`.
    ///
    /// # Errors
    /// 422 with a JSON pointer for the field that is not valid.
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
    fn the_reason_of_an_override_has_1_to_500_characters() {
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
