//! The SMTP server over raw sockets: order, framing, limits, logins.

use crate::support::Shared;
use reqwest::Method;
use std::time::Duration;
use tryzore_sandbox::{Credentials, Options};

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.expect(&[
        ("MAIL FROM:<a@x.it>", 503),
        ("AUTH PLAIN AGEAYg==", 503),
        ("NOOP", 250),
        ("VRFY ada", 252),
        ("HELP", 214),
        ("HELO test.example", 250),
        ("RCPT TO:<b@x.it>", 503),
        ("DATA", 503),
        ("MAIL FROM:<a@x.it>", 250),
        ("MAIL FROM:<a@x.it>", 503),
        ("DATA", 554),
        ("RCPT TO:<b@x.it>", 250),
        ("RSET", 250),
        ("DATA", 503),
        ("MAIL FROM:<>", 250),
        ("RCPT TO:<b@x.it>", 250),
        ("EHLO test.example", 250),
        ("DATA", 503),
        ("STARTTLS", 502),
        ("EXPN staff", 502),
        ("BDAT 5 LAST", 502),
        ("GET / HTTP/1.1", 500),
        ("QUIT", 221),
    ])
    .await;
    smtp.closed().await;
    assert_eq!(shared.kept().await, 0);
}

#[tokio::test]
async fn ehlo_announces_the_extensions_and_no_tls() {
    let shared = Shared::open();
    let (code, lines) = shared.smtp().await.say("EHLO test.example").await;
    assert_eq!(code, 250);
    for offer in
        ["SIZE 10000000", "8BITMIME", "SMTPUTF8", "PIPELINING", "AUTH PLAIN LOGIN", "ENHANCEDSTATUSCODES"]
    {
        assert!(lines.iter().any(|line| line == offer), "{offer} in {lines:?}");
    }
    assert!(!lines.iter().any(|line| line.contains("STARTTLS")));
}

#[tokio::test]
async fn each_kind_of_invalid_command_has_its_own_code() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.expect(&[
        ("EHLO", 501),
        ("EHLO test.example", 250),
        ("MAIL FROM a@x.it", 501),
        ("MAIL FROM:<a@x.it> BODY=9BIT", 501),
        ("MAIL FROM:<a@x.it> BODY=BINARYMIME", 555),
        ("MAIL FROM:<a@x.it> WINGS=2", 555),
        ("MAIL FROM:<a@x.it> SIZE=10000001", 552),
        ("MAIL FROM:<ad\u{e0}@x.it>", 553),
        ("MAIL FROM:<a@x.it> SIZE=10000000 BODY=8BITMIME", 250),
        ("RCPT TO:<>", 553),
        ("RCPT TO:<ad\u{e0}@x.it>", 553),
        ("RSET", 250),
        ("mail from:<ad\u{e0}@x.it> smtputf8", 250),
        ("rcpt to:<ad\u{e0}@x.it>", 250),
    ])
    .await;
}

#[tokio::test]
async fn the_twentieth_mistake_closes_the_connection() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.expect(&[("BLAH", 500); 19]).await;
    smtp.expect(&[("NOOP", 250), ("BLAH", 421)]).await;
    smtp.closed().await;
}

#[tokio::test]
async fn dots_are_unstuffed_also_on_the_first_line_and_the_source_is_stored_byte_for_byte() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.begin(&["ada@x.it"]).await;
    smtp.expect(&[("..first: dot\r\nSubject: dots\r\n\r\n..\r\n...two\r\na.b\r\n\tend \r\n.", 250)]).await;
    let raw = shared.call(Method::GET, "/mail/messages/1/raw", None).await;
    assert_eq!(raw.headers()["content-type"], "message/rfc822");
    assert_eq!(
        raw.text().await.unwrap(),
        ".first: dot\r\nSubject: dots\r\n\r\n.\r\n..two\r\na.b\r\n\tend \r\n"
    );
}

#[tokio::test]
async fn an_empty_mail_is_a_mail() {
    let shared = Shared::open();
    assert_eq!(shared.send("ada@x.it", "Subject: one").await, 250);
    let mut smtp = shared.smtp().await;
    smtp.begin(&["ada@x.it"]).await;
    smtp.expect(&[(".", 250), ("QUIT", 221)]).await;
    let mail = shared.get("/mail/messages/2").await;
    assert_eq!((mail["size"].as_u64(), mail["subject"].as_str()), (Some(0), Some("")));
}

