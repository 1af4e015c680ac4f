use super::*;
use crate::{
    Continuation, Membership, RefreshState,
    testing::{Counting, Memory, NOW, Provider, membership, origin, owner, secret, user},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use mockall::{Sequence, mock};
use tryzore_kernel::{AuditEntry, Decision, Email, Problem, Published, UserId};

mock! {
    Tx {}
    impl LoginAttempts for Tx {
        async fn throttle_lock(&mut self, key: &ThrottleKey) -> StoreResult<Throttle>;
        async fn throttle_find(&mut self, key: &ThrottleKey) -> StoreResult<Throttle>;
        async fn throttle_save(&mut self, key: &ThrottleKey, throttle: &Throttle) -> StoreResult<()>;
    }
    impl AuthEvents for Tx {
        async fn auth_event_append(&mut self, event: AuthEvent) -> StoreResult<()>;
        async fn sign_in_history(&mut self, user: UserId, network: Option<String>, now: DateTime<Utc>) -> StoreResult<crate::risk::SignInHistory>;
        async fn auth_event_counts(&mut self, user: UserId, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> StoreResult<crate::auth_event::EventCounts>;
        async fn auth_event_timeline(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<crate::auth_event::RecordedEvent>>;
        async fn auth_event_page(&mut self, user: UserId, before: Option<tryzore_kernel::AuthEventId>, limit: tryzore_kernel::Limit) -> StoreResult<tryzore_kernel::Page<crate::auth_event::RecordedEvent>>;
    }
    impl Credentials for Tx {
        async fn credential_find(&mut self, email: &Email) -> StoreResult<Option<PasswordHash>>;
        async fn credential_save(&mut self, user: UserId, hash: &PasswordHash, now: DateTime<Utc>) -> StoreResult<()>;
    }
    impl Users for Tx {
        async fn user_find(&mut self, id: UserId) -> StoreResult<Option<User>>;
        async fn user_lock(&mut self, id: UserId) -> StoreResult<Option<User>>;
        async fn user_find_by_email(&mut self, email: &Email) -> StoreResult<Option<User>>;
        async fn user_lock_by_email(&mut self, email: &Email) -> StoreResult<Option<User>>;
        async fn user_lock_by_subject(&mut self, subject: &str) -> StoreResult<Option<User>>;
        async fn user_insert(&mut self, user: &User) -> StoreResult<bool>;
        async fn user_update(&mut self, user: &User) -> StoreResult<()>;
    }
    impl Journal for Tx {
        fn event_publish(&mut self, event: Published);
        fn decision_record(&mut self, decision: Decision);
        fn audit_append(&mut self, entry: AuditEntry);
    }
}

fn request(email: &str, password: &str) -> LoginRequest {
    let method = SignInMethod::Password { email: email.parse().unwrap(), password: secret(password) };
    let origin = crate::Origin { ip: Some([203, 0, 113, 1].into()), ..origin() };
    LoginRequest { method, origin, tenant: None, organization: None }
}

/// A store with an active owner whose password is `right`.
fn store() -> Memory {
    let (user, (holdings, _)) = (user(), owner());
    Memory {
        credentials: [(user.id, PasswordHash::new("plain:right".into()))].into(),
        memberships: vec![(user.id, membership(), holdings)],
        users: vec![user],
        ..Memory::default()
    }
}

fn sign_in(
    store: &mut Memory,
    request: LoginRequest,
    provider: &Provider,
    now: DateTime<Utc>,
) -> Result<SignedIn, Refusal> {
    let whole = async {
        let attempt = match admit(store, request, now).await.unwrap() {
            Ok(attempt) => attempt,
            Err(refusal) => return Err(refusal),
        };
        let tried = attempt.authenticate(provider).await;
        settle(store, tried, &Counting::default(), now).await.unwrap()
    };
    // Boxing requires `Send`, because a server moves requests between threads.
    block_on(futures::future::FutureExt::boxed(whole))
}

fn from_provider(subject: &str, email: &str, email_verified: bool) -> Provider {
    let identity = Identity {
        subject: Some(subject.into()),
        email: email.parse().unwrap(),
        email_verified,
        name: Some("Ada L.".into()),
        provider_session: Some("session_01".into()),
        authentication_method: Some("sso".into()),
        provider_organization: None,
        rehashed: None,
    };
    Provider { identity: Some(identity), error: None }
}

#[test]
fn creates_a_session_at_a_location_with_tokens_for_an_hour_and_thirty_days() {
    let mut store = store();
    let signed_in =
        sign_in(&mut store, request("Ada@Example.com", "right"), &Provider::default(), NOW).unwrap();
    let tokens = signed_in.tokens;
    assert_eq!(tokens.claims.exp, NOW.timestamp() + 3600);
    assert_eq!(tokens.refresh_expires_at, NOW + TimeDelta::days(30));
    assert_eq!(tokens.claims.org_id, Some(store.memberships[0].2.owned[0]));
    assert_eq!(tokens.claims.available_org_ids, store.memberships[0].2.owned);
    assert_eq!(signed_in.memberships.len(), 1);
    assert_eq!((store.sessions.len(), store.tokens[0].state), (1, RefreshState::Live));
    assert_eq!(store.tokens[0].hash, crate::TokenHash::of(&tokens.refresh_token));
    assert_eq!(store.kinds(), ["auth.signed_in"]);
}

#[test]
fn a_known_and_an_unknown_address_get_the_same_answer_for_the_same_work() {
    let answer = |known: bool| {
        let mut tx = MockTx::new();
        let mut order = Sequence::new();
        // Every call happens once and in this order, whether there is a user or not.
        tx.expect_throttle_find().times(1).in_sequence(&mut order).returning(|_| Ok(Throttle::default()));
        tx.expect_throttle_lock().times(1).in_sequence(&mut order).returning(|_| Ok(Throttle::default()));
        tx.expect_throttle_save().times(1).in_sequence(&mut order).returning(|_, _| Ok(()));
        tx.expect_credential_find()
            .times(1)
            .in_sequence(&mut order)
            .returning(move |_| Ok(known.then(|| PasswordHash::new("plain:right".into()))));
        tx.expect_throttle_lock()
            .times(1)
            .in_sequence(&mut order)
            .returning(|_| Ok(Throttle::default().attempt(NOW).unwrap()));
        tx.expect_user_find_by_email()
            .times(1)
            .in_sequence(&mut order)
            .returning(move |_| Ok(known.then(user)));
        tx.expect_event_publish().times(1).in_sequence(&mut order).return_const(());
        tx.expect_auth_event_append().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        tx.expect_throttle_lock().times(1).in_sequence(&mut order).returning(|_| Ok(Throttle::default()));
        tx.expect_throttle_save().times(1).in_sequence(&mut order).returning(|_, _| Ok(()));
        block_on(async {
            let attempt = admit(&mut tx, request("ada@example.com", "wrong"), NOW).await.unwrap().unwrap();
            let Tried { request, key, said, .. } = attempt.authenticate(&Provider::default()).await;
            fail(&mut tx, &request, key, said.unwrap_err(), NOW).await.unwrap()
        })
    };
    assert_eq!(answer(true), answer(false));
    assert_eq!(answer(true).code(), "auth.login.rejected");
    assert_eq!(Problem::from(answer(true)).status, 401);
}

#[test]
fn the_sixth_attempt_is_refused_with_a_time_to_wait_aut_07() {
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut store = store();
        for left in [4, 3, 2, 1, 0] {
            let refusal =
                sign_in(&mut store, request(email, "wrong"), &Provider::default(), NOW).unwrap_err();
            let Refusal::Unauthenticated(denial) = refusal else { panic!("{refusal}") };
            assert_eq!(denial.because[0].value, left, "attempts left");
        }
        let later = NOW + TimeDelta::minutes(5);
        let locked = sign_in(&mut store, request(email, "right"), &Provider::default(), later).unwrap_err();
        assert_eq!((locked.code(), locked.retry_after_seconds()), ("auth.login.locked", Some(600)));
        assert_eq!(Problem::from(locked).status, 429);
        assert_eq!(store.events.last().unwrap().payload["locked"], true);
        // The same account is not locked for another caller.
        let elsewhere = crate::Origin { ip: Some([10, 0, 0, 2].into()), ..origin() };
        let attempt = LoginRequest { origin: elsewhere, ..request(email, "wrong") };
        let refusal = sign_in(&mut store, attempt, &Provider::default(), later).unwrap_err();
        assert_eq!(refusal.code(), "auth.login.rejected");
    }
}

#[test]
fn concurrent_guesses_are_counted_before_any_is_answered() {
    let mut store = store();
    let admitted = (0..100)
        .filter(|_| block_on(admit(&mut store, request("ada@example.com", "x"), NOW)).unwrap().is_ok())
        .count();
    assert_eq!(admitted, 5);
}

#[test]
fn a_sign_in_clears_the_count_and_an_outage_does_not_add_to_it() {
    let mut store = store();
    let down = Provider { error: Some(IdentityError::Unavailable("down".into())), identity: None };
    for _ in 0..9 {
        let refusal = sign_in(&mut store, request("ada@example.com", "right"), &down, NOW).unwrap_err();
        assert_eq!(Problem::from(refusal).status, 503);
    }
    for _ in 0..4 {
        sign_in(&mut store, request("ada@example.com", "wrong"), &Provider::default(), NOW).unwrap_err();
    }
    sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), NOW).unwrap();
    assert!(store.throttles.values().all(|throttle| *throttle == Throttle::default()));
}

