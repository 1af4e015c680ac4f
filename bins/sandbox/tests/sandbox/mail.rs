//! Mail from lettre, the client that the product uses, read over HTTP.

use crate::support::Shared;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Attachment, MultiPart, SinglePart, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

fn lettre(shared: &Shared) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(shared.running.smtp_addr.port())
        .credentials(Credentials::new("ada".into(), "any".into()))
        .timeout(Some(Duration::from_secs(5)))
        .build()
}

fn mail(to: &str, subject: &str) -> lettre::message::MessageBuilder {
    Message::builder()
        .from("Palestra Nov\u{e0} <hello@example.com>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject(subject)
}

fn note(to: &str, subject: &str) -> Message {
    mail(to, subject).body("Hello".to_owned()).unwrap()
}

#[tokio::test]
async fn a_plain_mail_arrives_with_its_text_and_links() {
    let shared = Shared::open();
    let text = "Hello Ada,\n.a line with a dot\nverify: https://app.example.com/verify?token=1 .\n";
    lettre(&shared)
        .send(mail("Ada <ada@example.com>", "Welcome").body(text.to_owned()).unwrap())
        .await
        .unwrap();
    let seen = shared.get("/mail/messages/next?to=ada@example.com").await;
    assert_eq!(seen["subject"], "Welcome");
    assert_eq!(seen["from"], json!({"name": "Palestra Nov\u{e0}", "address": "hello@example.com"}));
    assert_eq!(seen["to"], json!([{"name": "Ada", "address": "ada@example.com"}]));
    assert_eq!(seen["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), text.trim_end());
    assert_eq!(seen["html"], json!(null));
    assert_eq!(seen["links"][0]["url"], "https://app.example.com/verify?token=1");
    assert_eq!(seen["envelope"]["user"], "ada");
    assert!(
        seen["headers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|field| field["name"] == "Subject" && field["value"] == "Welcome")
    );
}

#[tokio::test]
async fn a_mail_with_html_an_attachment_and_non_ascii_letters_arrives_whole() {
    let shared = Shared::open();
    let subject =
        "Pr\u{e9}nom \u{2013} \u{1f3cb}\u{fe0f} \u{0e2a}\u{0e27}\u{0e31}\u{0e2a}\u{0e14}\u{0e35} ".repeat(6);
    let html = r#"<p>Ciao <a href="https://app.example.com/reset?t=1&amp;l=it">Reimposta</a></p>"#;
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let pdf = Attachment::new("fattura \u{20ac}.pdf".into())
        .body(bytes.clone(), ContentType::parse("application/pdf").unwrap());
    let whole = MultiPart::mixed()
        .multipart(MultiPart::alternative_plain_html(
            "Ciao: https://app.example.com/t".to_owned(),
            html.to_owned(),
        ))
        .singlepart(pdf)
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body("inline note".to_owned()));
    let message = mail("ada@example.com", subject.trim()).bcc("archive@example.com".parse().unwrap());
    lettre(&shared).send(message.multipart(whole).unwrap()).await.unwrap();

    let seen = shared.get("/mail/messages/1").await;
    assert_eq!(seen["subject"], subject.trim());
    assert_eq!(seen["html"].as_str().unwrap().trim_end(), html);
    assert!(seen["text"].as_str().unwrap().starts_with("Ciao: "));
    assert_eq!(
        seen["links"][0],
        json!({"url": "https://app.example.com/reset?t=1&l=it", "text": "Reimposta"})
    );
    assert_eq!(seen["links"][1]["url"], "https://app.example.com/t");
    assert_eq!(
        seen["envelope"]["to"],
        json!(["ada@example.com", "archive@example.com"]),
        "blind copies are in the envelope"
    );
    assert!(!seen["headers"].to_string().contains("archive@"), "and nowhere else");
    let file = &seen["attachments"][0];
    assert_eq!(
        (file["name"].as_str(), file["content_type"].as_str()),
        (Some("fattura \u{20ac}.pdf"), Some("application/pdf"))
    );
    assert_eq!(file["size"], 70_000);

    let download = shared.call(Method::GET, "/mail/messages/1/attachments/0", None).await;
    assert_eq!(download.headers()["content-type"], "application/pdf");
    assert!(
        download.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename*=UTF-8''fattura%20")
    );
    assert_eq!(download.headers()["x-content-type-options"], "nosniff");
    assert_eq!(download.bytes().await.unwrap(), bytes);
    shared.problem(Method::GET, "/mail/messages/1/attachments/9", None, 404).await;
}

#[tokio::test]
async fn an_address_with_non_ascii_letters_is_accepted() {
    let shared = Shared::open();
    lettre(&shared).send(note("z\u{f6}e@example.com", "utf8")).await.unwrap();
    let list = shared.get("/mail/messages?to=z%C3%B6e@example.com").await;
    assert_eq!(list["data"][0]["envelope"]["to"], json!(["z\u{f6}e@example.com"]));
}

#[tokio::test]
async fn a_test_awaits_its_mail_instead_of_sleeping() {
    let shared = Shared::open();
    let (sender, path) = (lettre(&shared), "/mail/messages/next?to=ada@example.com&wait_ms=15000");
    sender.send(note("bob@example.com", "not for ada")).await.unwrap();
    let (first, ()) = tokio::join!(shared.get(path), async {
        sender.send(note("bob@example.com", "still not")).await.unwrap();
        sender.send(note("ada@example.com", "one")).await.unwrap();
    });
    assert_eq!(first["subject"], "one");
    let after = first["id"].as_u64().unwrap();
    let next_path = format!("{path}&after={after}");
    let (second, ()) = tokio::join!(shared.get(&next_path), async {
        sender.send(note("ada@example.com", "two")).await.unwrap();
    });
    assert_eq!(second["subject"], "two");
    assert_eq!(shared.get(path).await["subject"], "one", "what is there already comes at once, oldest first");
}

#[tokio::test]
async fn a_wait_for_mail_ends() {
    let shared = Shared::open();
    let began = Instant::now();
    let none =
        shared.problem(Method::GET, "/mail/messages/next?to=ada@example.com&wait_ms=120", None, 404).await;
    assert_eq!(none["code"], "mail.none_came");
    assert!(began.elapsed() >= Duration::from_millis(120));
    shared.problem(Method::GET, "/mail/messages/next?wait_ms=60001", None, 422).await;
}

#[tokio::test]
async fn the_list_is_newest_first_filtered_and_bounded() {
    let shared = Shared::open();
    let sender = lettre(&shared);
    for (to, subject) in
        [("ada@example.com", "Reset"), ("bob@example.com", "Welcome"), ("ada@other.example", "Welcome back")]
    {
        sender.send(note(to, subject)).await.unwrap();
    }
    let ids = async |path: &str| -> Vec<u64> {
        shared.get(path).await["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mail| mail["id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(ids("/mail/messages").await, [3, 2, 1]);
    assert_eq!(ids("/mail/messages?limit=1").await, [3]);
    assert_eq!(ids("/mail/messages?to=ADA@example.com").await, [1]);
    assert_eq!(ids("/mail/messages?to=ada@*").await, [3, 1]);
    assert_eq!(ids("/mail/messages?subject=welcome&after=2").await, [3]);
    for (limit, status) in [("0", 422), ("1001", 422), ("x", 400)] {
        shared.problem(Method::GET, &format!("/mail/messages?limit={limit}"), None, status).await;
    }
    assert_eq!(ids("/mail/messages?limit=1000").await.len(), 3);
    let deleted = shared.call(Method::DELETE, "/mail/messages?to=ada@*", None).await;
    assert_eq!(deleted.json::<serde_json::Value>().await.unwrap(), json!({"deleted": 2}));
    assert_eq!(ids("/mail/messages").await, [2]);
    shared.problem(Method::GET, "/mail/messages/1", None, 404).await;
    shared.problem(Method::GET, "/mail/messages/1/raw", None, 404).await;
    shared.call(Method::DELETE, "/mail/messages", None).await;
    let list = shared.get("/mail/messages").await;
    assert_eq!((list["kept"].as_u64(), list["last_id"].as_u64()), (Some(0), Some(3)));
}

#[tokio::test]
async fn the_thousand_newest_mails_are_stored() {
    let shared = Shared::open();
    let mut smtp = shared.smtp().await;
    smtp.expect(&[("EHLO t", 250)]).await;
    let one = b"MAIL FROM:<a@x.it>\r\nRCPT TO:<b@x.it>\r\nDATA\r\nSubject: x\r\n.\r\n";
    for _ in 0..1_001 {
        smtp.write(one).await;
        for code in [250, 250, 354, 250] {
            assert_eq!(smtp.reply().await.0, code);
        }
    }
    let list = shared.get("/mail/messages?limit=1000").await;
    assert_eq!((list["kept"].as_u64(), list["last_id"].as_u64()), (Some(1_000), Some(1_001)));
    assert_eq!(list["data"].as_array().unwrap().len(), 1_000);
    shared.problem(Method::GET, "/mail/messages/1", None, 404).await;
    shared.get("/mail/messages/2").await;
}

#[tokio::test]
async fn a_mail_has_the_time_of_the_shared_clock() {
    let shared = Shared::open();
    shared.post("/clock", json!({"now": "2031-03-04T05:06:07Z"})).await;
    lettre(&shared).send(note("ada@example.com", "later")).await.unwrap();
    let stamp = shared.get("/mail/messages/1").await["received_at"].as_str().unwrap().to_owned();
    assert!(stamp.starts_with("2031-03-04T05:06:"), "{stamp}");
}
