use crate::{
    Purpose, Refusal, RevocationReason, User, UserStatus,
    forgot_password::forgot_password,
    identity::IdentityError,
    issue_link::{Link, issue_link},
    reset_password,
    testing::{Counting, Memory, NOW, Provider, secret, session, user},
    verify_email,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;
use secrecy::SecretString;
use tryzore_kernel::Problem;

fn store(status: UserStatus) -> Memory {
    let user = User { status, email_verified_at: None, ..user() };
    let session = crate::Session { user: user.id, ..session() };
    Memory { users: vec![user], sessions: vec![session], ..Memory::default() }
}

fn link(store: &mut Memory, purpose: Purpose, secrets: &Counting) -> Link {
    let user = store.users[0].id;
    block_on(issue_link(store, user, purpose, secrets, NOW)).unwrap().unwrap()
}

fn reset(
    store: &mut Memory,
    token: &SecretString,
    provider: &Provider,
    now: DateTime<Utc>,
) -> Result<User, Refusal> {
    block_on(async {
        let link = reset_password::admit(store, token, now).await.unwrap()?;
        let chosen = link.choose(provider, &secret("new password")).await?;
        reset_password::settle(store, chosen, now).await.unwrap()
    })
}

#[test]
fn a_new_password_is_set_ends_every_session_and_uses_the_link_up() {
    let secrets = Counting::default();
    let mut store = store(UserStatus::Active);
    let token = link(&mut store, Purpose::PasswordReset, &secrets).token;
    let user = reset(&mut store, &token, &Provider::default(), NOW).unwrap();
    assert_eq!(store.credentials[&user.id].as_str(), "plain:new password");
    assert_eq!(user.password_changed_at, Some(NOW));
    assert_eq!(store.sessions[0].revoked.unwrap().reason, RevocationReason::PasswordChanged);
    assert_eq!(store.kinds(), ["auth.session_revoked", "auth.password_changed"]);
    let again = reset(&mut store, &token, &Provider::default(), NOW).unwrap_err();
    assert_eq!((again.code(), Problem::from(again.clone()).status), ("auth.link.invalid", 401));
}

#[test]
fn following_any_link_claims_a_pending_user_aut_10() {
    for status in [UserStatus::PendingClaim, UserStatus::Invited] {
        for purpose in [Purpose::EmailVerification, Purpose::Invitation] {
            let mut store = store(status);
            let token = link(&mut store, purpose, &Counting::default()).token;
            let user = block_on(async {
                let link = verify_email::admit(&mut store, &token, NOW).await.unwrap().unwrap();
                let chosen = link.choose(&Provider::default(), &secret("first one")).await.unwrap();
                verify_email::settle(&mut store, chosen, NOW).await.unwrap().unwrap()
            });
            assert_eq!((user.status, user.email_verified_at), (UserStatus::Active, Some(NOW)));
            assert!(store.kinds().contains(&"auth.user_claimed"));
        }
    }
}

#[test]
fn a_link_works_for_its_purpose_only() {
    let secrets = Counting::default();
    let mut store = store(UserStatus::PendingClaim);
    let token = link(&mut store, Purpose::EmailVerification, &secrets).token;
    assert!(reset(&mut store, &token, &Provider::default(), NOW).is_err());
    let token = link(&mut store, Purpose::PasswordReset, &secrets).token;
    assert!(block_on(verify_email::admit(&mut store, &token, NOW)).unwrap().is_err());
}

#[test]
fn a_newer_link_replaces_the_older_and_a_reset_uses_up_every_link() {
    let secrets = Counting::default();
    let mut store = store(UserStatus::Active);
    let first = link(&mut store, Purpose::PasswordReset, &secrets).token;
    let second = link(&mut store, Purpose::PasswordReset, &secrets).token;
    assert!(reset(&mut store, &first, &Provider::default(), NOW).is_err());
    assert!(reset(&mut store, &second, &Provider::default(), NOW).is_ok());
    assert!(store.links.iter().all(|link| link.spent_at.is_some()));
}

#[test]
fn a_link_works_for_an_hour() {
    for (at, works) in [(TimeDelta::microseconds(3_599_999_999), true), (TimeDelta::hours(1), false)] {
        let mut store = store(UserStatus::Active);
        let token = link(&mut store, Purpose::PasswordReset, &Counting::default()).token;
        assert_eq!(reset(&mut store, &token, &Provider::default(), NOW + at).is_ok(), works);
    }
}

#[test]
fn a_weak_password_and_an_outage_leave_the_link_working() {
    let mut store = store(UserStatus::Active);
    let token = link(&mut store, Purpose::PasswordReset, &Counting::default()).token;
    for (error, status) in
        [(IdentityError::WeakPassword("too short".into()), 422), (IdentityError::Unavailable("".into()), 503)]
    {
        let provider = Provider { error: Some(error), identity: None };
        let refusal = reset(&mut store, &token, &provider, NOW).unwrap_err();
        assert_eq!(Problem::from(refusal).status, status);
    }
    assert!(reset(&mut store, &token, &Provider::default(), NOW).is_ok());
}

#[test]
fn a_link_to_an_address_that_was_changed_since_is_refused() {
    let mut store = store(UserStatus::Active);
    let token = link(&mut store, Purpose::PasswordReset, &Counting::default()).token;
    store.users[0].email = "ada@new.example.com".parse().unwrap();
    let refusal = reset(&mut store, &token, &Provider::default(), NOW).unwrap_err();
    assert_eq!(refusal.code(), "auth.user.other_email");
}

#[test]
fn deactivated_and_already_verified_users_get_no_link() {
    let none = |status, purpose| {
        let mut store = store(status);
        let user = store.users[0].id;
        block_on(issue_link(&mut store, user, purpose, &Counting::default(), NOW)).unwrap().is_none()
    };
    assert!(none(UserStatus::Deactivated { at: NOW }, Purpose::PasswordReset));
    assert!(none(UserStatus::Active, Purpose::EmailVerification));
    assert!(!none(UserStatus::PendingClaim, Purpose::PasswordReset));
}

#[test]
fn forgot_password_answers_the_same_and_publishes_one_event_without_a_secret() {
    let mut store = store(UserStatus::Active);
    let user = store.users[0].id;
    for (email, named) in [("ada@example.com", true), ("nobody@example.com", false)] {
        let email = email.parse().unwrap();
        assert_eq!(block_on(forgot_password(&mut store, &email, None, NOW)).unwrap(), Ok(()));
        let event = store.events.pop().unwrap();
        assert_eq!(event.kind, "auth.password_reset_requested");
        assert_eq!(event.payload, serde_json::json!({ "user": named.then_some(user) }));
        assert!(store.events.is_empty() && store.links.is_empty(), "the mailer creates the link");
    }
}

#[test]
fn the_number_of_mails_is_limited() {
    let mut store = store(UserStatus::Active);
    let mut ask =
        || block_on(forgot_password(&mut store, &"no@example.com".parse().unwrap(), None, NOW)).unwrap();
    let answers: Vec<bool> = (0..6).map(|_| ask().is_ok()).collect();
    assert_eq!(answers, [true, true, true, true, true, false]);
    assert_eq!(ask().unwrap_err().code(), "auth.mail.locked");
}
