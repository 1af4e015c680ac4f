use super::*;
use crate::{
    Device, RefreshState,
    testing::{Counting, Memory, NOW, hash, membership, origin, owner, session, user},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use tryzore_kernel::Problem;

/// A user with one session, and the text of its refresh token.
fn signed_in(secrets: &Counting) -> (Memory, Session, SecretString) {
    let (holdings, at) = owner();
    let (user, membership) = (user(), membership());
    let session =
        Session { user: user.id, tenant: membership.tenant, organization: Some(at[1]), ..session() };
    let minted = Minted::try_new(TokenKind::Refresh, "", secrets).unwrap();
    let store = Memory {
        tokens: vec![RefreshToken::first(&session, minted.hash, NOW)],
        sessions: vec![session.clone()],
        memberships: vec![(user.id, membership, holdings)],
        users: vec![user],
        ..Memory::default()
    };
    (store, session, minted.text)
}

fn run(
    store: &mut Memory,
    token: &SecretString,
    secrets: &Counting,
    now: DateTime<Utc>,
) -> Result<Tokens, Refusal> {
    block_on(refresh(store, token, &origin(), secrets, now)).unwrap()
}

#[test]
fn a_refresh_gives_an_hour_of_access_and_the_next_refresh_token() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let now = NOW + TimeDelta::days(3);
    let tokens = run(&mut store, &first, &secrets, now).unwrap();
    assert_eq!(tokens.claims.exp - tokens.claims.iat, 3600);
    assert_eq!(tokens.claims.org_id, session.organization, "the session stays where it is");
    assert_eq!(tokens.refresh_expires_at, now + TimeDelta::days(30));
    assert_eq!(
        (store.sessions[0].last_active, store.sessions[0].expires_at),
        (now, now + TimeDelta::days(30))
    );
    assert!(run(&mut store, &tokens.refresh_token, &secrets, now).is_ok());
}

#[test]
fn a_second_use_ends_the_family_and_the_session_and_is_recorded() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let second = run(&mut store, &first, &secrets, NOW).unwrap().refresh_token;
    let refusal = run(&mut store, &first, &secrets, NOW + TimeDelta::minutes(1)).unwrap_err();
    assert_eq!(refusal.code(), "auth.refresh.reused");
    assert_eq!(Problem::from(refusal).status, 401);
    assert_eq!(store.live_tokens(session.id), 0);
    assert_eq!(store.sessions[0].revoked.unwrap().reason, RevocationReason::TokenReuse);
    assert_eq!(store.kinds(), ["auth.refresh_reused", "auth.session_revoked"]);
    assert_eq!((store.audit[0].action, store.audit[0].target), ("auth.refresh.reused", session.id.uuid()));
    // Both the thief and the owner are signed out.
    assert_eq!(run(&mut store, &second, &secrets, NOW).unwrap_err().code(), "auth.session.revoked");
}

#[test]
fn a_retry_within_ten_seconds_gets_the_same_tokens_and_a_later_use_ends_the_session() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let lost = run(&mut store, &first, &secrets, NOW).unwrap();
    let stored = (store.tokens.clone(), store.sessions.clone());
    for after in [0, 5, 10] {
        let again = run(&mut store, &first, &secrets, NOW + TimeDelta::seconds(after)).unwrap();
        assert_eq!(
            again.refresh_token.expose_secret(),
            lost.refresh_token.expose_secret(),
            "after {after} s"
        );
        assert_eq!((&again.claims, again.refresh_expires_at), (&lost.claims, lost.refresh_expires_at));
        assert_eq!(again.session, lost.session);
    }
    assert_eq!((store.tokens.clone(), store.sessions.clone()), stored, "a retry changes nothing");
    assert!(store.events.is_empty());
    let recorded: Vec<_> = store.audit.iter().map(|entry| entry.action).collect();
    assert_eq!(recorded, ["auth.refresh.retried"; 3], "a thief with the token would look the same");

    let late = NOW + TimeDelta::seconds(10) + TimeDelta::microseconds(1);
    assert_eq!(run(&mut store, &first, &secrets, late).unwrap_err().code(), "auth.refresh.reused");
    assert_eq!(store.live_tokens(session.id), 0);
    assert_eq!(store.events[0].payload["likely_retry"], false);
}

