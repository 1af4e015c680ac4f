use super::*;
use crate::{
    api_key::tests::{Given, given},
    testing::{Counting, NOW, permit, session},
    verify_api_key::verify_api_key,
};
use futures::executor::block_on;
use secrecy::SecretString;
use tryzore_kernel::Problem;
use tryzore_rbac::{Actor, Pattern};

const TICK: TimeDelta = TimeDelta::microseconds(1);
const OVERLAP: Rotation = Rotation { overlap_seconds: 3600, expires_at: None };

fn rotate(
    given: &mut Given,
    id: ApiKeyId,
    rotation: Rotation,
    secrets: &Counting,
    now: DateTime<Utc>,
) -> Result<IssuedApiKey, Refusal> {
    block_on(rotate_api_key(&given.permit, &mut given.store, id, rotation, secrets, now)).unwrap()
}

fn refused(given: &mut Given, text: &SecretString, now: DateTime<Utc>) -> String {
    given.call(text, now).unwrap_err()
}

#[test]
fn aut_19_the_former_text_works_until_the_overlap_is_over_and_the_new_one_at_once() {
    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let issued = given.issue(&secrets).unwrap();
    let rotated = rotate(&mut given, issued.key.id, OVERLAP, &secrets, NOW).unwrap();
    let end = NOW + TimeDelta::hours(1);
    let grants = given.call(&rotated.text, NOW).unwrap();
    assert_eq!(grants.actor(), Actor::ApiKey { key: issued.key.id }, "the same key");
    let former = block_on(verify_api_key(&mut given.store, &issued.text, end - TICK)).unwrap().unwrap();
    assert_eq!(former.expires_at, end, "a cache keeps it no longer");
    assert_eq!(refused(&mut given, &issued.text, end), "auth.api_key.expired");
    assert!(given.call(&rotated.text, end).is_ok());
    let stays = |key: &ApiKey| (key.name.clone(), key.organization, key.patterns.clone(), key.expires_at);
    assert_eq!(stays(&issued.key), stays(&rotated.key));
    assert_eq!(given.store.kinds(), ["auth.api_key_issued", "auth.api_key_rotated"]);
    assert_eq!(given.store.audit[1].details["former_prefix"], issued.key.prefix);
    let stored = format!("{:?} {:?} {:?}", given.store.keys, given.store.events, given.store.audit);
    assert!(!stored.contains(&secrecy::ExposeSecret::expose_secret(&rotated.text)[17..]));
}

#[test]
fn aut_19_the_last_use_of_each_text_is_kept() {
    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let issued = given.issue(&secrets).unwrap();
    given.call(&issued.text, NOW).unwrap();
    let rotated = rotate(&mut given, issued.key.id, OVERLAP, &secrets, NOW).unwrap();
    let used = |given: &Given| {
        let key = &given.store.keys[0];
        (key.last_used_at, key.former.as_ref().unwrap().last_used_at)
    };
    assert_eq!(used(&given), (None, Some(NOW)));
    let later = NOW + TimeDelta::minutes(5);
    given.call(&issued.text, later).unwrap();
    assert_eq!(used(&given), (None, Some(later)));
    given.call(&rotated.text, later).unwrap();
    assert_eq!(used(&given), (Some(later), Some(later)));
}

#[test]
fn aut_19_a_second_rotation_ends_the_oldest_text_at_once() {
    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let first = given.issue(&secrets).unwrap();
    let second = rotate(&mut given, first.key.id, OVERLAP, &secrets, NOW).unwrap();
    let third = rotate(&mut given, first.key.id, OVERLAP, &secrets, NOW).unwrap();
    assert_eq!(refused(&mut given, &first.text, NOW), "auth.api_key.rejected");
    assert!(given.call(&second.text, NOW).is_ok());
    assert!(given.call(&third.text, NOW).is_ok());
}

