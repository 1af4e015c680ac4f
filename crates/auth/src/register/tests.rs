use super::*;
use crate::testing::{Memory, NOW, user};
use futures::executor::block_on;

fn sign_up(store: &mut Memory, name: &str) -> Result<(), Refusal> {
    let email = "ada@example.com".parse().unwrap();
    let applicant = Applicant { email, name: name.into(), phone: None };
    block_on(register(store, applicant, None, NOW)).unwrap()
}

#[test]
fn creates_a_pending_user_and_requests_a_link() {
    let mut store = Memory::default();
    sign_up(&mut store, " Ada ").unwrap();
    let user = &store.users[0];
    assert_eq!((user.name.as_str(), user.status), ("Ada", UserStatus::PendingClaim));
    assert!(store.credentials.is_empty(), "no password before the mailbox is proven");
    assert_eq!(store.events[0].kind, "auth.email_verification_requested");
    assert_eq!(store.events[0].payload, serde_json::json!({ "user": user.id }));
}

#[test]
fn answers_the_same_for_every_address_and_changes_no_existing_user() {
    let cases = [
        (UserStatus::PendingClaim, "auth.email_verification_requested", true),
        (UserStatus::Invited, "auth.email_verification_requested", true),
        (UserStatus::Active, "auth.registered_again", true),
        (UserStatus::Deactivated { at: NOW }, "auth.email_verification_requested", false),
    ];
    for (status, kind, named) in cases {
        let before = User { status, ..user() };
        let mut store = Memory { users: vec![before.clone()], ..Memory::default() };
        assert_eq!(sign_up(&mut store, "Eve"), Ok(()));
        assert_eq!(store.users, std::slice::from_ref(&before));
        assert_eq!(store.kinds(), [kind]);
        assert_eq!(store.events[0].payload["user"], serde_json::json!(named.then_some(before.id)));
    }
}

#[test]
fn a_name_has_1_to_255_characters() {
    for (length, holds) in [(0, false), (1, true), (255, true), (256, false)] {
        assert_eq!(sign_up(&mut Memory::default(), &"é".repeat(length)).is_ok(), holds, "{length}");
    }
    assert!(sign_up(&mut Memory::default(), "   ").is_err());
}
