use super::*;
use chrono_tz::Tz;

fn visit() -> Visit {
    Visit {
        name: "Ada".into(),
        event: "Yoga".into(),
        organization: "Main".into(),
        place: "Room 2".into(),
        starts_at: "2026-03-02T17:30:00Z".parse().unwrap(),
        zone: Tz::Europe__Rome,
    }
}

fn letters() -> Vec<Letter> {
    let (name, link) = (|| "Ada".to_owned(), || "https://app.example.com/go?token=abc&x=1".to_owned());
    let invitation = |chooses_password| {
        let organization = "Main".into();
        Letter::StaffInvitation { organization, link: link(), days: 7, chooses_password }
    };
    vec![
        Letter::EmailVerification { link: link(), hours: 24 },
        Letter::RegisteredAgain { name: name(), link: link() },
        Letter::PasswordReset { name: Some(name()), link: link(), hours: 1 },
        Letter::PasswordReset { name: None, link: link(), hours: 1 },
        Letter::PasswordChanged { name: name(), link: link() },
        invitation(true),
        invitation(false),
        Letter::OnboardingResume { link: link(), hours: 24, replaces_password: false },
        Letter::OnboardingResume { link: link(), hours: 24, replaces_password: true },
        Letter::BookingConfirmed(visit()),
        Letter::Promoted(visit()),
        Letter::CalledOff { visit: visit(), reason: Some("the teacher is ill".into()) },
        Letter::CalledOff { visit: visit(), reason: None },
        Letter::Reminder(visit()),
    ]
}

fn written(letter: &Letter, locale: Locale) -> Mail {
    render(letter, "ada@example.com".parse().unwrap(), locale).unwrap()
}

#[test]
fn every_letter_is_written_in_every_language() {
    for locale in Locale::ALL {
        let mails: Vec<_> = letters().iter().map(|letter| written(letter, locale)).collect();
        let texts: Vec<_> = mails.iter().map(|mail| format!("# {}\n{}", mail.subject, mail.text)).collect();
        insta::assert_snapshot!(locale.tag(), texts.join("\n"));
    }
}

#[test]
fn plain_text_and_html_have_the_same_text() {
    for letter in letters() {
        let mail = written(&letter, Locale::It);
        for line in mail.text.lines().filter(|line| !line.is_empty() && !line.ends_with(':')) {
            let escaped = line.replace('&', "&amp;").replace('\'', "&#x27;").replace('/', "&#x2f;");
            assert!(mail.html.contains(&escaped), "{escaped}\n{}", mail.html);
        }
    }
}

#[test]
fn typed_text_is_neither_markup_nor_a_header() {
    let malicious = Visit { event: "Yoga\r\nBcc: all@example.com <b>{{ name }}</b>".into(), ..visit() };
    let mail = written(&Letter::BookingConfirmed(malicious), Locale::En);
    assert_eq!(mail.subject, "You have a spot: Yoga Bcc: all@example.com <b>{{ name }}</b>");
    assert!(!mail.html.contains("<b>") && mail.html.contains("&lt;b&gt;"));
}

#[test]
fn a_letter_survives_a_round_trip_through_json() {
    for letter in letters() {
        let json = serde_json::to_value(&letter).unwrap();
        assert_eq!(json["letter"], letter.template());
        assert_eq!(serde_json::from_value::<Letter>(json).unwrap(), letter);
    }
}

#[test]
fn evt_09_no_reminder_is_sent_after_the_start() {
    let starts_at = visit().starts_at;
    assert_eq!(Letter::Reminder(visit()).stale_at(), Some(starts_at));
    assert_eq!(Letter::CalledOff { visit: visit(), reason: None }.stale_at(), None);
}