#[test]
fn aut_19_an_overlap_is_0_seconds_to_7_days_and_ends_with_the_key() {
    let overlap = |overlap_seconds| {
        let (mut given, secrets) = (given(&["*"]), Counting::default());
        let id = given.issue(&secrets).unwrap().key.id;
        let rotation = Rotation { overlap_seconds, expires_at: None };
        let rotated = rotate(&mut given, id, rotation, &secrets, NOW);
        rotated.map(|rotated| rotated.key.former.unwrap().expires_at - NOW).map_err(|refusal| {
            assert!(matches!(refusal, Refusal::Invalid { pointer: "/overlap_seconds", .. }));
        })
    };
    assert_eq!(overlap(0), Ok(TimeDelta::zero()));
    assert_eq!(overlap(604_800), Ok(TimeDelta::days(7)));
    assert_eq!(overlap(604_801), Err(()));

    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let issued = given.issue(&secrets).unwrap();
    let (end, more) = (issued.key.expires_at, issued.key.expires_at + TimeDelta::days(30));
    let rotation = Rotation { overlap_seconds: 3600, expires_at: Some(more) };
    let rotated = rotate(&mut given, issued.key.id, rotation, &secrets, end - TICK).unwrap();
    assert_eq!(rotated.key.expires_at, more);
    assert_eq!(refused(&mut given, &issued.text, end), "auth.api_key.expired", "no longer than before");
    assert!(given.call(&rotated.text, more - TICK).is_ok());
    assert_eq!(refused(&mut given, &rotated.text, more), "auth.api_key.expired");
}

#[test]
fn aut_19_a_former_text_stops_working_at_once_without_an_overlap_and_when_the_key_ends_sooner() {
    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let first = given.issue(&secrets).unwrap();
    let at_once = Rotation { overlap_seconds: 0, expires_at: None };
    let second = rotate(&mut given, first.key.id, at_once, &secrets, NOW).unwrap();
    assert_eq!(refused(&mut given, &first.text, NOW), "auth.api_key.expired");
    let sooner = Rotation { overlap_seconds: 3600, expires_at: Some(NOW + TimeDelta::minutes(1)) };
    rotate(&mut given, first.key.id, sooner, &secrets, NOW).unwrap();
    assert!(given.call(&second.text, NOW + TimeDelta::minutes(1) - TICK).is_ok());
    assert_eq!(refused(&mut given, &second.text, NOW + TimeDelta::minutes(1)), "auth.api_key.expired");
}

#[test]
fn aut_19_a_key_that_has_ended_is_not_rotated() {
    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let issued = given.issue(&secrets).unwrap();
    let end = issued.key.expires_at;
    let code = |refused: Result<IssuedApiKey, Refusal>| {
        let problem = Problem::from(refused.unwrap_err());
        (problem.status, problem.code)
    };
    let expired = rotate(&mut given, issued.key.id, OVERLAP, &secrets, end);
    assert_eq!(code(expired), (409, "auth.api_key.ended".into()));
    given.store.keys[0].revoked_at = Some(NOW);
    let revoked = rotate(&mut given, issued.key.id, OVERLAP, &secrets, NOW);
    assert_eq!(code(revoked), (409, "auth.api_key.ended".into()));
    let unknown = rotate(&mut given, ApiKeyId::generate(NOW), OVERLAP, &secrets, NOW);
    assert_eq!(unknown.unwrap_err(), Refusal::NotFound("API key"));
}

#[test]
fn aut_19_nobody_gets_the_text_of_a_key_that_may_do_more_than_they_do() {
    let (mut given, secrets) = (given(&["*"]), Counting::default());
    let issued = given.issue(&secrets).unwrap();
    let (mut less, at) = crate::testing::owner();
    assert_ne!(at[0], given.request.organization);
    less.tree.iter_mut().find(|node| node.organization == at[0]).unwrap().organization =
        given.request.organization;
    less.owned = Vec::new();
    less.assignments[0].patterns = vec!["settings.manage_roles".parse::<Pattern>().unwrap()];
    less.assignments[0].scope = tryzore_rbac::Scope::Organization(given.request.organization);
    let other = crate::Session { tenant: given.permit.tenant(), ..session() };
    given.permit = permit(&other, &less);
    let refusal = rotate(&mut given, issued.key.id, OVERLAP, &secrets, NOW).unwrap_err();
    assert_eq!(refusal.code(), "auth.api_key.beyond_issuer");
    less.assignments[0].patterns.push("clients.create".parse().unwrap());
    given.permit = permit(&other, &less);
    let rotated = rotate(&mut given, issued.key.id, OVERLAP, &secrets, NOW).unwrap();
    assert_eq!(rotated.key.issued_by, issued.key.issued_by, "whose rights cap it as before");
}
