//! Imports from another system: clients as a file, the schedule as a calendar; and the preview of a series before
//! it is created.
//!
//! A repeated run on the same data finds everything imported already; the checks must pass then too.

use crate::Teller;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};
use xtask::caller::{Caller, text};
use xtask::workspace::Workspace;

const PATIENCE: Duration = Duration::from_secs(180);

/// Runs the chapters as the owner, at Westside.
pub async fn tell(teller: &mut Teller, owner: &Caller) -> anyhow::Result<()> {
    let places = owner.session["available"].as_array().cloned().unwrap_or_default();
    let westside = places.iter().find(|place| place["name"] == "Westside").context("no location Westside")?;
    let westside = text(westside, "id")?;
    clients(teller, owner, &westside).await?;
    calendar(teller, owner, &westside).await?;
    preview(teller, owner, &westside).await
}

async fn clients(teller: &mut Teller, owner: &Caller, at: &str) -> anyhow::Result<()> {
    teller.chapter("Five thousand clients come along");
    let file = sample("clients.csv").await?;
    let path = checked(owner, at, file.clone()).await?;
    let dry = owner.get(&path).await?.expect(200, "the check is read")?;
    teller.says(format!("the check: {}", summary(&dry["report"])));
    let refused = dry["report"]["refused"].as_u64().unwrap_or_default();
    teller.holds("some rows are refused, and most are not", (1..500).contains(&refused))?;
    for (reason, rows) in dry["report"]["by_reason"].as_object().into_iter().flatten() {
        teller.says(format!("    {rows} because of {reason}"));
    }

    let (began, heard) = (Instant::now(), owner.follow().await?);
    owner.post(&format!("{path}/confirm"), json!({})).await?.expect(202, "the owner confirms")?;
    let heard = timeout(PATIENCE, hears(heard, "crm.import_progress")).await;
    teller.holds("the progress is told on the stream", matches!(heard, Ok(Ok(true))))?;
    let done = until(owner, &path, "finished").await?;
    let (rows, took) = (done["report"]["rows"].as_u64().unwrap_or_default(), began.elapsed());
    teller.says(format!("the run: {}", summary(&done["report"])));
    teller.says(format!("{:.0} rows a minute", 60.0 * number(rows) / took.as_secs_f64()));
    teller.holds("the run does what the check has said", done["report"] == dry["report"])?;

    let path = checked(owner, at, file).await?;
    let again = owner.get(&path).await?.expect(200, "the second check is read")?;
    teller.says(format!("the same file again: {}", summary(&again["report"])));
    teller.holds(
        "the same file again changes nothing",
        again["report"]["created"] == 0 && again["report"]["updated"] == 0,
    )
}

async fn calendar(teller: &mut Teller, owner: &Caller, at: &str) -> anyhow::Result<()> {
    teller.chapter("The schedule comes along");
    let file = sample("studio.ics").await?;
    let query = format!("/events/import?organization_id={at}&kind=class&spots_total=12");
    let import = async |query: &str| {
        let answer = owner.upload(query, "text/calendar", file.clone()).await?;
        answer.expect(200, "the calendar is read")
    };
    let dry = import(&query).await?;
    teller.holds("a calendar is only looked at unless one says otherwise", dry["dry_run"] == true)?;
    let query = format!("{query}&dry_run=false");
    let report = import(&query).await?;
    teller.says(format!(
        "{} entries: {} series and {} events created, {} unchanged; {} classes on the schedule",
        report["read"],
        report["created_series"],
        report["created_events"],
        report["unchanged"],
        report["scheduled"]
    ));
    for refused in report["refusals"].as_array().into_iter().flatten() {
        let title = refused["title"].as_str().unwrap_or_default();
        teller.says(format!("    line {}, {title}: {}", refused["line"], refused["reasons"][0]));
    }
    let sum: u64 = ["created_series", "created_events", "changed_dates", "unchanged", "refused"]
        .iter()
        .filter_map(|field| report[field].as_u64())
        .sum();
    teller.holds("every entry is accounted for", report["read"] == json!(sum))?;
    let again = import(&query).await?;
    teller.holds(
        "the same calendar again changes nothing",
        again["created_series"] == 0 && again["created_events"] == 0 && again["scheduled"] == 0,
    )
}

