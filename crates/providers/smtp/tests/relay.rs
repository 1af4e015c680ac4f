//! Tests with a relay whose answers the test chooses.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tryzore_messaging::{Mail, MailError, Mailer, MessageId};
use tryzore_provider_smtp::{MailSettings, Smtp};

/// Starts a relay on a port of this machine that answers `answer` to the line that starts with `verb`.
async fn relay(verb: &'static str, answer: &'static str) -> (Smtp, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let received = Arc::new(Mutex::new(Vec::new()));
    let seen = received.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let seen = seen.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let (mut lines, mut in_data) = (BufReader::new(read).lines(), false);
                write.write_all(b"220 relay\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    seen.lock().unwrap().push(line.clone());
                    let usual = match (in_data, line.as_str()) {
                        (true, ".") => "250 taken",
                        (true, _) => continue,
                        (false, "DATA") => "354 go on",
                        (false, "QUIT") => "221 bye",
                        (false, _) => "250 fine",
                    };
                    let told = if line.starts_with(verb) { answer } else { usual };
                    in_data = told.starts_with("354");
                    let _ = write.write_all(format!("{told}\r\n").as_bytes()).await;
                }
            });
        }
    });
    (Smtp::new(&MailSettings::new(url, "TryZore <hello@example.com>")).unwrap(), received)
}

fn mail() -> Mail {
    Mail {
        to: "ada@example.com".parse().unwrap(),
        subject: "Più tardi".into(),
        text: "Ciao Ada\n".into(),
        html: "<p>Ciao Ada</p>".into(),
    }
}

fn id() -> MessageId {
    MessageId::new("job_01", "example.com")
}

#[tokio::test]
async fn a_mail_is_handed_over_with_the_id_of_its_job_and_both_bodies() {
    let (smtp, received) = relay("nothing", "").await;
    assert_eq!(smtp.domain(), "example.com");
    smtp.mail_send(&mail(), &id()).await.unwrap();
    let lines = received.lock().unwrap().join("\n");
    for expected in [
        "MAIL FROM:<hello@example.com>",
        "RCPT TO:<ada@example.com>",
        "Message-ID: <job_01@example.com>",
        "From: TryZore <hello@example.com>",
        "Subject: =?utf-8?b?",
        "Content-Type: multipart/alternative",
        "Content-Type: text/html; charset=utf-8",
    ] {
        assert!(lines.contains(expected), "{expected} in\n{lines}");
    }
}

#[tokio::test]
async fn a_5yz_answer_is_permanent_and_any_other_failure_is_not() {
    for (verb, answer, permanent) in [
        ("RCPT", "550 no such mailbox", true),
        ("RCPT", "450 mailbox busy", false),
        ("DATA", "554 refused", true),
        ("DATA", "451 try later", false),
        ("EHLO", "421 too busy", false),
    ] {
        let (smtp, _) = relay(verb, answer).await;
        let error = smtp.mail_send(&mail(), &id()).await.unwrap_err();
        assert_eq!(matches!(error, MailError::Permanent(_)), permanent, "{verb} {answer}: {error}");
        assert!(error.to_string().contains(&answer[4..]), "{error}");
    }
}

#[tokio::test]
async fn an_unreachable_relay_is_a_temporary_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    drop(listener);
    let smtp = Smtp::new(&MailSettings::new(url, "hello@example.com")).unwrap();
    assert!(matches!(smtp.mail_send(&mail(), &id()).await, Err(MailError::Temporary(_))));
}
