//! The program as a process.

use crate::{
    letters::{book, member},
    relay::Relay,
};
use chrono::TimeDelta;
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
};
use tryzore_kernel::{Clock, Problem, SystemClock};
use tryzore_postgres::runtime::Enqueue;
use tryzore_postgres::runtime::NewJob;
use tryzore_rbac::{Permit, SystemActor, catalogue::BookEvent};
use tryzore_testkit::{Database, Service, TestTenant};

/// What `address` answers to a GET of `path`.
pub(crate) async fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

fn command(studio: &TestTenant, relay: &Relay, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tryzore-worker"));
    command
        .env("TRYZORE__DATABASE__URL", studio.database.url(Service::Work))
        .env("TRYZORE__MAIL__URL", &relay.url)
        .env("TRYZORE__HTTP__PORT", port.to_string())
        .env("TRYZORE__HTTP__DRAIN_SECONDS", "2")
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

#[tokio::test]
async fn the_program_works_and_stops_on_the_stop_signal() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut child = command(&studio, &relay, port).spawn().unwrap();
    let ready = async {
        loop {
            let answer = get(&format!("127.0.0.1:{port}"), "/health/ready").await;
            if answer.is_some_and(|answer| answer.contains("200 OK")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ready).await.unwrap();
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn the_log_follows_the_common_setting_of_all_services() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let say = async |filter: &str, format: &str| {
        let mut command = command(&studio, &relay, 0);
        command.env("TRYZORE__LOG__FILTER", filter).env("TRYZORE__LOG__FORMAT", format);
        // Nobody reads the variable of the library: one setting, not two.
        command.env("RUST_LOG", "trace").stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await;
        first.unwrap().unwrap().unwrap()
    };
    let first = say("info", "json").await;
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&first["level"], &first["fields"]["message"]), (&"INFO".into(), &"starting".into()));
    let readable = say("info", "pretty").await;
    assert!(readable.contains("INFO") && readable.contains("starting"), "{readable}");
    let louder = say("warn,tryzore_worker=info", "json").await;
    assert!(louder.contains("\"target\":\"tryzore_worker\""), "{louder}");
    let refused = say("tryzore_worker=loud", "json").await;
    assert!(refused.contains("log.filter is not valid"), "{refused}");
}

#[tokio::test]
async fn log_lines_of_a_job_name_the_job() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    studio.clock.set(SystemClock.now());
    let ada = member(&studio, None, Some("ada@example.com")).await;
    book(&studio, ada, studio.class(studio.main, 10, TimeDelta::days(1)).await).await;
    let mut command = command(&studio, &relay, 0);
    // Even the strictest filter that lets a line through must keep its job id.
    let loud =
        [("TRYZORE__LOG__FILTER", "error,tryzore_provider_smtp=info"), ("TRYZORE__LOG__FORMAT", "json")];
    let mut child = command.envs(loud).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await.unwrap();
    let line: serde_json::Value = serde_json::from_str(&first.unwrap().unwrap()).unwrap();
    assert_eq!(line["fields"]["message"], "mail handed over");
    let (span, mail) = (&line["span"], relay.mails().remove(0));
    assert_eq!((&span["name"], &span["kind"]), (&"job".into(), &"mail.send".into()), "{line}");
    assert_eq!(span["attempt"], 1);
    let job = span["id"].as_str().unwrap();
    assert!(job.starts_with("job_") && mail.contains(&format!("Message-ID: <{job}")), "{line} {mail}");
}

#[tokio::test]
async fn dead_jobs_are_listed_and_replayed_at_the_command_line() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let permit = Permit::<BookEvent>::system(studio.tenant, SystemActor::Seed);
    let job = studio
        .db
        .tenant_tx(&permit, async |tx| {
            Ok::<_, Problem>(tx.job_enqueue(NewJob::new("mail.send", &"no letter")))
        })
        .await
        .unwrap();
    let worker = studio.database.client(Service::Work).await;
    let died = "UPDATE runtime.jobs SET dead_at = now(), attempts = 1, last_error = 'no shape'";
    worker.execute(died, &[]).await.unwrap();
    let say = async |words: &[&str]| {
        let output = command(&studio, &relay, 0).args(words).output().await.unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let id = job.to_string();
    let (listed, told) = say(&["dead"]).await;
    assert!(
        listed && told.starts_with(&id) && told.contains("mail.send  after 1 attempts: no shape"),
        "{told}"
    );
    assert!(say(&["replay", &id]).await.0);
    assert!(!say(&["replay", &id]).await.0, "it waits already");
    assert_eq!(say(&["dead"]).await, (true, String::new()));
    assert!(!say(&["revive"]).await.0);
}
