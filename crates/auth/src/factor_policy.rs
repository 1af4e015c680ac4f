//! What a tenant requires of the second factors of its staff (AUT-04, AUT-12).
//!
//! A tenant can require a factor of everyone who works at or owns one of its locations, or of those who have
//! certain roles. Whoever has no factor gets days of grace, counted from when the rule began to apply to them:
//! when it was set, or when they joined or got the role, if that was later. A tenant can also require that a
//! factor was used within minutes for certain permissions. Clients are never required to have one.

use crate::Session;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use tryzore_kernel::{
    RoleId,
    form::{FieldErrors, FormCheck, within},
};
use tryzore_rbac::{EnrollmentDue, FactorStanding, Holdings, Slug, StepUp, factor::STEP_UP_MAX};

/// The most days of grace.
pub const GRACE_MAX: i32 = 90;
/// The most roles that a policy names.
pub const ROLES_MAX: usize = 100;

/// What a tenant requires.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactorPolicy {
    /// Since when everyone on the staff needs a factor, if everyone does.
    pub everyone_since: Option<DateTime<Utc>>,
    /// The roles whose holders need a factor, and since when.
    pub roles: BTreeMap<RoleId, DateTime<Utc>>,
    /// The days of grace.
    pub grace_days: i32,
    /// Within how many minutes a factor must have been used, per permission.
    pub step_up: StepUp,
    /// Grows with every change.
    pub version: i32,
    /// When the policy was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// What a policy asks about a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactorSubject {
    /// Whether the user has a confirmed factor.
    pub has_factor: bool,
    /// When the user joined the staff.
    pub joined_at: Option<DateTime<Utc>>,
    /// The roles of the user, and since when.
    pub roles: Vec<(RoleId, DateTime<Utc>)>,
}

/// A policy as it is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicyForm {
    /// Whether everyone on the staff needs a factor.
    pub is_required: bool,
    /// The roles whose holders need a factor.
    pub role_ids: Vec<RoleId>,
    /// The days of grace, 0 to [`GRACE_MAX`].
    pub grace_days: i32,
    /// The permissions that need a recently used factor, and the minutes, 1 to [`STEP_UP_MAX`].
    pub step_up: Vec<(String, i32)>,
}

/// A policy whose fields are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicyDraft {
    is_required: bool,
    pub(crate) roles: BTreeSet<RoleId>,
    grace_days: i32,
    step_up: StepUp,
}

impl FactorPolicyForm {
    /// Checks the fields.
    ///
    /// # Errors
    /// Every field that is not valid.
    pub fn check(self) -> Result<FactorPolicyDraft, FieldErrors> {
        let mut check = FormCheck::default();
        let grace_days = check.take("/grace_days", within(self.grace_days, 0, GRACE_MAX));
        let roles: BTreeSet<RoleId> = self.role_ids.iter().copied().collect();
        if roles.len() > ROLES_MAX {
            check.add("/role_ids", format!("expected at most {ROLES_MAX} roles"));
        }
        let mut step_up = BTreeMap::new();
        for (nth, (permission, minutes)) in self.step_up.iter().enumerate() {
            let slug = Slug::find(permission).filter(|slug| slug.is_assignable());
            let slug = check.take(
                format!("/step_up/{nth}/permission"),
                slug.ok_or("expected a permission that a role can have"),
            );
            let minutes = check
                .take(format!("/step_up/{nth}/within_minutes"), within(*minutes, 1, i32::from(STEP_UP_MAX)));
            let minutes = minutes.and_then(|minutes| u16::try_from(minutes).ok());
            if let Some((slug, minutes)) = slug.zip(minutes)
                && step_up.insert(slug, minutes).is_some()
            {
                check.add(format!("/step_up/{nth}/permission"), "expected each permission once");
            }
        }
        let is_required = self.is_required;
        let step_up = StepUp::new(step_up);
        check.finish(grace_days.map(|grace_days| FactorPolicyDraft {
            is_required,
            roles,
            grace_days,
            step_up,
        }))
    }
}

impl FactorPolicy {
    /// The policy that `draft` makes of this one at `now`. A rule that stays keeps its beginning.
    #[must_use]
    pub fn change(&self, draft: FactorPolicyDraft, now: DateTime<Utc>) -> Self {
        let since = |role: &RoleId| self.roles.get(role).copied().unwrap_or(now);
        Self {
            everyone_since: draft.is_required.then(|| self.everyone_since.unwrap_or(now)),
            roles: draft.roles.iter().map(|role| (*role, since(role))).collect(),
            grace_days: draft.grace_days,
            step_up: draft.step_up,
            version: self.version + 1,
            updated_at: Some(now),
        }
    }

    /// Until when `subject`, who holds `holdings`, has to set a factor up; `None` for whoever has one or needs
    /// none.
    #[must_use]
    pub fn enrollment(&self, subject: &FactorSubject, holdings: &Holdings) -> Option<EnrollmentDue> {
        let is_staff = !holdings.assignments.is_empty() || !holdings.owned.is_empty();
        let everyone = self.everyone_since.filter(|_| is_staff);
        let everyone = everyone.map(|set| subject.joined_at.map_or(set, |joined| joined.max(set)));
        let by_role = subject.roles.iter().filter_map(|(role, held)| {
            let set = self.roles.get(role)?;
            Some(*held.max(set))
        });
        let required_since = everyone.into_iter().chain(by_role).min().filter(|_| !subject.has_factor)?;
        let grace_ends_at = required_since + TimeDelta::days(self.grace_days.into());
        Some(EnrollmentDue { required_since, grace_ends_at })
    }

    /// What the policy means for `session`, which is of `subject` and shows `holdings`. An acting session ends
    /// within minutes, and whoever has no factor after the grace cannot start one.
    #[must_use]
    pub fn standing(
        &self,
        subject: &FactorSubject,
        session: &Session,
        holdings: &Holdings,
    ) -> FactorStanding {
        FactorStanding {
            used_at: session.factor.map(|used| used.at),
            step_up: self.step_up.clone(),
            enrollment: match session.acting {
                None => self.enrollment(subject, holdings),
                Some(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests;
