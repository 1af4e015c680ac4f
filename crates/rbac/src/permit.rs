//! The proof that a permission check was made.
//!
//! Database work is reachable only through a transaction, a transaction only with a permit, and a permit
//! only from [`Grants`]: code that skips authorization does not compile. A permit carries its reach,
//! because a permission such as "see events" is incomplete without the locations and the owners of the
//! data.

use crate::{Actor, Grants, Permission, SystemActor, catalogue::OwnProfile, grants::lacking};
use std::{marker::PhantomData, sync::Arc};
use tryzore_kernel::{Denial, OrganizationId, TenantId, UseCaseError, UserId};

/// The reach of a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The permission is held nowhere.
    Nowhere,
    /// Data that belongs to the actor, at any location.
    Own,
    /// These locations, sorted.
    Organizations(Arc<[OrganizationId]>),
    /// The whole tenant.
    Tenant,
}

impl Reach {
    /// The reach of these locations.
    pub fn organizations(at: impl IntoIterator<Item = OrganizationId>) -> Self {
        let mut at: Vec<_> = at.into_iter().collect();
        at.sort_unstable();
        if at.is_empty() { Self::Nowhere } else { Self::Organizations(at.into()) }
    }

    /// Whether the reach covers everything at `organization`.
    #[must_use]
    pub fn covers(&self, organization: OrganizationId) -> bool {
        match self {
            Self::Nowhere | Self::Own => false,
            Self::Organizations(at) => at.binary_search(&organization).is_ok(),
            Self::Tenant => true,
        }
    }

    /// The locations to filter a query by; `None` when no filter is needed.
    #[must_use]
    pub fn filter(&self) -> Option<&[OrganizationId]> {
        match self {
            Self::Nowhere | Self::Own => Some(&[]),
            Self::Organizations(at) => Some(at),
            Self::Tenant => None,
        }
    }
}

/// The reason why a permit does not cover a location.
#[derive(Debug, Clone, PartialEq)]
pub enum OutOfReach {
    /// The caller may not know of the location: the answer is that it does not exist.
    Hidden,
    /// The caller may know of the location, but may not do this there.
    Denied(Denial),
}

impl OutOfReach {
    /// The refusal of a use case, where `what` names the object that is hidden.
    #[must_use]
    pub fn hide(self, what: &'static str) -> UseCaseError {
        match self {
            Self::Hidden => UseCaseError::NotFound(what),
            Self::Denied(denial) => UseCaseError::Denied(denial),
        }
    }
}

/// The proof that the actor holds the permission `P`, and at which locations.
pub struct Permit<P> {
    grants: Arc<Grants>,
    is_read_only: bool,
    permission: PhantomData<fn() -> P>,
}

impl<P> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self { grants: Arc::clone(&self.grants), is_read_only: self.is_read_only, permission: PhantomData }
    }
}

impl<P: Permission> Permit<P> {
    pub(crate) fn new(grants: Arc<Grants>) -> Self {
        let is_read_only = grants.actor.is_acting();
        Self { grants, is_read_only, permission: PhantomData }
    }

    /// A permit for a part of the product that acts on its own account, for all of `tenant`.
    #[must_use]
    pub fn system(tenant: TenantId, system: SystemActor) -> Self {
        Self::new(Grants::system(Actor::System { system }, tenant))
    }

    /// The reach in which the permission is held in full.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        self.grants.reach(P::FULL)
    }

    /// The reach in which the permission is held within limits.
    #[must_use]
    pub fn limited(&self) -> &Reach {
        P::LIMITED.map_or(&Reach::Nowhere, |slug| self.grants.reach(slug))
    }

    /// Checks that the permission is held in full at `organization`.
    ///
    /// # Errors
    /// [`OutOfReach`].
    pub fn at(&self, organization: OrganizationId) -> Result<(), OutOfReach> {
        if self.reach().covers(organization) { Ok(()) } else { Err(self.out_of_reach(organization)) }
    }

    /// Checks that the permission is held at `organization` for data that belongs to `owner`: in full, or
    /// within limits when the owner is the actor.
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

    /// [`Permit::at`] as the answer of a use case: when the location is hidden, `what` is not found.
    ///
    /// # Errors
    /// [`UseCaseError::NotFound`] with `what`, or [`UseCaseError::Denied`].
    pub fn require_at(&self, organization: OrganizationId, what: &'static str) -> Result<(), UseCaseError> {
        self.at(organization).map_err(|out_of_reach| out_of_reach.hide(what))
    }

    /// [`Permit::at_for`] as the answer of a use case.
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

impl Permit<OwnProfile> {
    /// The same permit, with which an acting session may be ended and moved to another location. Nothing else is
    /// changed with it.
    #[must_use]
    pub fn for_own_session(self) -> Self {
        Self { is_read_only: false, ..self }
    }
}

impl<P> Permit<P> {
    /// Whether transactions with this permit change nothing: in an acting session.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// The actor.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.grants.actor
    }

    /// The tenant of the permit.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.grants.tenant
    }

    /// The location of the session.
    #[must_use]
    pub fn organization(&self) -> Option<OrganizationId> {
        self.grants.organization
    }

    /// All grants of the actor.
    #[must_use]
    pub fn grants(&self) -> &Arc<Grants> {
        &self.grants
    }
}