#[tokio::test]
async fn no_mail_is_smuggled_in_behind_a_loose_end() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.begin(&["ada@x.it"]).await;
    for loose in ["\n.\r\n", "\r\n.\n", "\r.\r\n", "\n.\n"] {
        smtp.write(format!("x{loose}MAIL FROM:<evil@x.it>\r\n").as_bytes()).await;
    }
    smtp.expect(&[("\r\n.", 250), ("NOOP", 250), ("QUIT", 221)]).await;
    assert_eq!(shared.kept().await, 1);
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order_and_a_refused_recipient_stops_no_other() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.write(
        b"EHLO t\r\nMAIL FROM:<a@x.it>\r\nRCPT TO:<b@x.it>\r\nRCPT TO:<>\r\nRCPT TO:<c@x.it>\r\nDATA\r\n\
          Subject: 1\r\n\r\none\r\n.\r\nMAIL FROM:<a@x.it>\r\nRCPT TO:<d@x.it>\r\nDATA\r\nSubject: 2\r\n\r\ntwo\r\n.\r\nQUIT\r\n",
    )
    .await;
    for code in [250, 250, 250, 553, 250, 354, 250, 250, 250, 354, 250, 221] {
        assert_eq!(smtp.reply().await.0, code);
    }
    smtp.closed().await;
    let list = shared.get("/mail/messages").await;
    assert_eq!(list["data"][0]["subject"], "2");
    assert_eq!(list["data"][1]["envelope"]["to"], serde_json::json!(["b@x.it", "c@x.it"]));
}

#[tokio::test]
async fn a_slow_client_may_send_byte_by_byte() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    let talk = "EHLO t\r\nMAIL FROM:<a@x.it>\r\nRCPT TO:<b@x.it>\r\nDATA\r\nSubject: slow\r\n\r\n..x\r\n.\r\nQUIT\r\n";
    for byte in talk.bytes() {
        smtp.write(&[byte]).await;
        tokio::task::yield_now().await;
    }
    for code in [250, 250, 250, 354, 250, 221] {
        assert_eq!(smtp.reply().await.0, code);
    }
    assert_eq!(shared.get("/mail/messages/1").await["text"], ".x\r\n");
}

#[tokio::test]
async fn a_silent_client_gets_a_reply_and_is_disconnected() {
    let idle = Duration::from_millis(150);
    let shared = Shared::with(Options { smtp_idle: idle, ..Options::any_ports() });
    let mut silent = shared.smtp().await;
    assert_eq!(silent.reply().await.0, 421);
    silent.closed().await;
    let mut in_data = shared.smtp().await;
    in_data.begin(&["ada@x.it"]).await;
    in_data.write(b"Subject: never ends\r\n").await;
    assert_eq!(in_data.reply().await.0, 421);
    in_data.closed().await;
    assert_eq!(shared.kept().await, 0);
}

#[tokio::test]
async fn a_client_that_disconnects_in_the_middle_leaves_no_mail() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.begin(&["ada@x.it"]).await;
    smtp.write(b"Subject: half\r\n\r\nhal").await;
    drop(smtp);
    assert_eq!(shared.send("ada@x.it", "Subject: whole").await, 250);
    assert_eq!(shared.get("/mail/messages").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_of_ten_megabytes_is_accepted_and_one_byte_more_is_not() {
    let shared = Shared::open();
    for (size, code) in [(10_000_000, 250), (10_000_001, 552), (12_000_000, 552)] {
        let mut smtp = shared.smtp().await;
        smtp.begin(&["ada@x.it"]).await;
        let mut mail = "Subject: big\r\n\r\n".to_owned();
        let line = format!("{}\r\n", "x".repeat(98));
        mail.push_str(&line.repeat((size - mail.len()) / line.len() - 1));
        let rest = size - mail.len() - 2;
        mail.push_str(&format!("{}\r\n", "y".repeat(rest)));
        assert_eq!(mail.len(), size);
        smtp.write(mail.as_bytes()).await;
        // Refused or accepted, the conversation goes on.
        smtp.expect(&[(".", code), ("NOOP", 250)]).await;
    }
    let list = shared.get("/mail/messages").await;
    assert_eq!((list["kept"].as_u64(), list["data"][0]["size"].as_u64()), (Some(1), Some(10_000_000)));
}

#[tokio::test]
async fn a_line_of_998_bytes_is_accepted_and_one_byte_more_is_not() {
    let shared = Shared::open();
    assert_eq!(shared.send("ada@x.it", &format!("Subject: x\r\n\r\n{}", "x".repeat(998))).await, 250);
    assert_eq!(shared.send("ada@x.it", &format!("Subject: x\r\n\r\n{}", "x".repeat(999))).await, 554);
}

#[tokio::test]
async fn a_command_line_of_2048_bytes_is_accepted_and_a_longer_one_is_not() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.expect(&[
        (&format!("NOOP {}", "x".repeat(2048 - 7)), 250),
        (&format!("NOOP {}", "x".repeat(2049 - 7)), 500),
        (&format!("NOOP {}", "x".repeat(200_000)), 500),
        ("NOOP", 250),
    ])
    .await;
}

