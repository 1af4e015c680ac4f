//! What one operator may do: a role and overrides.
//!
//! The order of evaluation is that of tenants: an override that denies, an override that allows, the role,
//! and what nothing grants is denied.

use crate::{
    Effect, Pattern, PlatformRole, PlatformSlug,
    explain::{Explanation, Ground},
};

/// A permission that an override grants to or takes from one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformOverride {
    /// The slug or the wildcard.
    pub pattern: Pattern<PlatformSlug>,
    /// Whether the override allows or denies.
    pub effect: Effect,
}

/// What decides the permissions of one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformRights {
    /// The role.
    pub role: PlatformRole,
    /// The overrides, at most one for each pattern.
    pub overrides: Vec<PlatformOverride>,
}

impl PlatformRights {
    /// Explains why `slug` is or is not held.
    #[must_use]
    pub fn explain(&self, slug: PlatformSlug) -> Explanation {
        let matching = |wanted: Effect| {
            let overrides = self.overrides.iter().filter(move |o| o.effect == wanted);
            overrides.filter(|o| o.pattern.matches(slug)).map(|o| o.pattern.to_string())
        };
        let denied =
            matching(Effect::Deny).map(|pattern| Ground::DenyOverride { pattern, until: None }).next();
        let allowed = matching(Effect::Allow).map(|pattern| Ground::AllowOverride { pattern, until: None });
        let by_role = self.role.matching(slug).map(|pattern| Ground::Role {
            role: self.role.name().to_owned(),
            pattern: pattern.to_string(),
            scope: "platform",
            until: None,
        });
        Explanation::settle(slug.as_str(), denied, allowed.chain(by_role).collect())
    }

    /// Whether `slug` is held.
    #[must_use]
    pub fn holds(&self, slug: PlatformSlug) -> bool {
        self.explain(slug).allowed
    }

    /// The permissions, in the order of the catalogue.
    #[must_use]
    pub fn held(&self) -> Vec<PlatformSlug> {
        PlatformSlug::ALL.into_iter().filter(|slug| self.holds(*slug)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn rights(role: PlatformRole, overrides: &[(&str, Effect)]) -> PlatformRights {
        let overrides = overrides
            .iter()
            .map(|(pattern, effect)| PlatformOverride { pattern: pattern.parse().unwrap(), effect: *effect });
        PlatformRights { role, overrides: overrides.collect() }
    }

    #[test]
    fn rba_04_a_deny_override_beats_an_allow_override_which_beats_the_role_which_beats_the_default() {
        use Effect::{Allow, Deny};
        let explained = |role, overrides: &[(&str, Effect)]| {
            let explained = rights(role, overrides).explain(PlatformSlug::ReplayJobs);
            (explained.allowed, explained.because, explained.also.len())
        };
        let role = |pattern: &str| Ground::Role {
            role: "Platform Admin".into(),
            pattern: pattern.into(),
            scope: "platform",
            until: None,
        };
        assert_eq!(explained(PlatformRole::Limited, &[]), (false, Ground::Default, 0));
        assert_eq!(explained(PlatformRole::PlatformAdmin, &[]), (true, role("platform.replay_*"), 0));
        let allow = Ground::AllowOverride { pattern: "platform.replay_jobs".into(), until: None };
        let allowed = [("platform.replay_jobs", Allow)];
        assert_eq!(explained(PlatformRole::PlatformAdmin, &allowed), (true, allow.clone(), 1));
        assert_eq!(explained(PlatformRole::Limited, &allowed), (true, allow, 0));
        let denied = [("platform.replay_jobs", Allow), ("platform.*", Deny)];
        let deny = Ground::DenyOverride { pattern: "platform.*".into(), until: None };
        assert_eq!(explained(PlatformRole::SuperAdmin, &denied), (false, deny, 2));
        let other = [("platform.view_*", Deny)];
        assert_eq!(explained(PlatformRole::PlatformAdmin, &other), (true, role("platform.replay_*"), 0));
    }

    fn any_override() -> impl Strategy<Value = PlatformOverride> {
        let wildcards = ["*", "platform.*", "platform.view_*", "platform.replay_*"];
        let texts = PlatformSlug::ALL.map(PlatformSlug::as_str);
        let pattern = select([&wildcards[..], &texts].concat());
        let effect = select(vec![Effect::Allow, Effect::Deny]);
        (pattern, effect)
            .prop_map(|(text, effect)| PlatformOverride { pattern: text.parse().unwrap(), effect })
    }

    proptest! {
        // The order of evaluation once more, as sets.
        #[test]
        fn rba_04_an_explanation_agrees_with_the_sets(
            role in select(PlatformRole::ALL.to_vec()), overrides in vec(any_override(), 0..5),
        ) {
            let rights = PlatformRights { role, overrides: overrides.clone() };
            for slug in PlatformSlug::ALL {
                let by = |effect| overrides.iter().any(|o| o.effect == effect && o.pattern.matches(slug));
                let held = !by(Effect::Deny) && (by(Effect::Allow) || role.permissions().contains(&slug));
                prop_assert_eq!(rights.holds(slug), held);
                prop_assert_eq!(rights.held().contains(&slug), held);
            }
        }
    }
}
