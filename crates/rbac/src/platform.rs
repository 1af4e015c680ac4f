//! Permissions of operators, who work for the platform and for no tenant (RBA-04).
//!
//! The platform has a catalogue of its own, which is shorter than that of tenant roles and never mixed with
//! it: no role of a tenant, and no `*` in one, grants a right over the platform, and a right over the
//! platform grants nothing in a tenant. The rights of an operator depend on the user alone; the tenant of
//! the session does not matter.
//!
//! - [`role`]: the roles that operators have.
//! - [`rights`]: what one operator may do: a role and overrides, by the one order of evaluation.
//!
//! **Invariants:** a [`PlatformPermit`] has no public constructor but [`PlatformGrants::permit`]; only a
//! person who is signed in as themselves holds one, never a service key, a part of the product or an acting session.

pub mod rights;
pub mod role;

pub use rights::{PlatformOverride, PlatformRights};
pub use role::PlatformRole;

use crate::{Actor, pattern::Entry};
use std::{fmt, marker::PhantomData};
use tryzore_kernel::{Denial, TenantId, UserId};

/// An entry of the platform's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlatformSlug {
    /// See deliveries of providers, including their payloads.
    ViewWebhooks,
    /// Replay deliveries of providers.
    ReplayWebhooks,
    /// See jobs that were given up.
    ViewJobs,
    /// Run jobs again that were given up.
    ReplayJobs,
    /// See tenants, their owners and the names of their locations.
    ViewTenants,
    /// Suspend, reactivate and delete tenants.
    SetTenantStatus,
    /// See the numbers of the whole platform.
    ViewOverview,
    /// See the operators and what they may do.
    ViewOperators,
    /// Appoint and dismiss operators, and change what they may do.
    ManageOperators,
    /// Ask tenants for access to their data, and see what they have approved.
    RequestSupportAccess,
}

impl PlatformSlug {
    /// Every entry, in the order of the catalogue.
    pub const ALL: [Self; 10] = [
        Self::ViewWebhooks,
        Self::ReplayWebhooks,
        Self::ViewJobs,
        Self::ReplayJobs,
        Self::ViewTenants,
        Self::SetTenantStatus,
        Self::ViewOverview,
        Self::ViewOperators,
        Self::ManageOperators,
        Self::RequestSupportAccess,
    ];

    /// The text of the entry, such as `platform.view_webhooks`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ViewWebhooks => "platform.view_webhooks",
            Self::ReplayWebhooks => "platform.replay_webhooks",
            Self::ViewJobs => "platform.view_jobs",
            Self::ReplayJobs => "platform.replay_jobs",
            Self::ViewTenants => "platform.view_tenants",
            Self::SetTenantStatus => "platform.set_tenant_status",
            Self::ViewOverview => "platform.view_overview",
            Self::ViewOperators => "platform.view_operators",
            Self::ManageOperators => "platform.manage_operators",
            Self::RequestSupportAccess => "platform.request_support_access",
        }
    }

    /// A short description of what the entry allows.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::ViewWebhooks => "See deliveries of providers, including their payloads",
            Self::ReplayWebhooks => "Replay deliveries of providers",
            Self::ViewJobs => "See jobs that were given up",
            Self::ReplayJobs => "Run jobs again that were given up",
            Self::ViewTenants => "See tenants, their owners and the names of their locations",
            Self::SetTenantStatus => "Suspend, reactivate and delete tenants",
            Self::ViewOverview => "See the numbers of the whole platform",
            Self::ViewOperators => "See the operators and what they may do",
            Self::ManageOperators => "Appoint and dismiss operators, and change what they may do",
            Self::RequestSupportAccess => {
                "Ask tenants for access to their data, and see what they have approved"
            }
        }
    }

    /// Finds the entry with the text `text`.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slug| slug.as_str() == text)
    }
}

impl Entry for PlatformSlug {
    const CATALOGUE: &'static [Self] = &Self::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }
}

impl fmt::Display for PlatformSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The permission that an operation of the platform requires.
pub trait PlatformPermission: Send + Sync + 'static {
    /// Holding this entry allows the operation.
    const SLUG: PlatformSlug;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl PlatformPermission for $name {
            const SLUG: PlatformSlug = PlatformSlug::$name;
        }
    )*};
}

