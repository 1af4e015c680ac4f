//! The roles of operators. They come with the product and cannot be changed; what one operator needs beside
//! or without them are overrides.

use crate::{Pattern, PlatformSlug};
use serde::{Deserialize, Serialize};

/// A role of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlatformRole {
    /// Every permission of the platform, also those that are still to come.
    SuperAdmin,
    /// Runs the platform day by day.
    PlatformAdmin,
    /// Answers the questions of tenants.
    SupportAdmin,
    /// Only what overrides allow.
    Limited,
}

impl PlatformRole {
    /// Every role, most powerful first.
    pub const ALL: [Self; 4] = [Self::SuperAdmin, Self::PlatformAdmin, Self::SupportAdmin, Self::Limited];

    /// The stable name in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::PlatformAdmin => "platform_admin",
            Self::SupportAdmin => "support_admin",
            Self::Limited => "limited",
        }
    }

    /// The display name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super Admin",
            Self::PlatformAdmin => "Platform Admin",
            Self::SupportAdmin => "Support Admin",
            Self::Limited => "Limited",
        }
    }

    /// The description.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Every permission of the platform",
            Self::PlatformAdmin => "Runs the platform day by day, without a say in who its operators are",
            Self::SupportAdmin => "Looks up tenants and work that was given up, and changes nothing",
            Self::Limited => "Only what overrides allow",
        }
    }

    /// The patterns of the role.
    #[must_use]
    pub const fn patterns(self) -> &'static [&'static str] {
        match self {
            Self::SuperAdmin => &["platform.*"],
            Self::PlatformAdmin => &["platform.view_*", "platform.replay_*", "platform.set_tenant_status"],
            // Deliveries are left out: their payloads contain personal data of all tenants.
            Self::SupportAdmin => &[
                "platform.view_tenants",
                "platform.view_jobs",
                "platform.view_overview",
                "platform.request_support_access",
            ],
            Self::Limited => &[],
        }
    }

    /// The patterns of the role that match `slug`.
    pub fn matching(self, slug: PlatformSlug) -> impl Iterator<Item = Pattern<PlatformSlug>> {
        let patterns = self.patterns().iter().filter_map(|text| text.parse::<Pattern<PlatformSlug>>().ok());
        patterns.filter(move |pattern| pattern.matches(slug))
    }

    /// The permissions of the role, in the order of the catalogue.
    #[must_use]
    pub fn permissions(self) -> Vec<PlatformSlug> {
        PlatformSlug::ALL.into_iter().filter(|slug| self.matching(*slug).next().is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rba_04_each_role_grants_this() {
        let granted = |role: PlatformRole| -> Vec<_> {
            role.permissions().into_iter().map(PlatformSlug::as_str).collect()
        };
        assert_eq!(PlatformRole::SuperAdmin.permissions(), PlatformSlug::ALL);
        let without: Vec<_> = PlatformSlug::ALL
            .into_iter()
            .filter(|slug| {
                ![PlatformSlug::ManageOperators, PlatformSlug::RequestSupportAccess].contains(slug)
            })
            .map(PlatformSlug::as_str)
            .collect();
        assert_eq!(granted(PlatformRole::PlatformAdmin), without);
        assert_eq!(
            granted(PlatformRole::SupportAdmin),
            [
                "platform.view_jobs",
                "platform.view_tenants",
                "platform.view_overview",
                "platform.request_support_access"
            ]
        );
        assert_eq!(granted(PlatformRole::Limited), [""; 0]);
    }

    #[test]
    fn every_pattern_of_a_role_matches_something_and_every_role_has_its_own_name() {
        for role in PlatformRole::ALL {
            assert!(role.patterns().iter().all(|text| text.parse::<Pattern<PlatformSlug>>().is_ok()));
            assert_eq!(serde_json::to_value(role).unwrap(), json!(role.as_str()));
        }
    }
}
