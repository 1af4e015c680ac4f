use super::*;
use crate::{
    Session, User, UserStatus,
    testing::{Memory, NOW, session, user},
};
use futures::executor::block_on;

fn store() -> Memory {
    let user = User { workos_user_id: Some("user_01".into()), ..user() };
    let session = Session { user: user.id, provider_session: Some("session_01".into()), ..session() };
    Memory { users: vec![user], sessions: vec![session], ..Memory::default() }
}

fn follow(store: &mut Memory, news: ProviderNews) {
    block_on(follow_provider(store, news, NOW)).unwrap();
}

fn updated(email: &str, email_verified: bool) -> ProviderNews {
    updated_at(Some(NOW), email, email_verified)
}

fn updated_at(at: Option<DateTime<Utc>>, email: &str, email_verified: bool) -> ProviderNews {
    let email = email.parse().unwrap();
    ProviderNews::UserUpdated { at, subject: "user_01".into(), email, email_verified, name: None }
}

#[test]
fn a_session_that_ends_at_the_provider_ends_here_once() {
    let mut store = store();
    let news = ProviderNews::SessionRevoked { provider_session: "session_01".into() };
    follow(&mut store, news.clone());
    follow(&mut store, news);
    assert_eq!(store.sessions[0].revoked.unwrap().reason, RevocationReason::Provider);
    assert_eq!(store.kinds(), ["auth.session_revoked"]);
}

#[test]
fn a_user_deleted_at_the_provider_is_deactivated() {
    let mut store = store();
    let news = ProviderNews::UserDeleted { subject: "user_01".into() };
    follow(&mut store, news.clone());
    follow(&mut store, news);
    assert_eq!(store.users[0].status, UserStatus::Deactivated { at: NOW });
    assert_eq!(store.users[0].workos_user_id, None);
    assert_eq!(store.kinds(), ["auth.session_revoked", "auth.user_deactivated"]);
}

#[test]
fn a_new_address_is_stored_when_verified_and_free() {
    let mut store = store();
    store.users.push(User { email: "taken@example.com".parse().unwrap(), ..user() });
    follow(&mut store, updated("new@example.com", false));
    follow(&mut store, updated("taken@example.com", true));
    assert_eq!(store.users[0].email.as_str(), "ada@example.com");
    follow(&mut store, updated("new@example.com", true));
    assert_eq!(store.users[0].email.as_str(), "new@example.com");
}

#[test]
fn an_older_address_does_not_come_back() {
    let mut store = store();
    let tick = chrono::TimeDelta::milliseconds(1);
    follow(&mut store, updated_at(Some(NOW), "c@example.com", true));
    for late in [Some(NOW - tick), None] {
        follow(&mut store, updated_at(late, "b@example.com", true));
        assert_eq!(store.users[0].email.as_str(), "c@example.com", "{late:?}");
    }
    follow(&mut store, updated_at(Some(NOW), "c@example.com", true));
    assert_eq!(store.users[0].email.as_str(), "c@example.com", "the newest address stays");
    follow(&mut store, updated_at(Some(NOW + tick), "d@example.com", true));
    assert_eq!(store.users[0].email.as_str(), "d@example.com");
    // A message whose address could not be stored still counts: anything older than that message is
    // outdated too.
    store.users.push(User { email: "taken@example.com".parse().unwrap(), ..user() });
    follow(&mut store, updated_at(Some(NOW + tick * 3), "taken@example.com", true));
    follow(&mut store, updated_at(Some(NOW + tick * 2), "e@example.com", true));
    assert_eq!(store.users[0].email.as_str(), "d@example.com");
}

#[test]
fn messages_about_unknown_users_change_nothing() {
    let mut store = store();
    follow(&mut store, ProviderNews::UserDeleted { subject: "user_02".into() });
    follow(&mut store, ProviderNews::SessionRevoked { provider_session: "session_02".into() });
    assert!(store.events.is_empty() && store.sessions[0].revoked.is_none());
}