#[test]
fn a_retry_after_the_successor_was_used_ends_the_session_and_is_reported_as_a_likely_retry() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let second = run(&mut store, &first, &secrets, NOW).unwrap().refresh_token;
    let third = run(&mut store, &second, &secrets, NOW).unwrap().refresh_token;
    // The retry of the newest pair is still answered.
    let again = run(&mut store, &second, &secrets, NOW).unwrap().refresh_token;
    assert_eq!(again.expose_secret(), third.expose_secret());
    assert_eq!(run(&mut store, &first, &secrets, NOW).unwrap_err().code(), "auth.refresh.reused");
    assert_eq!(store.live_tokens(session.id), 0);
    assert_eq!(store.events[0].payload["likely_retry"], true);
}

#[test]
fn a_retry_from_another_device_ends_the_session_aut_05() {
    let browser = Device::new(Some("phone".into()), None, Some("Firefox".into()));
    for device in [Device::new(Some("laptop".into()), None, None), Device::default(), browser] {
        let secrets = Counting::default();
        let (mut store, session, first) = signed_in(&secrets);
        run(&mut store, &first, &secrets, NOW).unwrap();
        let thief = Origin { device, ..origin() };
        let refusal = block_on(refresh(&mut store, &first, &thief, &secrets, NOW)).unwrap().unwrap_err();
        assert_eq!(refusal.code(), "auth.refresh.reused");
        assert_eq!(store.live_tokens(session.id), 0);
    }
}

#[test]
fn a_retry_after_a_change_of_the_key_gets_the_successor_of_the_former_key() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    run(&mut store, &first, &secrets, NOW).unwrap();
    let former = minted(secrets.successor_derive_former(&first)[0]);
    store.tokens[1].hash = former.hash;
    let again = run(&mut store, &first, &secrets, NOW).unwrap().refresh_token;
    assert_eq!(again.expose_secret(), former.text.expose_secret());
    // The successor of an unknown key cannot be derived again.
    store.tokens[1].hash = hash(7);
    assert_eq!(run(&mut store, &first, &secrets, NOW).unwrap_err().code(), "auth.refresh.reused");
    assert_eq!(store.live_tokens(session.id), 0);
}

#[test]
fn a_retry_of_a_user_without_access_is_refused_like_the_first_use() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    run(&mut store, &first, &secrets, NOW).unwrap();
    store.memberships.clear();
    assert_eq!(run(&mut store, &first, &secrets, NOW).unwrap_err().code(), "auth.session.no_membership");
    assert_eq!(store.live_tokens(session.id), 1);
}

#[test]
fn a_token_used_on_another_device_ends_the_session_aut_05() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let thief = Origin { device: Device::new(Some("laptop".into()), None, None), ..origin() };
    let refusal = block_on(refresh(&mut store, &first, &thief, &secrets, NOW)).unwrap().unwrap_err();
    assert_eq!(refusal.code(), "auth.refresh.other_device");
    assert_eq!(store.live_tokens(session.id), 0);
}

#[test]
fn a_forged_and_an_expired_token_are_refused_and_end_nothing() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let made_up = SecretString::from("tzr_x".to_owned());
    assert_eq!(run(&mut store, &made_up, &secrets, NOW).unwrap_err().code(), "auth.refresh.rejected");
    let late = run(&mut store, &first, &secrets, NOW + TimeDelta::days(30)).unwrap_err();
    assert_eq!(late.code(), "auth.session.expired");
    assert_eq!(store.live_tokens(session.id), 1);
}

#[test]
fn a_deactivated_user_is_refused_and_loses_the_session() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    store.users[0] = store.users[0].clone().deactivate(NOW);
    assert_eq!(run(&mut store, &first, &secrets, NOW).unwrap_err().code(), "auth.user.deactivated");
    assert_eq!(store.live_tokens(session.id), 0);
    assert!(store.sessions[0].revoked.is_some());
}

#[test]
fn losing_the_current_location_moves_the_session_and_losing_all_refuses_it() {
    let secrets = Counting::default();
    let (mut store, _, first) = signed_in(&secrets);
    let left = store.memberships[0].2.owned[0];
    store.memberships[0].2.owned = vec![left];
    let tokens = run(&mut store, &first, &secrets, NOW).unwrap();
    assert_eq!(tokens.claims.org_id, Some(left));
    store.memberships.clear();
    let refusal = run(&mut store, &tokens.refresh_token, &secrets, NOW).unwrap_err();
    assert_eq!(refusal.code(), "auth.session.no_membership");
}