#[test]
fn a_password_that_is_changed_during_a_sign_in_with_the_old_one_wins() {
    let mut store = store();
    let refusal = block_on(async {
        let attempt = admit(&mut store, request("ada@example.com", "right"), NOW).await.unwrap().unwrap();
        let tried = attempt.authenticate(&Provider::default()).await;
        store.users[0].password_changed_at = Some(NOW);
        settle(&mut store, tried, &Counting::default(), NOW + TimeDelta::seconds(1)).await.unwrap()
    });
    assert_eq!(refusal.unwrap_err().code(), "auth.login.rejected");
    assert!(store.sessions.is_empty());
    let later = NOW + TimeDelta::microseconds(1);
    assert!(sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), later).is_ok());
}

#[test]
fn proving_the_purchase_email_at_the_provider_claims_the_user_aut_10() {
    let mut store = store();
    store.users[0].status = UserStatus::PendingClaim;
    store.users[0].email_verified_at = None;
    let id = store.users[0].id;
    let unproven = from_provider("user_01", "ada@example.com", false);
    let refusal = sign_in(&mut store, request("ada@example.com", "x"), &unproven, NOW).unwrap_err();
    assert_eq!(refusal.code(), "auth.login.email_unverified");
    assert_eq!(store.users[0].status, UserStatus::PendingClaim);

    let proven = from_provider("user_01", "ada@example.com", true);
    let signed_in = sign_in(&mut store, request("ada@example.com", "x"), &proven, NOW).unwrap();
    assert_eq!((signed_in.user.id, signed_in.user.status), (id, UserStatus::Active));
    assert_eq!(signed_in.memberships.len(), 1, "the memberships of the user stay");
    assert_eq!(store.users[0].workos_user_id.as_deref(), Some("user_01"));
    assert_eq!(store.sessions[0].provider_session.as_deref(), Some("session_01"));
    assert_eq!(store.kinds(), ["auth.user_claimed", "auth.signed_in"]);
}

