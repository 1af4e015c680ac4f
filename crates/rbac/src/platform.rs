//! Who may do what for the platform itself (RBA-04): operators, who work for no tenant.
//!
//! A catalogue of its own, shorter than that of a tenant's roles and never mixed with it: no role of
//! a tenant, and no `*` in one, gives a right over the platform, and a right over the platform gives
//! nothing in a tenant. What an operator holds hangs on the user alone; in which tenant the session
//! is does not matter.
//!
//! **Invariants:** a [`PlatformPermit`] has no public constructor but [`PlatformGrants::permit`];
//! only a person holds one, neither a service's key nor a part of the product.

use crate::Actor;
use std::{fmt, marker::PhantomData};
use tryzore_kernel::{Denial, TenantId, UserId};

/// One entry of the platform's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlatformSlug {
    /// See what providers sent, one by one with what was sent.
    ViewWebhooks,
    /// Have what a provider sent followed again.
    ReplayWebhooks,
    /// See work that was given up.
    ViewJobs,
    /// Have work that was given up done again.
    ReplayJobs,
    /// See which tenants there are, who owns them and what their locations are called.
    ViewTenants,
    /// Suspend, reactivate and delete tenants.
    SetTenantStatus,
}

impl PlatformSlug {
    /// Every entry, in the order of the catalogue.
    pub const ALL: [Self; 6] = [
        Self::ViewWebhooks,
        Self::ReplayWebhooks,
        Self::ViewJobs,
        Self::ReplayJobs,
        Self::ViewTenants,
        Self::SetTenantStatus,
    ];

    /// `platform.view_webhooks`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ViewWebhooks => "platform.view_webhooks",
            Self::ReplayWebhooks => "platform.replay_webhooks",
            Self::ViewJobs => "platform.view_jobs",
            Self::ReplayJobs => "platform.replay_jobs",
            Self::ViewTenants => "platform.view_tenants",
            Self::SetTenantStatus => "platform.set_tenant_status",
        }
    }

    /// The entry called `text`.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slug| slug.as_str() == text)
    }
}

impl fmt::Display for PlatformSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an operation of the platform asks for.
pub trait PlatformPermission: Send + Sync + 'static {
    /// Holding this allows it.
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
    /// See what providers sent.
    ViewWebhooks;
    /// Have what a provider sent followed again.
    ReplayWebhooks;
    /// See work that was given up.
    ViewJobs;
    /// Have work that was given up done again.
    ReplayJobs;
    /// See which tenants there are.
    ViewTenants;
    /// Suspend, reactivate and delete tenants.
    SetTenantStatus;
}

/// What an operator may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformGrants {
    actor: Actor,
    user: UserId,
    tenant: TenantId,
    held: Vec<PlatformSlug>,
}

impl PlatformGrants {
    /// What `actor`, who holds `held` and is signed in to `tenant`, may do. None when no person acts.
    #[must_use]
    pub fn compile(
        actor: Actor,
        tenant: TenantId,
        held: impl IntoIterator<Item = PlatformSlug>,
    ) -> Option<Self> {
        let user = actor.user()?;
        Some(Self { actor, user, tenant, held: held.into_iter().collect() })
    }

    /// The permit for `P`.
    ///
    /// # Errors
    /// `rbac.permission.missing`, which names it.
    pub fn permit<P: PlatformPermission>(&self) -> Result<PlatformPermit<P>, Denial> {
        if self.held.contains(&P::SLUG) {
            let Self { actor, user, tenant, .. } = *self;
            Ok(PlatformPermit { actor, user, tenant, permission: PhantomData })
        } else {
            Err(Denial::right("rbac.permission.missing")
                .because("permission", P::SLUG.as_str())
                .remedy("Ask whoever appoints operators to give you this permission.", None))
        }
    }
}

/// The refusal of `user`, who is no operator. It is the same whatever was asked for.
#[must_use]
pub fn not_an_operator(user: Option<UserId>) -> Denial {
    Denial::right("rbac.operator.required")
        .because("user", user)
        .because("operator", false)
        .remedy("This is for operators of the platform. Sign in as one.", None)
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
    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The operator.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The tenant that the operator is signed in to: it gives no right, and its door is the operator's
    /// own.
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
    fn rba_04_an_operator_may_do_what_it_holds_and_no_more() {
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
