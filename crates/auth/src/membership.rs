//! Where a user can sign in: the tenants, and their locations.

use crate::{Session, error::Refusal};
use chrono::{DateTime, Utc};
use tryzore_kernel::{Denial, OrganizationId, TenantId};
use tryzore_rbac::Holdings;

/// A tenant that a user belongs to, as employee, owner or client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The tenant.
    pub tenant: TenantId,
    /// The name of the tenant.
    pub name: String,
    /// When the user last had a session there.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The location of that session.
    pub last_organization: Option<OrganizationId>,
    /// The primary location of an employee; the preferred one of a client.
    pub home: Option<OrganizationId>,
}

/// The tenant to sign in to: the one in `asked`, else the one used last.
///
/// # Errors
/// `auth.login.no_membership`, `auth.login.not_a_member`.
pub fn choose(memberships: &[Membership], asked: Option<TenantId>) -> Result<&Membership, Refusal> {
    if let Some(tenant) = asked {
        return memberships.iter().find(|m| m.tenant == tenant).ok_or_else(|| {
            Denial::right("auth.login.not_a_member")
                .because("tenant", tenant)
                .because("tenants.available", memberships.len())
                .remedy("Sign in without naming a tenant, or ask it for an invitation.", Some("sign_in"))
                .into()
        });
    }
    memberships
        .iter()
        // The first of equal ones wins, so the order of the list breaks ties.
        .rev()
        .max_by_key(|m| m.last_used_at)
        .ok_or_else(none)
}

/// The refusal of a user who belongs to no tenant.
pub(crate) fn none() -> Refusal {
    Denial::right("auth.login.no_membership")
        .because("tenants.available", 0)
        .remedy(
            "Ask your gym or employer for an invitation, or open an account of your own.",
            Some("start_onboarding"),
        )
        .into()
}

/// The locations that a session can be at: for an employee or owner those that they work at or own, for a
/// client all of them (their memberships decide what they may do at each).
#[must_use]
pub fn available(holdings: &Holdings) -> Vec<OrganizationId> {
    let tree = holdings.tree.iter().map(|place| place.organization);
    tree.filter(|at| holdings.is_client || holdings.sees(*at)).collect()
}

/// The location of a new session: the one in `asked`, else that of the last session, else the home
/// location, else any.
///
/// # Errors
/// `auth.switch_organization.not_available` for a requested location.
pub fn arrive(
    session: Session,
    asked: Option<OrganizationId>,
    membership: &Membership,
    available: &[OrganizationId],
) -> Result<Session, Denial> {
    if let Some(asked) = asked {
        return session.move_to(asked, available);
    }
    let known = [membership.last_organization, membership.home].into_iter().flatten();
    let at = known.filter(|at| available.contains(at)).chain(available.iter().copied()).next();
    Ok(Session { organization: at, ..session })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, membership, session};
    use chrono::TimeDelta;
    use tryzore_rbac::OrganizationNode;

    #[test]
    fn the_tenant_used_last_is_chosen_unless_one_is_asked_for() {
        let never = membership();
        let old = Membership { last_used_at: Some(NOW), ..membership() };
        let new = Membership { last_used_at: Some(NOW + TimeDelta::days(1)), ..membership() };
        let all = [never.clone(), old.clone(), new.clone()];
        assert_eq!(choose(&all, None), Ok(&all[2]));
        assert_eq!(choose(&all, Some(old.tenant)), Ok(&all[1]));
        assert_eq!(choose(&[never.clone(), membership()], None).unwrap().tenant, never.tenant);
        let stranger = choose(&all, Some(TenantId::generate(NOW))).unwrap_err();
        assert_eq!(stranger.code(), "auth.login.not_a_member");
        assert_eq!(choose(&[], None).unwrap_err().code(), "auth.login.no_membership");
    }

    #[test]
    fn a_client_can_be_at_any_location_and_an_owner_at_their_own() {
        let [a, b] = [OrganizationId::generate(NOW), OrganizationId::generate(NOW)];
        let tree = vec![
            OrganizationNode { organization: a, parent: None },
            OrganizationNode { organization: b, parent: None },
        ];
        let owner = Holdings { tree: tree.clone(), owned: vec![b], ..Holdings::default() };
        assert_eq!(available(&owner), [b]);
        assert_eq!(available(&Holdings { tree, is_client: true, ..Holdings::default() }), [a, b]);
    }

    #[test]
    fn a_session_starts_at_the_last_location_else_at_home_else_at_any() {
        let [last, home, any] = [(); 3].map(|()| OrganizationId::generate(NOW));
        let membership = Membership { last_organization: Some(last), home: Some(home), ..membership() };
        let at = |asked, available: &[OrganizationId]| {
            arrive(session(), asked, &membership, available).map(|s| s.organization)
        };
        assert_eq!(at(None, &[any, home, last]), Ok(Some(last)));
        assert_eq!(at(None, &[any, home]), Ok(Some(home)));
        assert_eq!(at(None, &[any]), Ok(Some(any)));
        assert_eq!(at(None, &[]), Ok(None));
        assert_eq!(at(Some(any), &[any, last]), Ok(Some(any)));
        assert!(at(Some(home), &[any]).is_err());
    }
}