#[test]
fn another_provider_user_with_the_same_address_cannot_take_a_linked_user() {
    let mut store = store();
    store.users[0].workos_user_id = Some("user_01".into());
    let other = from_provider("user_02", "ada@example.com", true);
    let refusal = sign_in(&mut store, request("ada@example.com", "x"), &other, NOW).unwrap_err();
    assert_eq!(refusal.code(), "auth.login.other_identity");
    // The linked identity signs in, also after its address was changed at the provider.
    let same = from_provider("user_01", "ada@new.example.com", false);
    assert!(sign_in(&mut store, request("ada@example.com", "x"), &same, NOW).is_ok());
}

#[test]
fn a_sign_up_at_the_provider_creates_a_user_without_a_membership() {
    let mut store = Memory::default();
    let provider = from_provider("user_01", "new@example.com", true);
    let refusal = sign_in(&mut store, request("new@example.com", "x"), &provider, NOW).unwrap_err();
    assert_eq!(refusal.code(), "auth.login.no_membership");
    assert_eq!((store.users.len(), store.users[0].status), (1, UserStatus::Active));
    assert!(store.sessions.is_empty());
}

#[test]
fn a_deactivated_user_learns_it_only_after_the_right_password() {
    let mut store = store();
    store.users[0] = store.users[0].clone().deactivate(NOW);
    let code = |store: &mut Memory, password| {
        let refusal = sign_in(store, request("ada@example.com", password), &Provider::default(), NOW);
        refusal.unwrap_err().code().to_owned()
    };
    assert_eq!(code(&mut store, "wrong"), "auth.login.rejected");
    assert_eq!(code(&mut store, "right"), "auth.user.deactivated");
}

