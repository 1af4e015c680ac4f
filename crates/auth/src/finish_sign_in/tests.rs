use super::*;
use crate::{
    Factor, PasswordHash, Session, SignInMethod, Throttle, ThrottleKey,
    enroll_factor::{Confirmed, confirm_factor, enroll_totp},
    login::{admit, settle},
    manage_factors::{remove_factor, replace_recovery_codes},
    testing::{Counting, Memory, NOW, Provider, membership, origin, owner, permit, secret, session, user},
    totp,
    verify_factor::verify_factor,
};
use chrono::TimeDelta;
use futures::executor::block_on;
use tryzore_kernel::{FactorId, Problem};
use tryzore_rbac::{Permit, catalogue::OwnSecurity};

const A_MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// An owner with the password `right`, an authenticator app and a session, and their recovery codes.
struct Stage {
    store: Memory,
    secrets: Counting,
    permit: Permit<OwnSecurity>,
    codes: Vec<SecretString>,
}

impl Stage {
    fn open() -> Self {
        let (ada, (holdings, _), secrets) = (user(), owner(), Counting::default());
        let here = Session { user: ada.id, tenant: membership().tenant, ..session() };
        let permit = permit(&here, &holdings);
        let mut store = Memory {
            credentials: [(ada.id, PasswordHash::new("plain:right".into()))].into(),
            memberships: vec![(ada.id, crate::Membership { tenant: here.tenant, ..membership() }, holdings)],
            sessions: vec![here],
            users: vec![ada],
            ..Memory::default()
        };
        // Long before: the code of the confirmation is no longer the current one.
        let before = NOW - TimeDelta::days(1);
        let factor = enroll(&mut store, &permit, &secrets, before);
        let codes = confirm(&mut store, &permit, &secrets, factor, before).unwrap().recovery_codes.unwrap();
        (store.events, store.audit) = (Vec::new(), Vec::new());
        Self { store, secrets, permit, codes }
    }

    fn password(&mut self, now: DateTime<Utc>) -> Refusal {
        let method =
            SignInMethod::Password { email: "ada@example.com".parse().unwrap(), password: secret("right") };
        let request = LoginRequest { method, origin: origin(), tenant: None, organization: None };
        let attempt = block_on(admit(&mut self.store, request, now)).unwrap().unwrap();
        let tried = block_on(attempt.authenticate(&Provider::default()));
        block_on(settle(&mut self.store, tried, &self.secrets, now)).unwrap().unwrap_err()
    }

    /// The challenge that follows the right password.
    fn challenge(&mut self, now: DateTime<Utc>) -> SecretString {
        secret(&fact(&self.password(now), "challenge"))
    }

