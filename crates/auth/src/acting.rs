//! Acting sessions: somebody sees what another person or a tenant sees, and changes nothing (AUT-16, AUT-17).
//!
//! There is one model with two kinds. In an *impersonation* an employee sees what a client sees, or a colleague
//! with fewer permissions. With *support access* an operator of the platform sees the data of a tenant that has
//! approved it. Both have a session of the person who acts, so that ending their sessions ends these as well; no
//! refresh token, so that they cannot be renewed; and an actor that names both persons in every record.
//!
//! **Invariants:** whether the session may go on is decided anew each time it is loaded ([`view`]): an employee who
//! loses a permission loses the view at once. A transaction of an acting session is read-only in the database,
//! and no extractor of requests lets anything but reads through.

use crate::{Memberships, Refusal, Session, error::unauthenticated, membership};
use chrono::TimeDelta;
use tryzore_kernel::{Denial, OrganizationId, StoreResult, SupportGrantId, UserId};
use tryzore_rbac::{
    ActingKind, Actor, Assignment, Grants, Holdings, Pattern, PermissionSet, Scope, Slug,
    catalogue::{Impersonate, ViewClientsAcross},
    manage::role::names,
};

/// How long an impersonation lasts, to the second; it is not renewed (AUT-16).
pub const IMPERSONATION_LIFE: TimeDelta = TimeDelta::minutes(15);
/// The lengths of a reason, in characters.
pub const REASON: std::ops::RangeInclusive<usize> = 3..=500;

/// What makes a session an acting session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// What the session shows.
    pub shows: Shows,
    /// The locations that the session can be at and see; `None` means all that it shows.
    pub organizations: Option<Vec<OrganizationId>>,
    /// Why the person acts.
    pub reason: String,
}

/// What an acting session shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// What this person sees.
    Person(UserId),
    /// The data of the tenant, as far as the tenant has approved.
    Tenant {
        /// The approval.
        grant: SupportGrantId,
        /// The approved permissions.
        patterns: Vec<Pattern>,
    },
}

impl Acting {
    /// The kind of the session.
    #[must_use]
    pub const fn kind(&self) -> ActingKind {
        match self.shows {
            Shows::Person(_) => ActingKind::Impersonation,
            Shows::Tenant { .. } => ActingKind::SupportAccess,
        }
    }

    /// The person whose view is shown.
    #[must_use]
    pub const fn subject(&self) -> Option<UserId> {
        match self.shows {
            Shows::Person(subject) => Some(subject),
            Shows::Tenant { .. } => None,
        }
    }
}

impl Session {
    /// The actor of requests with this session.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let (user, session) = (self.user, self.id);
        match &self.acting {
            None => Actor::User { user, session },
            Some(acting) => Actor::Acting { user, session, kind: acting.kind(), subject: acting.subject() },
        }
    }

    /// The person whom an access token of this session names as its subject: whose view is shown.
    #[must_use]
    pub fn subject(&self) -> UserId {
        self.acting.as_ref().and_then(Acting::subject).unwrap_or(self.user)
    }
}

/// A person as a tenant knows them: by its own record, not by their account, which belongs to them alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// The name in the record.
    pub name: String,
    /// The address in the record.
    pub email: Option<String>,
}

/// What a session shows at this moment.
#[derive(Debug, Clone)]
pub struct View {
    /// What the session's permissions are compiled from.
    pub holdings: Holdings,
    /// The locations that the session can be at.
    pub available: Vec<OrganizationId>,
}

impl View {
    /// The permissions of `session` with this view.
    #[must_use]
    pub fn grants(&self, session: &Session) -> std::sync::Arc<Grants> {
        let at = session.organization.filter(|at| self.available.contains(at));
        match &session.acting {
            None => Grants::compile(session.actor(), session.tenant, at, &self.holdings),
            Some(_) => {
                let within = Some(&*self.available);
                Grants::compile_acting(session.actor(), session.tenant, at, &self.holdings, within)
            }
        }
    }
}

