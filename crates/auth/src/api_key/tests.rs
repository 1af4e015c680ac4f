use super::*;
use crate::{
    Membership, User, UserStatus,
    issue_api_key::{ApiKeyRequest, IssuedApiKey, issue_api_key},
    revoke_api_key::revoke_api_key,
    testing::{Counting, Memory, NOW, membership, owner, permit, session, user},
    verify_api_key::verify_api_key,
};
use futures::executor::block_on;
use tryzore_kernel::Problem;
use tryzore_rbac::{
    Actor, Effect, Override, Permit,
    catalogue::{CreateClient, EditClient, ManageRoles},
};

pub(crate) struct Given {
    pub(crate) store: Memory,
    issuer: UserId,
    pub(crate) permit: Permit<ManageRoles>,
    pub(crate) request: ApiKeyRequest,
}

pub(crate) fn given(patterns: &[&str]) -> Given {
    let (holdings, at) = owner();
    let request = ApiKeyRequest {
        name: "Till".into(),
        organization: at[0],
        patterns: vec!["clients.create".parse().unwrap()],
        expires_at: NOW + TimeDelta::days(30),
        requests_per_minute: None,
    };
    let mut holdings = holdings;
    holdings.assignments[0].patterns = patterns.iter().map(|text| text.parse().unwrap()).collect();
    let session = session();
    let membership = Membership { tenant: session.tenant, ..membership() };
    let memberships = vec![(session.user, membership, holdings.clone())];
    let store = Memory { memberships, ..Memory::default() };
    Given { store, issuer: session.user, permit: permit(&session, &holdings), request }
}

impl Given {
    pub(crate) fn issue(&mut self, secrets: &Counting) -> Result<IssuedApiKey, Refusal> {
        block_on(issue_api_key(&self.permit, &mut self.store, self.request.clone(), secrets, NOW)).unwrap()
    }

    pub(crate) fn call(&mut self, text: &SecretString, now: DateTime<Utc>) -> Result<Arc<Grants>, String> {
        let answer = block_on(verify_api_key(&mut self.store, text, now)).unwrap();
        answer.map(|verified| verified.grants).map_err(|refusal| {
            assert_eq!(Problem::from(refusal.clone()).status, 401);
            refusal.code().to_owned()
        })
    }
}

#[test]
fn a_key_allows_the_named_permissions_at_its_location_aut_06() {
    let mut given = given(&["*"]);
    let issued = given.issue(&Counting::default()).unwrap();
    let grants = given.call(&issued.text, NOW).unwrap();
    assert_eq!(grants.actor(), Actor::ApiKey { key: issued.key.id });
    let create = grants.permit::<CreateClient>().unwrap();
    assert!(create.at(given.request.organization).is_ok());
    assert!(create.at(OrganizationId::generate(NOW)).is_err());
    assert!(grants.permit::<EditClient>().is_err());
}

#[test]
fn a_key_allows_no_more_than_its_issuer_may_do_now() {
    let mut given = given(&["*"]);
    given.request.patterns = vec!["clients.*".parse().unwrap()];
    let (issued, at) = (given.issue(&Counting::default()).unwrap(), given.request.organization);
    let before = given.store.memberships.clone();
    let creates = |given: &mut Given| {
        let grants = given.call(&issued.text, NOW)?;
        assert_eq!(grants.holder(), Some(given.issuer));
        Ok::<_, String>((grants.permit::<CreateClient>().is_ok(), grants.permit::<EditClient>().is_ok()))
    };
    assert_eq!(creates(&mut given), Ok((true, true)));
    let held = |given: &mut Given| given.store.memberships[0].2.clone();
    let mut less = held(&mut given);
    let deny = Override {
        pattern: "clients.edit".parse().unwrap(),
        effect: Effect::Deny,
        organization: Some(at),
        expires_at: None,
    };
    less.overrides.push(deny);
    given.store.memberships[0].2 = less;
    assert_eq!(creates(&mut given), Ok((true, false)), "the permission was taken from the issuer");
    let gone = |given: &mut Given, why: &str| {
        assert_eq!(creates(given), Err("auth.api_key.issuer_gone".into()), "{why}");
        given.store.memberships.clone_from(&before);
        assert_eq!(creates(given), Ok((true, true)));
    };
    given.store.memberships[0].2.assignments.clear();
    gone(&mut given, "lost the role");
    given.store.memberships[0].2.tree.retain(|place| place.organization != at);
    gone(&mut given, "the location has closed");
    given.store.memberships.clear();
    gone(&mut given, "was dismissed");
    let status = UserStatus::Deactivated { at: NOW };
    given.store.users.push(User { id: given.issuer, status, ..user() });
    assert_eq!(creates(&mut given), Err("auth.api_key.issuer_gone".into()), "was closed");
}

