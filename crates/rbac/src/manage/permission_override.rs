//! An override: a permission that was granted to or taken from one person, with the reason (RBA-03).

use crate::{Effect, Pattern};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, Problem, UserId, form::FormCheck};

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
    /// When the override ends; `None` means never.
    pub expires_at: Option<DateTime<Utc>>,
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
    /// When the override ends, in the future; never when absent.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

impl PermissionOverrideForm {
    /// Checks every field. Returns an override for `user`, set at `now`.
    ///
    /// # Errors
    /// 422 with a JSON pointer for the field that is not valid.
    pub fn check(self, user: UserId, now: DateTime<Utc>) -> Result<PermissionOverride, Problem> {
        let reason = self.reason.trim().to_owned();
        let mut check = FormCheck::default();
        let pattern = self.pattern.parse::<Pattern>().map_err(|bad| bad.to_string());
        let pattern = check.take("/pattern", pattern);
        if !(1..=500).contains(&reason.chars().count()) {
            check.add("/reason", "expected 1 to 500 characters");
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            check.add("/expires_at", "expected a time in the future");
        }
        let checked = pattern.map(|pattern| PermissionOverride {
            user,
            pattern,
            effect: self.effect,
            organization: self.organization,
            reason,
            created_at: now,
            expires_at: self.expires_at,
        });
        Ok(check.finish(checked)?)
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
                expires_at: None,
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

    #[test]
    fn the_end_of_an_override_is_in_the_future() {
        let check = |after: i64| {
            let form = PermissionOverrideForm {
                pattern: "events.*".into(),
                effect: Effect::Allow,
                organization: None,
                reason: "Holiday cover".into(),
                expires_at: Some(DateTime::UNIX_EPOCH + chrono::TimeDelta::microseconds(after)),
            };
            let checked = form.check(UserId::generate(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
            checked.map(|set| set.expires_at).map_err(|problem| problem.errors[0].pointer.clone())
        };
        assert_eq!(check(0).unwrap_err(), "/expires_at");
        assert!(check(1).unwrap().is_some());
    }
}
