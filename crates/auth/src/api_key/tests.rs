use super::*;
use crate::{
    issue_api_key::{ApiKeyRequest, IssuedApiKey, issue_api_key},
    revoke_api_key::revoke_api_key,
    testing::{Counting, Memory, NOW, owner, permit, session},
    verify_api_key::verify_api_key,
};
use futures::executor::block_on;
use tryzore_kernel::Problem;
use tryzore_rbac::{
    Permit,
    catalogue::{CreateClient, EditClient, ManageRoles},
};

struct Given {
    store: Memory,
    permit: Permit<ManageRoles>,
    request: ApiKeyRequest,
}

fn given(patterns: &[&str]) -> Given {
    let (holdings, at) = owner();
    let request = ApiKeyRequest {
        name: "Till".into(),
        organization: at[0],
        patterns: vec!["clients.create".parse().unwrap()],
        expires_at: NOW + TimeDelta::days(30),
    };
    let mut holdings = holdings;
    holdings.assignments[0].patterns = patterns.iter().map(|text| text.parse().unwrap()).collect();
    Given { store: Memory::default(), permit: permit(&session(), &holdings), request }
}

impl Given {
    fn issue(&mut self, secrets: &Counting) -> Result<IssuedApiKey, Refusal> {
        block_on(issue_api_key(&self.permit, &mut self.store, self.request.clone(), secrets, NOW)).unwrap()
    }

    fn call(&mut self, text: &SecretString, now: DateTime<Utc>) -> Result<Arc<Grants>, String> {
        let answer = block_on(verify_api_key(&mut self.store, text, now)).unwrap();
        answer.map_err(|refusal| {
            assert_eq!(Problem::from(refusal.clone()).status, 401);
            refusal.code().to_owned()
        })
    }
}

#[test]
fn a_key_may_do_what_was_named_where_it_was_named_aut_06() {
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
fn the_text_is_told_once_and_kept_as_a_hash() {
    let mut given = given(&["*"]);
    let issued = given.issue(&Counting::default()).unwrap();
    let text = issued.text.expose_secret();
    assert!(text.starts_with(&format!("tzk_{}_", issued.key.prefix)));
    let stored = format!("{:?} {:?} {:?}", given.store.keys, given.store.events, given.store.audit);
    assert!(stored.contains(&issued.key.prefix) && !stored.contains(&text[17..]));
}

#[test]
fn a_wrong_an_old_and_a_revoked_key_are_refused() {
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
fn nobody_issues_a_key_that_can_more_than_its_issuer() {
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
fn a_key_has_a_name_a_permission_a_location_and_an_end() {
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
    assert_eq!(status(|r| r.organization = OrganizationId::generate(NOW)), Err(404));
}