async fn preview(teller: &mut Teller, owner: &Caller, at: &str) -> anyhow::Result<()> {
    teller.chapter("A class keeps its hour when the clocks change");
    let draft = json!({
        "organization_id": at, "weekly": { "weekdays": ["mon"] }, "starts_on": "2026-01-05", "local_time": "18:30:00",
        "time_zone": "Europe/Rome"
    });
    let seen =
        owner.post("/event-series/preview?count=60", draft).await?.expect(200, "the owner looks ahead")?;
    let starts = seen["starts"].as_array().context("no starts")?;
    let clock = |start: &Value, field: &str| {
        start[field].as_str().and_then(|text| text.get(11..16)).unwrap_or_default().to_owned()
    };
    let changes = starts.windows(2).filter(|two| clock(&two[0], "starts_at") != clock(&two[1], "starts_at"));
    for two in changes {
        for start in two {
            teller.says(format!(
                "{}: {} on the wall, {} in UTC",
                start["local_date"].as_str().unwrap_or_default(),
                clock(start, "local_start"),
                clock(start, "starts_at")
            ));
        }
    }
    let of = |field| starts.iter().map(|start| clock(start, field)).collect::<BTreeSet<_>>();
    teller.holds(
        "for sixty weeks it is half past six on the wall",
        starts.len() == 60 && of("local_start") == BTreeSet::from(["18:30".to_owned()]),
    )?;
    let moves = BTreeSet::from(["16:30".to_owned(), "17:30".to_owned()]);
    teller.holds("and in UTC it moves by an hour", of("starts_at") == moves)
}

/// Uploads a file of clients and waits until it is checked; returns the path of the import.
async fn checked(owner: &Caller, at: &str, file: Vec<u8>) -> anyhow::Result<String> {
    let query = format!("/clients/import?organization_id={at}&file_name=clients.csv&country=IT");
    let import = owner.upload(&query, "text/csv", file).await?.expect(202, "the owner uploads a file")?;
    let path = format!("/imports/{}", text(&import, "id")?);
    until(owner, &path, "checked").await?;
    Ok(path)
}

/// Waits until the import at `path` is `state`.
async fn until(owner: &Caller, path: &str, state: &str) -> anyhow::Result<Value> {
    let began = Instant::now();
    loop {
        let import = owner.get(path).await?.expect(200, "an import is watched")?;
        match import["status"].as_str() {
            Some(now) if now == state => return Ok(import),
            Some("failed") => bail!("the story went wrong: the import failed: {}", import["failure"]),
            _ if began.elapsed() > PATIENCE => {
                bail!("the story went wrong: the import does not end: {import}")
            }
            _ => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Whether an event of `kind` arrives on a stream before it ends.
async fn hears(mut stream: reqwest::Response, kind: &str) -> anyhow::Result<bool> {
    let (line, mut heard) = (format!("event: {kind}\n"), String::new());
    while let Some(piece) = stream.chunk().await? {
        heard.push_str(&String::from_utf8_lossy(&piece));
        if heard.contains(&line) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn sample(name: &str) -> anyhow::Result<Vec<u8>> {
    let path = Workspace::here().root().join("docs/samples").join(name);
    tokio::fs::read(&path).await.with_context(|| format!("no file {}", path.display()))
}

fn summary(report: &Value) -> String {
    let of = |field: &str| report[field].as_u64().unwrap_or_default();
    format!(
        "{} rows, {} new, {} changed, {} as they were, {} refused",
        of("rows"),
        of("created"),
        of("updated"),
        of("unchanged"),
        of("refused")
    )
}

fn number(rows: u64) -> f64 {
    u32::try_from(rows).map_or(f64::MAX, f64::from)
}