#[test]
fn no_key_manages_staff_or_roles() {
    let mut given = given(&["*"]);
    for text in ["settings.manage_staff", "settings.manage_roles"] {
        given.request.patterns = vec!["clients.create".parse().unwrap(), text.parse().unwrap()];
        let refused = given.issue(&Counting::default()).unwrap_err();
        assert!(matches!(refused, Refusal::Invalid { pointer: "/permissions", .. }), "{refused:?}");
    }
    given.request.patterns = vec!["*".parse().unwrap()];
    let everything = given.issue(&Counting::default()).unwrap();
    let grants = given.call(&everything.text, NOW).unwrap();
    assert_eq!(grants.permit::<ManageRoles>().err().unwrap().code, "auth.person_required");
    assert!(grants.permit::<EditClient>().is_ok());
}

#[test]
fn the_text_is_shown_once_and_stored_as_a_hash() {
    let mut given = given(&["*"]);
    let issued = given.issue(&Counting::default()).unwrap();
    let text = issued.text.expose_secret();
    assert!(text.starts_with(&format!("tzk_{}_", issued.key.prefix)));
    let stored = format!("{:?} {:?} {:?}", given.store.keys, given.store.events, given.store.audit);
    assert!(stored.contains(&issued.key.prefix) && !stored.contains(&text[17..]));
}

#[test]
fn a_wrong_an_expired_and_a_revoked_key_are_refused() {
    let mut given = given(&["*"]);
    let issued = given.issue(&Counting::default()).unwrap();
    let mut wrong = issued.text.expose_secret().to_owned();
    let last = if wrong.pop() == Some('A') { 'B' } else { 'A' };
    wrong.push(last);
    for text in [wrong.as_str(), "tzk_000000000000_", "tzk_", "", &"x".repeat(500)] {
        let answer = given.call(&SecretString::from(text.to_owned()), NOW);
        assert_eq!(answer.unwrap_err(), "auth.api_key.rejected", "{text}");
    }
    let end = given.request.expires_at;
    assert!(given.call(&issued.text, end - TimeDelta::microseconds(1)).is_ok());
    assert_eq!(given.call(&issued.text, end).unwrap_err(), "auth.api_key.expired");
    for _ in 0..2 {
        let revoked = revoke_api_key(&given.permit, &mut given.store, issued.key.id, NOW);
        assert_eq!(block_on(revoked).unwrap(), Ok(()));
    }
    assert_eq!(given.call(&issued.text, NOW).unwrap_err(), "auth.api_key.revoked");
    assert_eq!(given.store.kinds(), ["auth.api_key_issued", "auth.api_key_revoked"], "each once");
}

#[test]
fn a_key_cannot_be_issued_with_permissions_that_its_issuer_lacks() {
    let mut given = given(&["settings.manage_roles", "clients.view_*"]);
    given.request.patterns = vec!["clients.view_all".parse().unwrap()];
    assert!(given.issue(&Counting::default()).is_ok());
    given.request.patterns = vec!["clients.*".parse().unwrap()];
    let Err(Refusal::Denied(denial)) = given.issue(&Counting::default()) else { panic!("issued") };
    assert_eq!(denial.code, "auth.api_key.beyond_issuer");
    assert_eq!(denial.because[1].value[0], "clients.create");
    given.request.patterns = vec!["*".parse().unwrap()];
    assert!(given.issue(&Counting::default()).is_err());
}

#[test]
fn a_key_needs_a_name_a_permission_a_location_and_an_expiry() {
    let status = |change: fn(&mut ApiKeyRequest)| {
        let mut given = given(&["*"]);
        change(&mut given.request);
        given.issue(&Counting::default()).map(|_| ()).map_err(|refusal| Problem::from(refusal).status)
    };
    assert_eq!(status(|r| r.name = " ".into()), Err(422));
    assert_eq!(status(|r| r.patterns.clear()), Err(422));
    assert_eq!(status(|r| r.expires_at = NOW), Err(422));
    assert_eq!(status(|r| r.expires_at = NOW + API_KEY_MAX), Ok(()));
    assert_eq!(status(|r| r.expires_at = NOW + API_KEY_MAX + TimeDelta::microseconds(1)), Err(422));
    assert_eq!(status(|r| r.requests_per_minute = Some(0)), Err(422));
    assert_eq!(status(|r| r.requests_per_minute = Some(1)), Ok(()));
    assert_eq!(status(|r| r.requests_per_minute = Some(6000)), Ok(()));
    assert_eq!(status(|r| r.requests_per_minute = Some(6001)), Err(422));
    assert_eq!(status(|r| r.organization = OrganizationId::generate(NOW)), Err(404));
}