fn pause() -> impl Strategy<Value = TimeDelta> {
    prop_oneof![(0..15_i64).prop_map(TimeDelta::seconds), (0..20_i64).prop_map(TimeDelta::days)]
}

proptest! {
    /// Uses any tokens of the family in any order and on any device.
    #[test]
    fn a_family_never_has_two_live_tokens(
        uses in proptest::collection::vec((any::<prop::sample::Index>(), pause(), prop::bool::weighted(0.1)), 1..40)
    ) {
        let secrets = Counting::default();
        let (mut store, session, first) = signed_in(&secrets);
        let (mut known, mut now, mut was_stolen) = (vec![first], NOW, false);
        for (which, pause, elsewhere) in uses {
            now += pause;
            let token = known[which.index(known.len())].clone();
            let from = if elsewhere { Origin::default() } else { origin() };
            let row = store.tokens.iter().find(|row| row.hash == TokenHash::of(&token)).unwrap().clone();
            let works = match row.state {
                RefreshState::Live => now < row.expires_at,
                RefreshState::Rotated { at } => {
                    let next = store.tokens.iter().find(|next| next.generation == row.generation + 1).unwrap();
                    now <= at + TimeDelta::seconds(10) && next.state == RefreshState::Live
                }
                RefreshState::Revoked { .. } => false,
            };
            let answer = block_on(refresh(&mut store, &token, &from, &secrets, now)).unwrap();
            prop_assert_eq!(answer.is_ok(), works && !elsewhere && !was_stolen);
            match answer {
                Ok(tokens) => {
                    let text = tokens.refresh_token.expose_secret();
                    if known.iter().all(|known: &SecretString| known.expose_secret() != text) {
                        known.push(tokens.refresh_token);
                    }
                }
                Err(refusal) => was_stolen |= refusal.code().starts_with("auth.refresh.reused")
                    || refusal.code() == "auth.refresh.other_device",
            }
            let live = store.live_tokens(session.id);
            prop_assert!(live <= 1, "{live} live tokens");
            prop_assert!(!was_stolen || (live == 0 && store.sessions[0].revoked.is_some()));
        }
    }
}

#[test]
fn aut_12_a_session_that_is_older_than_its_user_wants_is_not_renewed() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let settings = crate::SecuritySettings { session_days: 10, ..Default::default() };
    store.settings.insert(session.user, settings);
    let end = NOW + TimeDelta::days(10);
    let just_in = end - TimeDelta::microseconds(1);
    let tokens = run(&mut store, &first, &secrets, just_in).unwrap();
    assert_eq!((tokens.refresh_expires_at, tokens.session.expires_at), (end, end));

    let (mut store, _, first) = signed_in(&secrets);
    let user = store.users[0].id;
    store.settings.insert(user, settings);
    assert_eq!(run(&mut store, &first, &secrets, end).unwrap_err().code(), "auth.session.expired");
}

#[test]
fn aut_05_only_a_trusted_device_renews_a_session_if_its_user_wants_so() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    let settings = crate::SecuritySettings { require_trusted_device: true, ..Default::default() };
    store.settings.insert(session.user, settings);
    let device = crate::KnownDevice::first(session.user, "phone".into(), &session.origin.device, NOW);
    store.devices = vec![device.clone()];
    let refused = run(&mut store, &first, &secrets, NOW).unwrap_err();
    assert_eq!(refused.code(), "auth.refresh.device_not_trusted");
    assert_eq!(store.live_tokens(session.id), 1, "the token works once the device is trusted");
    store.devices = vec![device.trust(true, NOW)];
    assert!(run(&mut store, &first, &secrets, NOW).is_ok());
}

#[test]
fn aut_14_a_reuse_is_recorded_with_a_high_risk_and_the_end_of_the_session_after_it() {
    let secrets = Counting::default();
    let (mut store, session, first) = signed_in(&secrets);
    run(&mut store, &first, &secrets, NOW).unwrap();
    run(&mut store, &first, &secrets, NOW + TimeDelta::minutes(1)).unwrap_err();
    assert_eq!(store.recorded_kinds(), [AuthEventKind::RefreshReused, AuthEventKind::SessionRevoked]);
    assert_eq!(store.auth_events[0].risk(), crate::Risk::High);
    assert!(store.auth_events.iter().all(|event| event.session == Some(session.id)));
}