#[test]
fn each_other_answer_of_a_provider_has_its_own_code() {
    let cases = [
        (IdentityError::MoreNeeded("mfa".into()), "auth.login.more_needed", 409),
        (IdentityError::Impersonated, "auth.login.impersonated", 403),
        (IdentityError::Throttled { retry_after: TimeDelta::seconds(7) }, "auth.provider.throttled", 429),
        (IdentityError::Broken("?".into()), "unavailable", 503),
    ];
    for (error, code, status) in cases {
        let provider = Provider { error: Some(error), identity: None };
        let refusal = sign_in(&mut store(), request("ada@example.com", "right"), &provider, NOW).unwrap_err();
        assert_eq!((refusal.code(), Problem::from(refusal.clone()).status), (code, status));
    }
}

#[test]
fn a_password_of_128_characters_is_hashed_and_a_longer_one_is_not() {
    let mut store = store();
    let admitted = |store: &mut Memory, length| {
        let request = request("ada@example.com", &"é".repeat(length));
        block_on(admit(store, request, NOW)).unwrap().map(|_| ()).map_err(|r| Problem::from(r).status)
    };
    assert_eq!(admitted(&mut store, 128), Ok(()));
    assert_eq!(admitted(&mut store, 129), Err(422));
    assert_eq!(admitted(&mut store, 0), Err(422));
}

fn mailed(code: &str) -> LoginRequest {
    let method = SignInMethod::MailedCode { email: "ada@example.com".parse().unwrap(), code: secret(code) };
    LoginRequest { method, ..request("ada@example.com", "right") }
}

fn refusing(error: IdentityError) -> Provider {
    Provider { error: Some(error), identity: None }
}

fn pending(step: Step) -> IdentityError {
    let email = Some("ada@example.com".parse().unwrap());
    IdentityError::Pending(Box::new(Pending { step, token: "pat_1".into(), email }))
}

fn continuing(began: DateTime<Utc>) -> LoginRequest {
    let IdentityError::Pending(pending) = pending(Step::EmailVerification) else { panic!() };
    let continuation = Continuation { pending: *pending, answer: secret("123456"), began };
    let method = SignInMethod::Continuation(Box::new(continuation));
    LoginRequest { method, ..request("ada@example.com", "right") }
}

fn fact(refusal: &Refusal, name: &str) -> Option<serde_json::Value> {
    let (Refusal::Denied(denial) | Refusal::Unauthenticated(denial)) = refusal else { panic!("{refusal}") };
    let found = denial.because.iter().find(|fact| fact.fact == name);
    found.map(|fact| serde_json::to_value(&fact.value).unwrap())
}

