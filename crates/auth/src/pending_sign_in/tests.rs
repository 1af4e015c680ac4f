use super::*;
use crate::{
    Device,
    testing::{NOW, origin, secret},
};

/// Reverses the text: enough to tell a sealed text from others.
pub(crate) struct Reversing;

impl PendingSeal for Reversing {
    fn pending_seal(&self, text: &[u8]) -> StoreResult<SecretString> {
        Ok(String::from_utf8_lossy(text).chars().rev().collect::<String>().into())
    }
    fn pending_open(&self, sealed: &SecretString) -> Option<SecretBox<[u8]>> {
        let text: String = sealed.expose_secret().chars().rev().collect();
        Some(SecretBox::new(text.into_bytes().into_boxed_slice()))
    }
}

fn sealed(step: Step) -> SecretString {
    let pending = Pending { step, token: "pat_1".into(), email: None };
    let sign_in = PendingSignIn {
        pending,
        device: Some("phone".into()),
        tenant: None,
        organization: None,
        began: NOW,
        expires_at: NOW + LIFE,
    };
    sign_in.seal(&Reversing).unwrap()
}

fn code(text: &str) -> Answer {
    Answer { code: Some(secret(text)), organization: None }
}

fn organization(id: &str) -> Answer {
    Answer { code: None, organization: Some(id.into()) }
}

fn choices() -> Step {
    let choices = vec![ProviderOrganization { id: "org_1".into(), name: "Iron Works".into() }];
    Step::OrganizationSelection { choices }
}

#[test]
fn can_be_continued_for_ten_minutes_on_the_device_that_began_it() {
    let text = sealed(Step::EmailVerification);
    let on = |origin: Origin, at| resume(&text, code("123456"), origin, &Reversing, at);
    let end = NOW + TimeDelta::minutes(10);
    assert!(on(origin(), end).is_ok());
    let invalid = "auth.login.pending_invalid";
    assert_eq!(on(origin(), end + TimeDelta::microseconds(1)).unwrap_err().code(), invalid);
    for other in [Some("laptop".to_owned()), None] {
        let device = Device::new(other, None, None);
        assert_eq!(on(Origin { device, ..origin() }, NOW).unwrap_err().code(), invalid);
    }
    let made_up = resume(&secret("made up"), code("123456"), origin(), &Reversing, NOW);
    assert_eq!(made_up.unwrap_err().code(), invalid);
}

#[test]
fn takes_the_answer_to_its_own_question_only() {
    let ask = |step: Step, answer| resume(&sealed(step), answer, origin(), &Reversing, NOW);
    let totp = || Step::Totp { challenge: "auth_challenge_1".into() };
    let both = Answer { organization: Some("org_1".into()), ..code("123456") };
    for (step, right, wrong) in [
        (Step::EmailVerification, code("1"), vec![organization("org_1"), both.clone(), Answer::default()]),
        (totp(), code(&"1".repeat(CODE_MAX)), vec![code(""), code(&"1".repeat(CODE_MAX + 1)), both.clone()]),
        (choices(), organization("org_1"), vec![organization("org_2"), code("123456"), both]),
    ] {
        assert!(ask(step.clone(), right).is_ok(), "{step:?}");
        for wrong in wrong {
            let refusal = ask(step.clone(), wrong.clone()).unwrap_err();
            assert_eq!(refusal.code(), "request.invalid", "{step:?} {wrong:?}");
        }
    }
}

#[test]
fn the_token_of_the_provider_is_never_printed() {
    let pending = Pending { step: choices(), token: "pat_secret".into(), email: None };
    assert!(!format!("{pending:?}").contains("pat_secret"));
}
