use super::*;
use crate::{
    RefreshToken, RevocationReason,
    list_sessions::list_sessions,
    logout::logout,
    revoke_session::{revoke_other_sessions, revoke_session},
    testing::{Memory, NOW, hash, membership, owner, permit, session, user},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use tryzore_kernel::{SessionId, UserId};
use tryzore_rbac::catalogue::{OwnProfile, OwnSecurity};

fn security(store: &Memory) -> Permit<OwnSecurity> {
    permit(&store.sessions[0], &store.memberships[0].2)
}

/// An owner of two locations with sessions on two devices, both at the first location; and another user.
fn store() -> (Memory, Permit<OwnProfile>, [OrganizationId; 2]) {
    let (user, membership, (holdings, at)) = (user(), membership(), owner());
    let here = Session { user: user.id, tenant: membership.tenant, organization: Some(at[0]), ..session() };
    let other =
        Session { id: SessionId::generate(NOW), last_active: NOW + TimeDelta::days(1), ..here.clone() };
    let stranger = Session { id: SessionId::generate(NOW), user: UserId::generate(NOW), ..here.clone() };
    let permit = permit(&here, &holdings);
    let store = Memory {
        memberships: vec![(user.id, membership, holdings)],
        users: vec![user],
        sessions: vec![here, other, stranger],
        ..Memory::default()
    };
    (store, permit, at)
}

#[test]
fn moves_this_session_only_and_publishes_an_event_ten_13() {
    let (mut store, permit, at) = store();
    let claims = block_on(switch_organization(&permit, &mut store, at[1], NOW)).unwrap().unwrap();
    assert_eq!((claims.org_id, claims.available_org_ids[0]), (Some(at[1]), at[1]));
    assert_eq!(store.sessions[0].organization, Some(at[1]));
    assert_eq!(store.sessions[1].organization, Some(at[0]), "the other device stays");
    let event = &store.events[0];
    assert_eq!((&*event.kind, event.organization), ("auth.location_switched", Some(at[1])));
    assert_eq!(event.subject, Some(store.users[0].id), "the event reaches the user of the session");
    assert_eq!(event.payload["from"], serde_json::json!(at[0]));
    block_on(switch_organization(&permit, &mut store, at[1], NOW)).unwrap().unwrap();
    assert_eq!(store.events.len(), 1, "staying at a location publishes nothing");
}

#[test]
fn a_location_that_is_not_available_is_refused_like_one_that_does_not_exist() {
    let (mut store, permit, at) = store();
    store.memberships[0].2.owned = vec![at[0]];
    for nowhere in [at[1], OrganizationId::generate(NOW)] {
        let refusal = block_on(switch_organization(&permit, &mut store, nowhere, NOW)).unwrap().unwrap_err();
        assert_eq!(refusal.code(), "auth.switch_organization.not_available");
    }
    assert_eq!(store.sessions[0].organization, Some(at[0]));
    assert_eq!(store.decisions.len(), 2, "a refusal is recorded");
}

#[test]
fn an_ended_session_cannot_switch() {
    let (mut store, permit, at) = store();
    block_on(logout(&permit, &mut store, NOW)).unwrap().unwrap();
    let refusal = block_on(switch_organization(&permit, &mut store, at[1], NOW)).unwrap().unwrap_err();
    assert_eq!(refusal.code(), "auth.session.revoked");
}

#[test]
fn lists_the_live_sessions_of_the_user_and_marks_the_current_one() {
    let (mut store, _, _) = store();
    let security = security(&store);
    let listed = block_on(list_sessions(&security, &mut store, NOW)).unwrap().unwrap();
    let current: Vec<bool> = listed.iter().map(|l| l.is_current).collect();
    assert_eq!(current, [false, true], "two sessions, last active first");
}

#[test]
fn ends_an_own_session_and_no_session_of_another_user() {
    let (mut store, _, _) = store();
    let security = security(&store);
    let [_, other, stranger] = [0, 1, 2].map(|i| store.sessions[i].id);
    let refusal = block_on(revoke_session(&security, &mut store, stranger, NOW)).unwrap().unwrap_err();
    assert_eq!(refusal, Refusal::NotFound("session"));
    for _ in 0..2 {
        block_on(revoke_session(&security, &mut store, other, NOW)).unwrap().unwrap();
    }
    assert_eq!(store.sessions[1].revoked.unwrap().reason, RevocationReason::EndedElsewhere);
    assert_eq!(store.kinds(), ["auth.session_revoked"], "once");
    assert!(store.sessions[2].revoked.is_none());
}

#[test]
fn ends_all_other_own_sessions() {
    let (mut store, _, _) = store();
    let security = security(&store);
    for (at, text) in [(0, 1), (1, 2)] {
        store.tokens.push(RefreshToken::first(&store.sessions[at], hash(text), NOW));
    }
    assert_eq!(block_on(revoke_other_sessions(&security, &mut store, false, NOW)).unwrap(), Ok(1));
    let live = [0, 1].map(|at| store.live_tokens(store.sessions[at].id));
    assert_eq!(live, [1, 0], "the tokens end with their sessions");
    let ended: Vec<bool> = store.sessions.iter().map(|s| s.revoked.is_some()).collect();
    assert_eq!(ended, [false, true, false]);
}

#[test]
fn signing_out_twice_publishes_one_event() {
    let (mut store, permit, _) = store();
    for _ in 0..2 {
        assert_eq!(block_on(logout(&permit, &mut store, NOW)).unwrap(), Ok(()));
    }
    assert_eq!(store.sessions[0].revoked.unwrap().reason, RevocationReason::SignedOut);
    assert_eq!(store.kinds(), ["auth.session_revoked"]);
}

#[test]
fn a_system_actor_has_no_session() {
    let (mut store, ..) = store();
    let permit = Permit::system(session().tenant, tryzore_rbac::SystemActor::Waitlist);
    let refusal = block_on(logout(&permit, &mut store, NOW)).unwrap().unwrap_err();
    assert_eq!(refusal.code(), "auth.person_required");
}