permissions! {
    /// See deliveries of providers.
    ViewWebhooks;
    /// Replay deliveries of providers.
    ReplayWebhooks;
    /// See jobs that were given up.
    ViewJobs;
    /// Run jobs again that were given up.
    ReplayJobs;
    /// See tenants.
    ViewTenants;
    /// Suspend, reactivate and delete tenants.
    SetTenantStatus;
    /// See the numbers of the whole platform.
    ViewOverview;
    /// See the operators.
    ViewOperators;
    /// Appoint and dismiss operators, and change what they may do.
    ManageOperators;
    /// Ask tenants for access to their data, and see what they have approved.
    RequestSupportAccess;
}

/// The grants of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformGrants {
    actor: Actor,
    user: UserId,
    tenant: TenantId,
    held: Vec<PlatformSlug>,
}

impl PlatformGrants {
    /// Compiles the grants of `actor`, who holds `held` and is signed in to `tenant`. `None` when the actor
    /// is not a person.
    #[must_use]
    pub fn compile(
        actor: Actor,
        tenant: TenantId,
        held: impl IntoIterator<Item = PlatformSlug>,
    ) -> Option<Self> {
        let Actor::User { user, .. } = actor else { return None };
        Some(Self { actor, user, tenant, held: held.into_iter().collect() })
    }

    /// The permit for `P`.
    ///
    /// # Errors
    /// `rbac.permission.missing`, which names the permission.
    pub fn permit<P: PlatformPermission>(&self) -> Result<PlatformPermit<P>, Denial> {
        if self.held.contains(&P::SLUG) {
            let Self { actor, user, tenant, .. } = *self;
            Ok(PlatformPermit { actor, user, tenant, permission: PhantomData })
        } else {
            Err(lacking(P::SLUG))
        }
    }
}

/// The denial for an operator who does not hold `slug`.
pub(crate) fn lacking(slug: PlatformSlug) -> Denial {
    Denial::right("rbac.permission.missing")
        .because("permission", slug.as_str())
        .remedy("Ask whoever appoints operators to give you this permission.", None)
}

/// The denial for `user`, who is not an operator. It is the same for every request.
#[must_use]
pub fn not_an_operator(user: Option<UserId>) -> Denial {
    Denial::right("rbac.operator.required")
        .because("user", user)
        .because("operator", false)
        .remedy("Only operators of the platform can do this. Sign in as an operator.", None)
}

/// The proof that the actor is an operator who may do `P`, over all tenants.
#[derive(Debug)]
pub struct PlatformPermit<P> {
    actor: Actor,
    user: UserId,
    tenant: TenantId,
    permission: PhantomData<fn() -> P>,
}

impl<P> PlatformPermit<P> {
    /// The actor.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The operator.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The tenant that the operator is signed in to. It grants no right; it is needed so that operators do
    /// not lock themselves out.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Slug, SystemActor};
    use chrono::DateTime;
    use tryzore_kernel::SessionId;

    fn someone() -> Actor {
        let now = DateTime::UNIX_EPOCH;
        Actor::User { user: UserId::generate(now), session: SessionId::generate(now) }
    }

    fn tenant() -> TenantId {
        TenantId::generate(DateTime::UNIX_EPOCH)
    }

    #[test]
    fn rba_04_an_operator_may_do_only_what_they_hold() {
        let grants = PlatformGrants::compile(someone(), tenant(), [PlatformSlug::ViewWebhooks]).unwrap();
        assert_eq!(grants.permit::<ViewWebhooks>().unwrap().actor(), grants.actor);
        let refused = grants.permit::<ReplayWebhooks>().unwrap_err();
        assert_eq!(refused.code, "rbac.permission.missing");
        assert_eq!(refused.because[0].value, "platform.replay_webhooks");
    }

    #[test]
    fn rba_04_only_a_person_is_an_operator() {
        let system = Actor::System { system: SystemActor::Worker };
        assert_eq!(PlatformGrants::compile(system, tenant(), PlatformSlug::ALL), None);
    }

    #[test]
    fn rba_04_the_two_catalogues_share_no_name() {
        for slug in PlatformSlug::ALL {
            assert_eq!(PlatformSlug::find(slug.as_str()), Some(slug));
            assert_eq!(Slug::find(slug.as_str()), None);
        }
        assert_eq!(PlatformSlug::find("events.create"), None);
    }
}
