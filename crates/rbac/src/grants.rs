//! The grants of a session, compiled once when the session loads.
//!
//! Compiling evaluates roles, wildcards and the tree of locations; a check afterwards reads one bit. Grants
//! are immutable: when roles change, new grants are compiled.

use crate::{
    Actor, FactorStanding, Holdings, Permission, PermissionSet, Permit, Slug, StepUp, permit::Reach,
};
use chrono::{DateTime, Utc};
use std::{num::NonZeroU32, sync::Arc};
use tryzore_kernel::{ApiKeyId, Denial, OrganizationId, SessionId, TenantId, UserId};

/// The permissions of one session.
#[derive(Debug, Clone)]
pub struct Grants {
    pub(crate) actor: Actor,
    pub(crate) tenant: TenantId,
    pub(crate) organization: Option<OrganizationId>,
    holder: Option<UserId>,
    held: PermissionSet,
    // One entry for each slug: the locations where it is held.
    reach: Box<[Reach]>,
    visible: Reach,
    factor: FactorStanding,
    // The permissions that require a recently used factor.
    guarded: PermissionSet,
    // What the holdings grant and the state of the second factor takes away.
    withheld: PermissionSet,
    requests_per_minute: Option<NonZeroU32>,
    changes_at: Option<DateTime<Utc>>,
}

/// What is taken from holdings when they are compiled.
#[derive(Default)]
struct Limits<'a> {
    without: PermissionSet,
    at: Option<&'a [OrganizationId]>,
    requests_per_minute: Option<NonZeroU32>,
}

impl Limits<'_> {
    fn take_in(&self, organization: OrganizationId) -> bool {
        self.at.is_none_or(|at| at.contains(&organization))
    }
}

impl Grants {
    /// Compiles what `actor` holds in `tenant`, in a session at `organization`.
    #[must_use]
    pub fn compile(
        actor: Actor,
        tenant: TenantId,
        organization: Option<OrganizationId>,
        holdings: &Holdings,
    ) -> Arc<Self> {
        Self::build(actor, actor.person(), tenant, organization, holdings, &Limits::default())
    }

    /// Compiles what `user` holds in `tenant`, to check what somebody may do who is not there: an inviter whose
    /// invitation is accepted.
    #[must_use]
    pub fn of_absent(user: UserId, tenant: TenantId, holdings: &Holdings) -> Arc<Self> {
        let session = SessionId::from(uuid::Uuid::nil());
        Self::compile(Actor::User { user, session }, tenant, None, holdings)
    }

    /// Compiles what `actor`, in an acting session, may see: what `holdings` show, at `at` alone if it is given,
    /// and nothing that belongs to the account of a person ([`Slug::OWN_SECURITY`]).
    #[must_use]
    pub fn compile_acting(
        actor: Actor,
        tenant: TenantId,
        organization: Option<OrganizationId>,
        holdings: &Holdings,
        at: Option<&[OrganizationId]>,
    ) -> Arc<Self> {
        let limits =
            Limits { without: PermissionSet::EMPTY.with(Slug::OWN_SECURITY), at, ..Limits::default() };
        Self::build(actor, actor.person(), tenant, organization, holdings, &limits)
    }

    /// Compiles what the service key `key` may do, which `issuer` issued: the permissions of `holdings`,
    /// without those that are for persons only ([`Slug::is_for_persons`]). The key may call
    /// `requests_per_minute` times, or as often as any key.
    #[must_use]
    pub fn compile_for_key(
        key: ApiKeyId,
        issuer: UserId,
        tenant: TenantId,
        organization: OrganizationId,
        holdings: &Holdings,
        requests_per_minute: Option<NonZeroU32>,
    ) -> Arc<Self> {
        let without = Slug::ALL.iter().copied().filter(|slug| slug.is_for_persons()).collect();
        let limits = Limits { without, requests_per_minute, at: None };
        Self::build(Actor::ApiKey { key }, Some(issuer), tenant, Some(organization), holdings, &limits)
    }

    fn build(
        actor: Actor,
        holder: Option<UserId>,
        tenant: TenantId,
        organization: Option<OrganizationId>,
        holdings: &Holdings,
        limits: &Limits<'_>,
    ) -> Arc<Self> {
        let locations =
            || holdings.tree.iter().map(|node| node.organization).filter(|at| limits.take_in(*at));
        let at: Vec<(OrganizationId, PermissionSet)> =
            locations().map(|at| (at, holdings.permitted_at(at).without(limits.without))).collect();
        let own = holdings.own().without(limits.without);
        let reach = Slug::ALL.iter().map(|slug| {
            if own.contains(*slug) {
                return Reach::Own;
            }
            Reach::organizations(at.iter().filter(|(_, set)| set.contains(*slug)).map(|(at, _)| *at))
        });
        let visible = locations().filter(|at| holdings.sees(*at));
        Arc::new(Self {
            actor,
            tenant,
            organization,
            holder,
            held: at.iter().fold(own, |all, (_, set)| all.union(*set)),
            reach: reach.collect(),
            visible: Reach::organizations(visible),
            factor: FactorStanding::default(),
            guarded: StepUp::default().guarded(),
            withheld: PermissionSet::EMPTY,
            requests_per_minute: limits.requests_per_minute,
            changes_at: holdings.changes_at,
        })
    }