#[test]
fn wrong_mailed_codes_lock_together_with_wrong_passwords_aut_07() {
    let mut store = store();
    let wrong = refusing(IdentityError::Rejected);
    for left in [4, 3] {
        let refusal = sign_in(&mut store, mailed("000000"), &wrong, NOW).unwrap_err();
        assert_eq!(
            (refusal.code(), fact(&refusal, "attempts.left")),
            ("auth.login.code_rejected", Some(left.into()))
        );
    }
    for _ in 0..3 {
        let refusal =
            sign_in(&mut store, request("ada@example.com", "wrong"), &Provider::default(), NOW).unwrap_err();
        assert_eq!(refusal.code(), "auth.login.rejected");
    }
    let locked =
        sign_in(&mut store, mailed("123456"), &from_provider("user_1", "ada@example.com", true), NOW);
    assert_eq!(locked.unwrap_err().code(), "auth.login.locked");
    assert_eq!(store.kinds(), ["auth.sign_in_failed"; 5]);
}

#[test]
fn a_mailed_code_has_1_to_64_characters() {
    let provider = from_provider("user_1", "ada@example.com", true);
    for (length, taken) in [(0, false), (1, true), (64, true), (65, false)] {
        let answer = sign_in(&mut store(), mailed(&"1".repeat(length)), &provider, NOW);
        assert_eq!(answer.is_ok(), taken, "{length}");
    }
}

#[test]
fn what_the_provider_needs_is_offered_with_a_sealed_text_and_costs_no_attempt() {
    let mut store = store();
    let choices = vec![crate::ProviderOrganization { id: "org_1".into(), name: "Iron Works".into() }];
    let provider = refusing(pending(Step::OrganizationSelection { choices }));
    let offer = |store: &mut Memory| {
        block_on(async {
            let attempt = admit(store, request("ada@example.com", "right"), NOW).await.unwrap().unwrap();
            let tried = attempt.authenticate(&provider).await;
            let tried = tried.offer(&crate::pending_sign_in::tests::Reversing, NOW).unwrap();
            settle(store, tried, &Counting::default(), NOW).await.unwrap().unwrap_err()
        })
    };
    for _ in 0..6 {
        let refusal = offer(&mut store);
        assert_eq!((refusal.code(), Problem::from(refusal.clone()).status), ("auth.login.more_needed", 409));
        assert_eq!(fact(&refusal, "needed").unwrap(), "organization_selection");
        assert_eq!(fact(&refusal, "provider_organizations").unwrap()[0]["id"], "org_1");
        let text = fact(&refusal, "pending_token").unwrap();
        assert!(!text.as_str().unwrap().contains("pat_1"));
    }
    assert_eq!(store.kinds(), [""; 0], "nobody guessed");
}

#[test]
fn wrong_answers_lock_the_continuations_of_the_person_whatever_the_text() {
    let mut store = store();
    for _ in 0..5 {
        let refusal =
            sign_in(&mut store, continuing(NOW), &refusing(IdentityError::Rejected), NOW).unwrap_err();
        assert_eq!(refusal.code(), "auth.login.code_rejected");
    }
    let right = from_provider("user_1", "ada@example.com", true);
    assert_eq!(sign_in(&mut store, continuing(NOW), &right, NOW).unwrap_err().code(), "auth.login.locked");
    assert!(sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), NOW).is_ok());
}

#[test]
fn a_password_that_was_chosen_meanwhile_ends_what_can_be_continued() {
    for (changed, taken) in [(NOW - TimeDelta::microseconds(1), true), (NOW, false)] {
        let mut store = store();
        store.users[0].password_changed_at = Some(changed);
        let right = from_provider("user_1", "ada@example.com", true);
        let answer = sign_in(&mut store, continuing(NOW), &right, NOW + TimeDelta::minutes(5));
        assert_eq!(answer.is_ok(), taken, "{changed}");
    }
}

fn required(store: &mut Memory) {
    store.sso.push(crate::sso::tests::link(store.memberships[0].1.tenant));
}