#[tokio::test]
async fn a_mail_has_at_most_a_hundred_recipients() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.expect(&[("EHLO t", 250), ("MAIL FROM:<a@x.it>", 250)]).await;
    for n in 0..100 {
        smtp.expect(&[(&format!("RCPT TO:<r{n}@x.it>"), 250)]).await;
    }
    smtp.expect(&[("RCPT TO:<r100@x.it>", 452), ("DATA", 354), ("Subject: many\r\n.", 250)]).await;
    assert_eq!(shared.get("/mail/messages/1").await["envelope"]["to"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn without_a_configured_login_any_login_succeeds() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    // NUL ada NUL secret
    smtp.expect(&[
        ("EHLO t", 250),
        ("AUTH PLAIN AGFkYQBzZWNyZXQ=", 235),
        ("AUTH PLAIN AGFkYQBzZWNyZXQ=", 503),
    ])
    .await;
    smtp.expect(&[
        ("MAIL FROM:<a@x.it>", 250),
        ("RCPT TO:<b@x.it>", 250),
        ("DATA", 354),
        ("Subject: x\r\n.", 250),
    ])
    .await;
    assert_eq!(shared.get("/mail/messages/1").await["envelope"]["user"], "ada");
}

#[tokio::test]
async fn with_a_configured_login_no_other_succeeds() {
    let login = Credentials { user: "ada".into(), password: "secret".into() };
    let shared = Shared::with(Options { smtp_login: Some(login), ..Options::any_ports() });
    let mut smtp = shared.smtp().await;
    smtp.expect(&[
        ("EHLO t", 250),
        ("MAIL FROM:<a@x.it>", 530),
        ("AUTH CRAM-MD5", 504),
        ("AUTH PLAIN AGFkYQB3cm9uZw==", 535),
        ("AUTH PLAIN !", 501),
        ("AUTH PLAIN YWRh", 501),
        ("AUTH LOGIN", 334),
        ("*", 501),
        ("AUTH LOGIN", 334),
        ("YWRh", 334),
        ("c2VjcmV0", 235),
        ("MAIL FROM:<a@x.it>", 250),
    ])
    .await;
    let mut plain = shared.smtp().await;
    plain
        .expect(&[
            ("EHLO t", 250),
            ("AUTH PLAIN", 334),
            ("AGFkYQBzZWNyZXQ=", 235),
            ("MAIL FROM:<a@x.it>", 250),
        ])
        .await;
}

#[tokio::test]
async fn a_stop_notifies_connected_clients_and_frees_the_ports() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.begin(&["ada@x.it"]).await;
    let (smtp_port, http) = (shared.running.smtp_addr.port(), shared.running.http_url.clone());
    let stream = shared.http.get(format!("{http}/stream")).send().await.unwrap();
    tokio::task::spawn_blocking(move || shared.running.stop()).await.unwrap();
    assert_eq!(smtp.reply().await.0, 421);
    smtp.closed().await;
    assert!(stream.text().await.unwrap().starts_with("retry:"), "the stream came to its end");
    let http_port = http.rsplit_once(':').unwrap().1.parse().unwrap();
    let again = Shared::with(Options { http_port, smtp_port, ..Options::default() });
    assert_eq!(again.send("ada@x.it", "Subject: again").await, 250);
}
