//! What a second factor means for the permissions of a session (AUT-04, SUP-09).
//!
//! A permission can require that the session has verified a factor within the last minutes (*step-up*), and a
//! tenant can require a factor of a person who has none yet (*enrollment*). Both depend on the time, so they are
//! checked at each permit ([`Grants::permit_at`](crate::Grants::permit_at)) and not when the grants are compiled.

use crate::{PermissionSet, Slug};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use tryzore_kernel::Denial;

/// The permissions that always require a factor, whatever the tenant has set, and within how many minutes.
const ALWAYS: [(Slug, u16); 1] = [(Slug::MANUAL_OVERRIDE, 5)];

/// The most minutes that a step-up rule can have.
pub const STEP_UP_MAX: u16 = 1440;

/// The second factor of a session: when it was used, and what the tenant requires.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactorStanding {
    /// When the session last verified a factor.
    pub used_at: Option<DateTime<Utc>>,
    /// The step-up rules of the tenant.
    pub step_up: StepUp,
    /// Until when the person has to set a factor up, if the tenant requires one and the person has none.
    pub enrollment: Option<EnrollmentDue>,
}

/// Within how many minutes a factor must have been used, per permission.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepUp(BTreeMap<Slug, u16>);

impl StepUp {
    /// The rules of a tenant.
    #[must_use]
    pub const fn new(rules: BTreeMap<Slug, u16>) -> Self {
        Self(rules)
    }

    /// The rules that the tenant has set.
    #[must_use]
    pub const fn rules(&self) -> &BTreeMap<Slug, u16> {
        &self.0
    }

    /// The permissions that require a factor, by these rules or always.
    #[must_use]
    pub fn guarded(&self) -> PermissionSet {
        ALWAYS.iter().map(|(slug, _)| *slug).chain(self.0.keys().copied()).collect()
    }

    /// Within how many minutes a factor must have been used for `slug`. A tenant can shorten what always
    /// applies, and not lengthen it.
    #[must_use]
    pub fn minutes(&self, slug: Slug) -> Option<u16> {
        let always = ALWAYS.iter().find(|(always, _)| *always == slug).map(|(_, minutes)| *minutes);
        always.into_iter().chain(self.0.get(&slug).copied()).min()
    }
}

/// A person without a factor has to set one up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrollmentDue {
    /// Since when the tenant requires a factor of this person.
    pub required_since: DateTime<Utc>,
    /// From then on the person can use only what comes with being a user or a client.
    pub grace_ends_at: DateTime<Utc>,
}

impl EnrollmentDue {
    /// Whether the time for setting a factor up has passed.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.grace_ends_at
    }

    /// The refusal of everything that requires a role.
    #[must_use]
    pub fn refusal(&self) -> Denial {
        Denial::right("auth.factor.enrollment_required")
            .because("required_since", self.required_since)
            .because("grace_ended_at", self.grace_ends_at)
            .remedy("Set up a second factor, such as an authenticator app.", Some("enroll_totp"))
    }
}

impl FactorStanding {
    /// Checks that a factor was used recently enough for `slug`. Without `now` no use is recent enough.
    pub(crate) fn check(&self, slug: Slug, now: Option<DateTime<Utc>>) -> Result<(), Denial> {
        let Some(minutes) = self.step_up.minutes(slug) else { return Ok(()) };
        let age = now.zip(self.used_at).map(|(now, used)| now - used);
        if age.is_some_and(|age| age <= TimeDelta::minutes(minutes.into())) {
            return Ok(());
        }
        Err(step_up_required(slug.as_str(), minutes, self.used_at))
    }
}

/// The refusal of `permission`, which requires a factor that was used within `minutes`.
#[must_use]
pub fn step_up_required(permission: &str, minutes: u16, used_at: Option<DateTime<Utc>>) -> Denial {
    Denial::right("auth.factor.step_up_required")
        .because("permission", permission)
        .because("within_minutes", minutes)
        .because("last_used_at", used_at)
        .remedy("Confirm with your second factor, then try again.", Some("verify_factor"))
}