#[test]
fn aut_09_a_tenant_that_requires_single_sign_on_is_entered_by_it_alone() {
    let by = |method: &str, organization: &str| {
        let mut provider = from_provider("user_1", "ada@example.com", true);
        let identity = provider.identity.as_mut().unwrap();
        identity.authentication_method = Some(method.into());
        identity.provider_organization = Some(organization.into());
        provider
    };
    let mut store = store();
    required(&mut store);
    for (method, organization) in [("password", "org_1"), ("sso", "org_2"), ("magicauth", "org_1")] {
        let answer = sign_in(&mut store, mailed("123456"), &by(method, organization), NOW).unwrap_err();
        assert_eq!(answer.code(), "auth.login.sso_required", "{method} {organization}");
        assert_eq!(fact(&answer, "domain").unwrap(), "example.com");
    }
    assert!(store.sessions.is_empty() && store.sso_sign_ins.is_empty());
    let signed_in = sign_in(&mut store, mailed("123456"), &by("sso", "org_1"), NOW).unwrap();
    assert_eq!(store.sso_sign_ins, [(signed_in.tokens.session.id, "org_1".to_owned(), NOW)]);
    let local = sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), NOW);
    assert!(local.is_ok(), "where passwords are stored here, there is no single sign-on");
}

#[test]
fn single_sign_on_leads_to_its_tenant_although_another_was_used_last() {
    let mut store = store();
    let user = store.users[0].id;
    let last = Membership { last_used_at: Some(NOW), ..membership() };
    store.memberships.push((user, last, owner().0));
    let linked = store.memberships[0].1.tenant;
    required(&mut store);
    let mut provider = from_provider("user_1", "ada@example.com", true);
    provider.identity.as_mut().unwrap().provider_organization = Some("org_1".into());
    let signed_in = sign_in(&mut store, mailed("123456"), &provider, NOW).unwrap();
    assert_eq!(signed_in.tokens.session.tenant, linked);
}

#[test]
fn one_password_tried_on_ten_accounts_closes_the_network_and_not_others() {
    let mut store = store();
    let guess = |store: &mut Memory, number: u8, ip: [u8; 4]| {
        let origin = crate::Origin { ip: Some(ip.into()), ..origin() };
        let attempt = LoginRequest { origin, ..request(&format!("user{number}@example.com"), "Summer26!") };
        sign_in(store, attempt, &Provider::default(), NOW).unwrap_err()
    };
    // Nine accounts fail, some of them twice, from several addresses of the network.
    for number in 0..9 {
        guess(&mut store, number, [203, 0, 113, number]);
        guess(&mut store, number, [203, 0, 113, number]);
    }
    let mistyped = sign_in(&mut store, request("ada@example.com", "wrong"), &Provider::default(), NOW);
    assert_eq!(mistyped.unwrap_err().code(), "auth.login.rejected", "this was the tenth");
    let closed = sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), NOW);
    let closed = closed.unwrap_err();
    assert_eq!((closed.code(), closed.retry_after_seconds()), ("auth.login.network_locked", Some(900)));
    assert_eq!(
        guess(&mut store, 50, [203, 0, 114, 1]).code(),
        "auth.login.rejected",
        "another network is open"
    );
    let later = NOW + TimeDelta::minutes(15);
    assert!(sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), later).is_ok());
}

#[test]
fn an_evening_of_mistyped_passwords_behind_one_address_closes_nothing() {
    let mut store = store();
    // Thirty times somebody mistypes and then gets in, from one address.
    for _ in 0..30 {
        let mistyped = sign_in(&mut store, request("ada@example.com", "wrong"), &Provider::default(), NOW);
        assert_eq!(mistyped.unwrap_err().code(), "auth.login.rejected");
        sign_in(&mut store, request("ada@example.com", "right"), &Provider::default(), NOW).unwrap();
    }
    assert!(store.throttles.values().all(|throttle| *throttle == Throttle::default()));
}
