use super::*;
use crate::{
    RefreshToken,
    refresh::refresh,
    secret::{Minted, TokenKind},
    testing::{Counting, Memory, NOW, membership, origin, owner, session, user},
};
use futures::executor::block_on;
use tryzore_kernel::Problem;
use tryzore_rbac::Holdings;

/// A session at a suspended tenant, of a user with `holdings` there.
fn store(holdings: Holdings) -> (Memory, Session) {
    let (user, membership) = (user(), membership());
    let session = Session { user: user.id, tenant: membership.tenant, ..session() };
    let suspension = Suspension { tenant: membership.tenant, at: NOW, because: Some("unpaid".into()) };
    let store = Memory {
        memberships: vec![(user.id, membership, holdings)],
        suspensions: vec![suspension],
        sessions: vec![session.clone()],
        users: vec![user],
        ..Memory::default()
    };
    (store, session)
}

fn facts(refusal: &Refusal) -> Vec<String> {
    let Refusal::Denied(denial) = refusal else { panic!("{refusal}") };
    assert!(denial.remedy.is_some());
    denial.because.iter().map(|fact| fact.fact.to_string()).collect()
}

#[test]
fn ten_04_a_refused_user_learns_since_when_and_an_owner_also_why() {
    let client = Holdings { is_client: true, ..Holdings::default() };
    for (holdings, is_told) in [(owner().0, true), (client, false)] {
        let (mut store, session) = store(holdings);
        let refusal = block_on(turned_away(&mut store, &session)).unwrap();
        assert_eq!(refusal.code(), "tenants.suspended");
        assert_eq!(Problem::from(refusal.clone()).status, 403);
        let facts = facts(&refusal);
        assert_eq!(facts[..2], ["tenant", "tenant.suspended_at"]);
        assert_eq!(facts.get(2).map(|fact| &**fact), is_told.then_some("tenant.suspended_because"));
    }
}

#[test]
fn ten_04_the_suspension_of_a_tenant_is_hidden_from_non_members() {
    let (mut store, session) = store(owner().0);
    let stranger = UserId::generate(NOW);
    assert_eq!(block_on(find(&mut store, stranger, Some(session.tenant))), Ok(None));
    assert_eq!(block_on(find(&mut store, stranger, None)), Ok(None));
    let elsewhere = Session { tenant: TenantId::generate(NOW), ..session };
    let refusal = block_on(turned_away(&mut store, &elsewhere)).unwrap();
    assert_eq!(refusal.code(), "auth.session.no_membership");
}

#[test]
fn ten_04_a_refresh_token_is_not_used_up_while_its_tenant_is_suspended() {
    let (secrets, (mut store, session)) = (Counting::default(), store(owner().0));
    let minted = Minted::try_new(TokenKind::Refresh, "", &secrets).unwrap();
    store.tokens = vec![RefreshToken::first(&session, minted.hash, NOW)];
    for _ in 0..2 {
        let refused = block_on(refresh(&mut store, &minted.text, &origin(), &secrets, NOW)).unwrap();
        assert_eq!(refused.unwrap_err().code(), "tenants.suspended");
        assert_eq!(store.live_tokens(session.id), 1);
    }
    store.suspensions.clear();
    assert!(block_on(refresh(&mut store, &minted.text, &origin(), &secrets, NOW)).unwrap().is_ok());
}
