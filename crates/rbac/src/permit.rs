//! The proof that a check was made.
//!
//! Database work is reachable only through a transaction, a transaction only with a permit, and a
//! permit only from [`Grants`]: forgetting authorization does not compile. A permit carries its
//! reach, because "may see events" is half an answer: at which locations, and whose?

use crate::{Actor, Grants, Permission, SystemActor, grants::lacking};
use std::{marker::PhantomData, sync::Arc};
use tryzore_kernel::{Denial, OrganizationId, TenantId, UseCaseError, UserId};

/// How far a permission reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere.
    Nowhere,
    /// What is the actor's own, at any location.
    Own,
    /// These locations, sorted.
    Organizations(Arc<[OrganizationId]>),
    /// All of the tenant.
    Tenant,
}

impl Reach {
    /// These locations.
    pub fn organizations(at: impl IntoIterator<Item = OrganizationId>) -> Self {
        let mut at: Vec<_> = at.into_iter().collect();
        at.sort_unstable();
        if at.is_empty() { Self::Nowhere } else { Self::Organizations(at.into()) }
    }

    /// Whether it takes in all that is at `organization`.
    #[must_use]
    pub fn covers(&self, organization: OrganizationId) -> bool {
        match self {
            Self::Nowhere | Self::Own => false,
            Self::Organizations(at) => at.binary_search(&organization).is_ok(),
            Self::Tenant => true,
        }
    }

    /// The locations to filter a query by; none when it need not be filtered.
    #[must_use]
    pub fn filter(&self) -> Option<&[OrganizationId]> {
        match self {
            Self::Nowhere | Self::Own => Some(&[]),
            Self::Organizations(at) => Some(at),
            Self::Tenant => None,
        }
    }
}

/// Why a permit does not stretch to a location.
#[derive(Debug, Clone, PartialEq)]
pub enum OutOfReach {
    /// The location is none of the caller's business: answer as if it did not exist.
    Hidden,
    /// The caller may know of it and not do this there.
    Denied(Denial),
}

impl OutOfReach {
    /// How a use case refuses `what` for it.
    #[must_use]
    pub fn hide(self, what: &'static str) -> UseCaseError {
        match self {
            Self::Hidden => UseCaseError::NotFound(what),
            Self::Denied(denial) => UseCaseError::Denied(denial),
        }
    }
}

/// The proof that the actor may do `P`, and where.
pub struct Permit<P> {
    grants: Arc<Grants>,
    permission: PhantomData<fn() -> P>,
}

impl<P> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self { grants: Arc::clone(&self.grants), permission: PhantomData }
    }
}

impl<P: Permission> Permit<P> {
    pub(crate) fn new(grants: Arc<Grants>) -> Self {
        Self { grants, permission: PhantomData }
    }

    /// A permit for a part of the product that acts on its own account, for all of `tenant`.
    #[must_use]
    pub fn system(tenant: TenantId, system: SystemActor) -> Self {
        Self::new(Grants::system(Actor::System { system }, tenant))
    }

    /// Where it holds in full.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        self.grants.reach(P::FULL)
    }

    /// Where it holds within limits.
    #[must_use]
    pub fn limited(&self) -> &Reach {
        P::LIMITED.map_or(&Reach::Nowhere, |slug| self.grants.reach(slug))
    }

    /// Holds in full at `organization`, or says how the caller is to be refused.
    ///
    /// # Errors
    /// [`OutOfReach`].
    pub fn at(&self, organization: OrganizationId) -> Result<(), OutOfReach> {
        if self.reach().covers(organization) { Ok(()) } else { Err(self.out_of_reach(organization)) }
    }

    /// Holds at `organization` for what belongs to `owner`: in full, or within limits when the
    /// owner is the actor.
    ///
    /// # Errors
    /// [`OutOfReach`].
    pub fn at_for(&self, organization: OrganizationId, owner: Option<UserId>) -> Result<(), OutOfReach> {
        let is_own = owner.is_some() && owner == self.actor().user();
        if self.reach().covers(organization) || (is_own && self.limited().covers(organization)) {
            Ok(())
        } else {
            Err(self.out_of_reach(organization))
        }
    }

    /// The same, as a use case answers it: what the caller may not see at all is `what` that does not exist.
    ///
    /// # Errors
    /// [`UseCaseError::NotFound`] with `what`, or [`UseCaseError::Denied`].
    pub fn require_at(&self, organization: OrganizationId, what: &'static str) -> Result<(), UseCaseError> {
        self.at(organization).map_err(|out_of_reach| out_of_reach.hide(what))
    }

    /// [`Permit::at_for`], as a use case answers it.
    ///
    /// # Errors
    /// As [`Permit::require_at`].
    pub fn require_at_for(
        &self,
        organization: OrganizationId,
        owner: Option<UserId>,
        what: &'static str,
    ) -> Result<(), UseCaseError> {
        self.at_for(organization, owner).map_err(|out_of_reach| out_of_reach.hide(what))
    }

    fn out_of_reach(&self, organization: OrganizationId) -> OutOfReach {
        if self.grants.visible().covers(organization) {
            OutOfReach::Denied(lacking(P::FULL).because("organization", organization))
        } else {
            OutOfReach::Hidden
        }
    }
}

impl<P> Permit<P> {
    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.grants.actor
    }

    /// The tenant that it holds in.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.grants.tenant
    }

    /// The location that the session is at.
    #[must_use]
    pub fn organization(&self) -> Option<OrganizationId> {
        self.grants.organization
    }

    /// All that the actor may do.
    #[must_use]
    pub fn grants(&self) -> &Arc<Grants> {
        &self.grants
    }
}