    /// The same grants with the second factor of the session and what the tenant requires of it. A person
    /// whose time to set a factor up has passed keeps only what comes with being a user or a client; a key
    /// loses every permission that requires a factor.
    #[must_use]
    pub fn with_factor(self: Arc<Self>, factor: FactorStanding, now: DateTime<Utc>) -> Arc<Self> {
        let mut grants = Arc::unwrap_or_clone(self);
        grants.guarded = factor.step_up.guarded();
        if factor.enrollment.is_some_and(|due| due.is_over(now)) {
            grants.withhold(Slug::ALL.iter().copied().filter(|slug| slug.is_assignable()).collect());
        }
        if matches!(grants.actor, Actor::ApiKey { .. }) {
            grants.withhold(grants.guarded);
        }
        grants.factor = factor;
        Arc::new(grants)
    }

    fn withhold(&mut self, slugs: PermissionSet) {
        self.withheld = self.withheld.union(self.held.intersection(slugs));
        self.held = self.held.without(slugs);
        for slug in self.withheld.iter() {
            self.reach[usize::from(slug.index())] = Reach::Nowhere;
        }
    }

    /// Every permission, everywhere in `tenant`: for parts of the product that act on their own account.
    pub(crate) fn system(actor: Actor, tenant: TenantId) -> Arc<Self> {
        Arc::new(Self {
            actor,
            tenant,
            organization: None,
            holder: None,
            held: Slug::ALL.iter().copied().collect(),
            reach: Slug::ALL.iter().map(|_| Reach::Tenant).collect(),
            visible: Reach::Tenant,
            factor: FactorStanding::default(),
            guarded: PermissionSet::EMPTY,
            withheld: PermissionSet::EMPTY,
            requests_per_minute: None,
            changes_at: None,
        })
    }

    /// The permit for `P` at the moment `now`, if the permission is held anywhere, in full or within limits,
    /// and a second factor was used recently enough.
    ///
    /// # Errors
    /// A denial that names the permission; `auth.person_required` for a service key that requests a
    /// permission for persons only, or one that requires a factor; `auth.factor.step_up_required`;
    /// `auth.factor.enrollment_required`.
    pub fn permit_at<P: Permission>(self: &Arc<Self>, now: DateTime<Utc>) -> Result<Permit<P>, Denial> {
        self.check::<P>(Some(now))?;
        Ok(Permit::new(Arc::clone(self)))
    }

    /// The permit for `P` where the time is not known: as [`Grants::permit_at`], and a permission that
    /// requires a recently used factor is refused.
    ///
    /// # Errors
    /// As [`Grants::permit_at`].
    pub fn permit<P: Permission>(self: &Arc<Self>) -> Result<Permit<P>, Denial> {
        self.check::<P>(None)?;
        Ok(Permit::new(Arc::clone(self)))
    }

    fn check<P: Permission>(&self, now: Option<DateTime<Utc>>) -> Result<(), Denial> {
        let wanted = PermissionSet::EMPTY.with(P::FULL);
        let wanted = P::LIMITED.map_or(wanted, |limited| wanted.with(limited));
        if matches!(self.actor, Actor::ApiKey { .. })
            && (P::FULL.is_for_persons() || self.withheld.intersection(wanted) != PermissionSet::EMPTY)
        {
            return Err(person_required(self.actor));
        }
        let held = self.held.intersection(wanted);
        if let Some(due) = self.factor.enrollment {
            let by_role = held.iter().any(Slug::is_assignable);
            if self.withheld.intersection(wanted) != PermissionSet::EMPTY
                || (by_role && now.is_some_and(|now| due.is_over(now)))
            {
                return Err(due.refusal());
            }
        }
        if held == PermissionSet::EMPTY {
            return Err(lacking(P::FULL));
        }
        // The permit shows the reach of both slugs, so the rules of both apply.
        held.intersection(self.guarded).iter().try_for_each(|slug| self.factor.check(slug, now))
    }

    /// The second factor of the session, and what the tenant requires of it.
    #[must_use]
    pub const fn factor(&self) -> &FactorStanding {
        &self.factor
    }

    /// The actor.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The person on whose holdings these grants depend: the person who sends the request, or the issuer of the
    /// key. When that person's holdings change, the grants are out of date. In an impersonation they depend on
    /// the subject ([`Actor::user`]) as well.
    #[must_use]
    pub const fn holder(&self) -> Option<UserId> {
        self.holder
    }

    /// The tenant: nothing of another tenant can be reached.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The location of the session.
    #[must_use]
    pub const fn organization(&self) -> Option<OrganizationId> {
        self.organization
    }

    /// How many requests per minute the caller may send, if they have a limit of their own.
    #[must_use]
    pub const fn requests_per_minute(&self) -> Option<NonZeroU32> {
        self.requests_per_minute
    }

    /// When these grants are out of date because a role or an override of the person ends; nothing announces that
    /// moment, so whoever keeps grants compares.
    #[must_use]
    pub const fn changes_at(&self) -> Option<DateTime<Utc>> {
        self.changes_at
    }

    /// All permissions that are held anywhere.
    #[must_use]
    pub const fn held(&self) -> PermissionSet {
        self.held
    }

    /// The locations where `slug` is held.
    #[must_use]
    pub fn reach(&self, slug: Slug) -> &Reach {
        &self.reach[usize::from(slug.index())]
    }

    /// The locations that the person works at or owns.
    #[must_use]
    pub const fn visible(&self) -> &Reach {
        &self.visible
    }
}

/// The denial for `actor`, who is not a person, when only a person may act.
#[must_use]
pub fn person_required(actor: Actor) -> Denial {
    Denial::right("auth.person_required")
        .because("actor", actor)
        .remedy("Sign in as a person.", Some("sign_in"))
}

/// The denial for a missing `slug`.
#[must_use]
pub fn lacking(slug: Slug) -> Denial {
    Denial::right("rbac.permission.missing")
        .because("permission", slug.as_str())
        .because("permission.description", slug.description())
        .remedy("Ask someone who manages roles to give you this permission.", Some("list_permission_holders"))
}
