use super::*;
use crate::{
    RevocationReason, Session,
    testing::{Memory, NOW, membership, owner, session, user},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use tryzore_kernel::UserId;
use tryzore_rbac::{Actor, catalogue::EditOrganization};

fn store() -> (Memory, Claims) {
    let (user, membership, (holdings, at)) = (user(), membership(), owner());
    let session =
        Session { user: user.id, tenant: membership.tenant, organization: Some(at[1]), ..session() };
    let claims = Claims::new(&user, &session, &at, &holdings, NOW);
    let memberships = vec![(user.id, membership, holdings)];
    (Memory { memberships, users: vec![user], sessions: vec![session], ..Memory::default() }, claims)
}

fn code(store: &mut Memory, claims: &Claims) -> String {
    block_on(resume(store, claims, NOW)).unwrap().unwrap_err().code().to_owned()
}

#[test]
fn grants_the_stored_permissions_at_the_location_of_the_session() {
    let (mut store, claims) = store();
    let grants = block_on(resume(&mut store, &claims, NOW)).unwrap().unwrap().grants;
    assert_eq!(grants.organization(), store.sessions[0].organization);
    assert_eq!(grants.actor(), Actor::User { user: claims.sub, session: claims.sid });
    assert!(grants.permit::<EditOrganization>().is_ok());
    // The token still lists the permission, but the role is gone, and the right with it.
    store.memberships[0].2.assignments.clear();
    let grants = block_on(resume(&mut store, &claims, NOW)).unwrap().unwrap().grants;
    assert!(grants.permit::<EditOrganization>().is_err());
}

#[test]
fn a_revocation_takes_effect_at_once_and_not_after_an_hour() {
    let (mut store, claims) = store();
    store.sessions[0] = store.sessions[0].clone().revoke(RevocationReason::EndedElsewhere, NOW);
    assert_eq!(code(&mut store, &claims), "auth.session.revoked");
}

#[test]
fn deactivated_users_former_members_and_mismatched_tokens_are_refused() {
    let (mut store, claims) = store();
    let other = Claims { sub: UserId::generate(NOW), ..claims.clone() };
    assert_eq!(code(&mut store, &other), "auth.token.rejected");
    let left = store.memberships.pop();
    assert_eq!(code(&mut store, &claims), "auth.session.no_membership");
    store.memberships.extend(left);
    store.users[0] = store.users[0].clone().deactivate(NOW);
    assert_eq!(code(&mut store, &claims), "auth.user.deactivated");
}

#[test]
fn activity_is_written_to_the_minute() {
    let (mut store, claims) = store();
    for (seconds, written) in [(59, NOW), (60, NOW + TimeDelta::seconds(60))] {
        block_on(resume(&mut store, &claims, NOW + TimeDelta::seconds(seconds))).unwrap().unwrap();
        assert_eq!(store.sessions[0].last_active, written);
    }
}