/// What `session` shows; `None` when its person has no access any more.
///
/// # Errors
/// Inner: `auth.acting.ended`, when an acting session may not go on.
pub async fn view<T: Memberships>(
    tx: &mut T,
    session: &Session,
) -> StoreResult<Result<Option<View>, Refusal>> {
    let Some(acting) = &session.acting else {
        let holdings = tx.holdings_find(session.user, session.tenant).await?;
        return Ok(Ok(
            holdings.map(|holdings| View { available: membership::available(&holdings), holdings })
        ));
    };
    let shown = match &acting.shows {
        Shows::Person(subject) => {
            let own = tx.holdings_find(session.user, session.tenant).await?;
            let theirs = tx.holdings_find(*subject, session.tenant).await?;
            let (Some(own), Some(theirs)) = (own, theirs) else { return Ok(Err(ended())) };
            let actor = Actor::User { user: session.user, session: session.id };
            let own = Grants::compile(actor, session.tenant, None, &own);
            let reach = own.reach(Slug::IMPERSONATE);
            let may = own.permit::<Impersonate>().and_then(|_| check_fewer_rights(&own, &theirs));
            let may = may.and_then(|()| check_sees_everywhere(&own, &theirs));
            if may.is_err() {
                return Ok(Err(ended()));
            }
            let available =
                membership::available(&theirs).into_iter().filter(|at| reach.covers(*at)).collect();
            View { holdings: theirs, available }
        }
        Shows::Tenant { patterns, .. } => {
            if !tx.is_supporter(session.user).await? {
                return Ok(Err(ended()));
            }
            let Some(tree) = tx.locations_find(session.tenant).await? else { return Ok(Err(ended())) };
            let available: Vec<OrganizationId> = tree.iter().map(|node| node.organization).collect();
            let assignment = |at| Assignment {
                role: tryzore_kernel::RoleId::from(uuid::Uuid::nil()),
                name: "Support access".into(),
                patterns: patterns.clone(),
                scope: Scope::Organization(at),
            };
            let assignments = available.iter().copied().map(assignment).collect();
            View { holdings: Holdings { tree, assignments, ..Holdings::default() }, available }
        }
    };
    let allowed = |at: &OrganizationId| acting.organizations.as_ref().is_none_or(|all| all.contains(at));
    let available: Vec<_> = shown.available.into_iter().filter(allowed).collect();
    Ok(Ok(Some(View { available, ..shown })))
}

/// Checks that a person with `theirs` has strictly fewer permissions than `own`: everything they hold, `own` holds
/// at the same location, and `own` holds something that they do not.
///
/// # Errors
/// `auth.impersonation.not_fewer_rights`, with what they hold and `own` does not.
pub fn check_fewer_rights(own: &Grants, theirs: &Holdings) -> Result<(), Denial> {
    let (mut beyond, mut has_more) = (PermissionSet::EMPTY, false);
    for node in &theirs.tree {
        let held = theirs.permitted_at(node.organization);
        for slug in Slug::ALL.iter().copied().filter(|slug| slug.is_assignable()) {
            match (own.reach(slug).covers(node.organization), held.contains(slug)) {
                (false, true) => beyond = beyond.with(slug),
                (true, false) => has_more = true,
                _ => {}
            }
        }
    }
    if beyond == PermissionSet::EMPTY && has_more {
        return Ok(());
    }
    Err(Denial::right("auth.impersonation.not_fewer_rights")
        .because("permissions.not_held", names(beyond))
        .remedy(
            "Ask someone with more permissions than this person to do it.",
            Some("list_permission_holders"),
        ))
}

/// Checks that `own` may see what a client with `theirs` has at every location: the view of a client shows their
/// bookings wherever they are, so the caller may impersonate at all locations, or see clients across them.
///
/// # Errors
/// `rbac.permission.missing` for `clients.view_cross_org`.
pub fn check_sees_everywhere(own: &std::sync::Arc<Grants>, theirs: &Holdings) -> Result<(), Denial> {
    let everywhere = || {
        let reach = own.reach(Slug::IMPERSONATE);
        theirs.tree.iter().all(|node| reach.covers(node.organization))
    };
    if !theirs.is_client || everywhere() { Ok(()) } else { own.permit::<ViewClientsAcross>().map(drop) }
}

fn ended() -> Refusal {
    unauthenticated(Denial::right("auth.acting.ended").remedy("Return to your own session.", Some("sign_in")))
}

#[cfg(test)]
mod tests;