    fn answer(
        &mut self,
        challenge: &SecretString,
        proof: FactorProof,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, Refusal> {
        let answer = Answer { challenge: challenge.clone(), proof, origin: origin() };
        block_on(finish_sign_in(&mut self.store, answer, &self.secrets, &self.secrets, now)).unwrap()
    }

    fn code(&self, now: DateTime<Utc>) -> FactorProof {
        FactorProof::Code(code_of(&self.store.factors[0], &self.secrets, now))
    }

    fn verify(&mut self, proof: &FactorProof, now: DateTime<Utc>) -> Result<crate::FactorUse, Refusal> {
        block_on(verify_factor(&self.permit, &mut self.store, proof, &self.secrets, now)).unwrap()
    }
}

fn enroll(
    store: &mut Memory,
    permit: &Permit<OwnSecurity>,
    secrets: &Counting,
    now: DateTime<Utc>,
) -> FactorId {
    block_on(enroll_totp(permit, store, "Phone", secrets, secrets, now)).unwrap().unwrap().factor.id
}

fn confirm(
    store: &mut Memory,
    permit: &Permit<OwnSecurity>,
    secrets: &Counting,
    id: FactorId,
    now: DateTime<Utc>,
) -> Result<Confirmed, Refusal> {
    let factor = store.factors.iter().find(|factor| factor.id == id).unwrap();
    let code = code_of(factor, secrets, now);
    block_on(confirm_factor(permit, store, (id, &code), secrets, secrets, now)).unwrap()
}

fn code_of(factor: &Factor, seal: &Counting, now: DateTime<Utc>) -> SecretString {
    let bytes = seal.factor_open(factor.id, &factor.secret).unwrap();
    totp::code(bytes.expose_secret(), totp::step(now)).into()
}

fn wrong() -> FactorProof {
    FactorProof::Code(secret("no code"))
}

fn fact(refusal: &Refusal, name: &str) -> String {
    let denial = Problem::from(refusal.clone()).denial.unwrap();
    let fact = denial.because.into_iter().find(|fact| fact.fact == name).unwrap();
    fact.value.as_str().map_or_else(|| fact.value.to_string(), ToOwned::to_owned)
}

#[test]
fn aut_04_the_right_password_alone_gives_a_challenge_and_no_session() {
    let mut stage = Stage::open();
    let refusal = stage.password(NOW);
    assert_eq!((refusal.code(), Problem::from(refusal.clone()).status), ("auth.login.factor_required", 403));
    assert_eq!(fact(&refusal, "methods"), r#"["totp","recovery_code"]"#);
    assert_eq!(
        fact(&refusal, "expires_at"),
        serde_json::json!(NOW + TimeDelta::minutes(5)).as_str().unwrap()
    );
    assert_eq!((stage.store.sessions.len(), stage.store.tokens.len(), stage.store.events.len()), (1, 0, 0));
    let challenge = secret(&fact(&refusal, "challenge"));
    assert_eq!(stage.store.challenges[0].hash, TokenHash::of(&challenge), "only the hash is stored");

    let code = stage.code(NOW);
    let signed_in = stage.answer(&challenge, code, NOW).unwrap();
    let used = signed_in.tokens.session.factor.unwrap();
    assert_eq!((used.at, used.method), (NOW, FactorMethod::Totp));
    assert_eq!(signed_in.tokens.claims.factor_at, Some(NOW.timestamp()));
    assert_eq!(stage.store.kinds(), ["auth.signed_in"]);
}

#[test]
fn a_factor_that_was_never_confirmed_is_not_asked_for() {
    let mut stage = Stage::open();
    stage.store.factors[0].confirmed_at = None;
    let method =
        SignInMethod::Password { email: "ada@example.com".parse().unwrap(), password: secret("right") };
    let request = LoginRequest { method, origin: origin(), tenant: None, organization: None };
    let attempt = block_on(admit(&mut stage.store, request, NOW)).unwrap().unwrap();
    let tried = block_on(attempt.authenticate(&Provider::default()));
    let signed_in = block_on(settle(&mut stage.store, tried, &stage.secrets, NOW)).unwrap().unwrap();
    assert_eq!(signed_in.tokens.session.factor, None);
}

#[test]
fn a_challenge_works_once_for_five_minutes_on_one_device() {
    let mut stage = Stage::open();
    let end = NOW + TimeDelta::minutes(5);
    let [in_time, late, elsewhere] = [(); 3].map(|()| stage.challenge(NOW));
    let recovery: Vec<_> = stage.codes.iter().cloned().map(FactorProof::RecoveryCode).collect();
    let refused = |outcome: Result<SignedIn, Refusal>| {
        let refusal = outcome.unwrap_err();
        assert_eq!(
            (refusal.code(), Problem::from(refusal.clone()).status),
            ("auth.login.challenge_invalid", 401)
        );
    };
    let answer = Answer { challenge: elsewhere, proof: recovery[0].clone(), origin: Origin::default() };
    refused(block_on(finish_sign_in(&mut stage.store, answer, &stage.secrets, &stage.secrets, NOW)).unwrap());
    refused(stage.answer(&late, recovery[0].clone(), end + A_MICROSECOND));
    refused(stage.answer(&secret("tzc_unknown"), recovery[0].clone(), NOW));
    assert!(stage.answer(&in_time, recovery[0].clone(), end).is_ok());
    refused(stage.answer(&in_time, recovery[1].clone(), end));
    assert_eq!(stage.store.recovery_codes.iter().filter(|(.., used)| *used).count(), 1);
}

#[test]
fn a_password_that_was_changed_since_ends_the_challenge() {
    let mut stage = Stage::open();
    let challenge = stage.challenge(NOW);
    stage.store.users[0].password_changed_at = Some(NOW);
    let code = stage.code(NOW);
    assert_eq!(stage.answer(&challenge, code, NOW).unwrap_err().code(), "auth.login.challenge_invalid");
}

#[test]
fn aut_07_the_fifth_wrong_code_locks_the_factor_over_all_challenges() {
    let mut stage = Stage::open();
    let mut now = NOW;
    for left in (0..5).rev() {
        // A new challenge for each guess, a minute apart.
        let challenge = stage.challenge(now);
        let refusal = stage.answer(&challenge, wrong(), now).unwrap_err();
        assert_eq!(
            (refusal.code(), fact(&refusal, "attempts.left")),
            ("auth.factor.rejected", left.to_string())
        );
        now += TimeDelta::minutes(1);
    }
    let challenge = stage.challenge(now);
    let code = stage.code(now);
    let sixth = stage.answer(&challenge, code, now).unwrap_err();
    assert_eq!((sixth.code(), sixth.retry_after_seconds()), ("auth.factor.locked", Some(14 * 60)));
    let code = stage.code(now);
    assert_eq!(stage.verify(&code, now).unwrap_err().code(), "auth.factor.locked", "nor in a session");
    let locked: Vec<_> = stage.store.events.iter().map(|event| event.payload["locked"].clone()).collect();
    assert_eq!(locked, [false, false, false, false, true]);

    let free = NOW + TimeDelta::minutes(4 + 15);
    let challenge = stage.challenge(free);
    let code = stage.code(free);
    assert!(stage.answer(&challenge, code, free).is_ok());
    let key = ThrottleKey::factor(stage.store.users[0].id);
    assert_eq!(stage.store.throttles[&key], Throttle::default(), "a success resets the count");
}

#[test]
fn a_challenge_counts_its_wrong_codes() {
    let mut stage = Stage::open();
    let challenge = stage.challenge(NOW);
    for guesses in 1..=5 {
        assert!(stage.answer(&challenge, wrong(), NOW).is_err());
        assert_eq!(stage.store.challenges[0].guesses, guesses);
    }
    stage.store.throttles.clear();
    let code = stage.code(NOW);
    assert_eq!(stage.answer(&challenge, code, NOW).unwrap_err().code(), "auth.login.challenge_invalid");
}

#[test]
fn a_code_is_used_once_wherever() {
    let mut stage = Stage::open();
    let (first, second) = (stage.challenge(NOW), stage.challenge(NOW));
    let code = stage.code(NOW);
    assert!(stage.answer(&first, code.clone(), NOW).is_ok());
    assert_eq!(stage.answer(&second, code.clone(), NOW).unwrap_err().code(), "auth.factor.rejected");
    assert_eq!(stage.verify(&code, NOW).unwrap_err().code(), "auth.factor.rejected");
    let next = stage.code(NOW + TimeDelta::seconds(30));
    assert!(stage.answer(&second, next, NOW).is_ok(), "the code of the next step");
}

#[test]
fn a_recovery_code_works_once_and_its_use_is_told() {
    let mut stage = Stage::open();
    let code = FactorProof::RecoveryCode(stage.codes[3].clone());
    let (first, second) = (stage.challenge(NOW), stage.challenge(NOW));
    let signed_in = stage.answer(&first, code.clone(), NOW).unwrap();
    assert_eq!(signed_in.tokens.session.factor.unwrap().method, FactorMethod::RecoveryCode);
    assert_eq!(stage.store.kinds(), ["auth.recovery_code_used", "auth.signed_in"]);
    assert_eq!(stage.store.events[0].payload["left"], 9);
    assert_eq!(stage.store.audit[0].action, "recovery_codes.use");
    assert_eq!(stage.answer(&second, code, NOW).unwrap_err().code(), "auth.factor.rejected");

    let mut stage = Stage::open();
    for row in &mut stage.store.recovery_codes {
        row.2 = true;
    }
    assert_eq!(fact(&stage.password(NOW), "methods"), r#"["totp"]"#, "no code is left");
}

#[test]
fn a_step_up_is_remembered_by_the_session_and_drops_it_from_the_cache() {
    let mut stage = Stage::open();
    let code = stage.code(NOW);
    let used = stage.verify(&code, NOW).unwrap();
    assert_eq!((used.at, stage.store.sessions[0].factor), (NOW, Some(used)));
    assert_eq!(stage.store.kinds(), ["auth.factor_verified"]);
    let stored = stage.store.events[0].payload["session"].clone();
    assert_eq!(stored, serde_json::json!(stage.store.sessions[0].id));
}

#[test]
fn the_first_factor_comes_with_ten_codes_and_counts_for_the_session() {
    let stage = Stage::open();
    assert_eq!((stage.codes.len(), stage.store.recovery_codes.len()), (10, 10));
    assert_eq!(stage.store.sessions[0].factor.unwrap().at, NOW - TimeDelta::days(1));
}

#[test]
fn factors_change_only_while_one_was_just_used() {
    let mut stage = Stage::open();
    let Stage { store, secrets, permit, .. } = &mut stage;
    let (first, used) = (store.factors[0].id, store.sessions[0].factor.unwrap().at);
    let end = used + TimeDelta::minutes(5);
    for (now, is_fresh) in [(end, true), (end + A_MICROSECOND, false)] {
        let code = |outcome: Option<Refusal>| outcome.map(|refusal| refusal.code().to_owned());
        let required = (!is_fresh).then(|| "auth.factor.step_up_required".to_owned());
        let added = block_on(enroll_totp(permit, store, "Tablet", secrets, secrets, now)).unwrap();
        assert_eq!(code(added.err()), required, "add, {now}");
        let codes = block_on(replace_recovery_codes(permit, store, secrets, now)).unwrap();
        assert_eq!(code(codes.err()), required, "new codes, {now}");
    }
    let late = block_on(remove_factor(permit, store, first, end + A_MICROSECOND)).unwrap();
    assert_eq!(late.unwrap_err().code(), "auth.factor.step_up_required");
    let second = store.factors[1].id;
    assert!(confirm(store, permit, secrets, second, end).unwrap().recovery_codes.is_none(), "the codes stay");
    let now = store.sessions[0].factor.unwrap().at;
    block_on(remove_factor(permit, store, first, now)).unwrap().unwrap();
    assert_eq!((store.factors.len(), store.recovery_codes.len()), (1, 10));
    block_on(remove_factor(permit, store, second, now)).unwrap().unwrap();
    assert_eq!(
        (store.factors.len(), store.recovery_codes.len()),
        (0, 0),
        "the codes go with the last factor"
    );
    assert_eq!(store.kinds(), ["auth.factor_added", "auth.factor_removed", "auth.factor_removed"]);
    let actions: Vec<_> = store.audit.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["recovery_codes.replace", "factors.add", "factors.remove", "factors.remove"]);
}

#[test]
fn a_factor_is_confirmed_once_and_only_by_its_own_code() {
    let mut stage = Stage::open();
    let Stage { store, secrets, permit, .. } = &mut stage;
    let (first, now) = (store.factors[0].id, store.sessions[0].factor.unwrap().at);
    assert_eq!(confirm(store, permit, secrets, first, now).unwrap_err().code(), "auth.factor.confirmed");
    let second = enroll(store, permit, secrets, now);
    let of_first = code_of(&store.factors[0], secrets, now + TimeDelta::seconds(30));
    let wrong = block_on(confirm_factor(permit, store, (second, &of_first), secrets, secrets, now)).unwrap();
    assert_eq!(wrong.unwrap_err().code(), "auth.factor.rejected");
    let unknown = FactorId::generate(NOW);
    let nowhere =
        block_on(confirm_factor(permit, store, (unknown, &of_first), secrets, secrets, now)).unwrap();
    assert_eq!(nowhere.unwrap_err(), Refusal::NotFound("factor"));
    assert!(confirm(store, permit, secrets, second, now).is_ok());
}

#[test]
fn a_user_has_at_most_ten_factors() {
    let mut stage = Stage::open();
    let Stage { store, secrets, permit, .. } = &mut stage;
    let now = store.sessions[0].factor.unwrap().at;
    for _ in 1..10 {
        let next = enroll(store, permit, secrets, now);
        confirm(store, permit, secrets, next, now).unwrap();
    }
    let eleventh = block_on(enroll_totp(permit, store, "Phone", secrets, secrets, now)).unwrap();
    assert_eq!(eleventh.unwrap_err().code(), "auth.factor.too_many");
}

#[test]
fn a_name_has_1_to_100_characters() {
    let mut stage = Stage::open();
    let Stage { store, secrets, permit, .. } = &mut stage;
    let now = store.sessions[0].factor.unwrap().at;
    for (length, is_valid) in [(0, false), (1, true), (100, true), (101, false)] {
        let named = block_on(enroll_totp(permit, store, &"é".repeat(length), secrets, secrets, now)).unwrap();
        assert_eq!(named.is_ok(), is_valid, "{length}");
    }
}

#[test]
fn aut_09_the_page_of_the_provider_asks_for_a_factor_itself() {
    let mut stage = Stage::open();
    let ada = stage.store.users[0].clone();
    let identity = crate::Identity {
        subject: None,
        email: ada.email,
        email_verified: true,
        name: None,
        provider_session: Some("session_01".into()),
        authentication_method: Some("sso".into()),
        rehashed: None,
    };
    let provider = Provider { identity: Some(identity), error: None };
    let method = SignInMethod::Code { code: secret("code"), code_verifier: None };
    let request = LoginRequest { method, origin: origin(), tenant: None, organization: None };
    let attempt = block_on(admit(&mut stage.store, request, NOW)).unwrap().unwrap();
    let tried = block_on(attempt.authenticate(&provider));
    let signed_in = block_on(settle(&mut stage.store, tried, &stage.secrets, NOW)).unwrap().unwrap();
    assert_eq!(signed_in.tokens.session.factor, None, "nothing was verified here");
    let event = &stage.store.events[0].payload;
    assert_eq!(
        (&event["authentication_method"], &event["factor_method"]),
        (&"sso".into(), &serde_json::Value::Null)
    );
}
