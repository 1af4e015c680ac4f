//! The texts of all letters.

use crate::{
    relay::Relay,
    stage::{eventually, nothing_is_left, with_worker},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use tryzore_kernel::{Locale, Problem};
use tryzore_messaging::{AnyLetter, Mail, Templates, render};
use tryzore_postgres::runtime::{Enqueue, NewJob};
use tryzore_testkit::{Database, TestTenant};
use tryzore_worker::mail::LETTERS;

async fn mails(locale: Locale) -> Vec<Mail> {
    let mut mails = Vec::new();
    for kind in LETTERS.kinds() {
        let mut templates = LETTERS;
        let template = templates.template_find(kind.name(), locale).await.unwrap().unwrap();
        let examples = kind.examples().unwrap();
        assert!(!examples.is_empty(), "{} has no example", kind.name());
        for facts in examples {
            kind.stale_at(&facts).unwrap();
            let letter = AnyLetter { template: kind.name().into(), facts };
            let to = "ada@example.com".parse().unwrap();
            mails.push(render(&template, &letter, to, locale).unwrap_or_else(|error| {
                panic!("{} in {}: {error}", kind.name(), locale.tag());
            }));
        }
    }
    mails
}

#[tokio::test]
async fn every_letter_is_written_in_every_language() {
    for locale in Locale::ALL {
        let mails = mails(locale).await;
        let texts: Vec<_> = mails.iter().map(|mail| format!("# {}\n{}", mail.subject, mail.text)).collect();
        insta::assert_snapshot!(locale.tag(), texts.join("\n"));
    }
}

#[test]
fn every_template_belongs_to_a_letter_that_is_listed_once() {
    let mut files = Vec::new();
    for domain in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates")).unwrap() {
        for locale in Locale::ALL {
            let folder = domain.as_ref().unwrap().path().join("letters").join(locale.tag());
            for file in std::fs::read_dir(folder).into_iter().flatten() {
                let path = file.unwrap().path();
                files.push((locale.tag(), path.file_stem().unwrap().to_str().unwrap().to_owned()));
            }
        }
    }
    files.sort();
    let mut listed: Vec<_> = Locale::ALL
        .iter()
        .flat_map(|locale| LETTERS.kinds().map(|kind| (locale.tag(), kind.name().to_owned())))
        .collect();
    listed.sort();
    assert_eq!(files, listed);
    assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len());
}

async fn enqueue(studio: &TestTenant, letter: Value) {
    let post = json!({"to": "ada@example.com", "locale": "it", "letter": letter});
    let enqueued = studio.db.auth_tx(async |tx| {
        tx.job_enqueue(NewJob::new("mail.send", &post));
        Ok::<_, Problem>(())
    });
    enqueued.await.unwrap();
}

// The payloads are written out: jobs with them may wait while a newer version is installed.
#[tokio::test]
async fn a_letter_that_waits_in_the_queue_is_sent_as_it_was_stored() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let visit = |event: &str, starts_at: &str| {
        json!({"name": "Ada", "event": event, "organization": "Main", "place": "", "starts_at": starts_at,
               "zone": "Europe/Rome"})
    };
    let with = |mut facts: Value, letter: &str| {
        facts["letter"] = json!(letter);
        facts
    };
    let (past, future) = ("2001-03-02T17:30:00Z", "2099-03-02T17:30:00Z");
    enqueue(&studio, with(visit("Confirmed", past), "booking_confirmed")).await;
    enqueue(&studio, with(visit("Promoted", future), "promoted")).await;
    enqueue(&studio, with(visit("Too late", past), "promoted")).await;
    enqueue(&studio, with(visit("Reminded", future), "reminder")).await;
    enqueue(&studio, with(visit("Started", past), "reminder")).await;
    enqueue(
        &studio,
        json!({"letter": "called_off", "visit": visit("Off", past), "reason": "the teacher is ill"}),
    )
    .await;
    enqueue(
        &studio,
        json!({"letter": "email_verification", "link": "https://app.example.com/verify", "hours": 24}),
    )
    .await;
    with_worker(&studio, &relay, async |_| {
        eventually("five mails", async || relay.mails().len() == 5).await;
        nothing_is_left(&studio).await;
    })
    .await;
    let mails = relay.mails().join("\n");
    for subject in ["Hai un posto: Confirmed", "Promoted", "Reminded", "Off", "Conferma il tuo indirizzo"] {
        assert!(mails.contains(subject), "{subject}\n{mails}");
    }
    assert!(!mails.contains("Too late") && !mails.contains("Started"));
}
