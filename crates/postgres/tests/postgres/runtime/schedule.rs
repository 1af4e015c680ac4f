//! Schedules: each run once, whoever keeps them; what was missed is caught up within bounds.

use super::queue_test::{PROGRAM, TestQueue};
use chrono::{DateTime, TimeDelta, Utc};
use tryzore_postgres::runtime::Scheduler;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn runs(queue_test: &TestQueue, like: &str) -> Vec<(DateTime<Utc>, Option<String>)> {
    let query = "SELECT due_at, outcome FROM runtime.schedule_runs WHERE schedule LIKE $1 ORDER BY due_at";
    let rows = queue_test.owner.query(query, &[&like]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn two_schedulers_run_each_minute_once() {
    let queue_test = TestQueue::open().await;
    let mut schedulers = [
        Scheduler::new(queue_test.work.clone(), &PROGRAM),
        Scheduler::new(queue_test.work.clone(), &PROGRAM),
    ];
    for _ in 0..3 {
        let [one, two] = &mut schedulers;
        let (one_ran, two_ran) = futures::join!(one.tick(), two.tick());
        assert_eq!(one_ran.unwrap() + two_ran.unwrap(), 1);
        assert_eq!(one.tick().await.unwrap(), 0, "nothing more within the minute");
        queue_test.drain().await;
        queue_test.studio.clock.pass(TimeDelta::minutes(1));
    }
    assert_eq!(
        queue_test.log(),
        ["each_minute 11:00 None", "each_minute 11:01 Some(\"11:00\")", "each_minute 11:02 Some(\"11:01\")"]
    );
    assert!(
        runs(&queue_test, "each_minute").await.iter().all(|(_, outcome)| outcome.as_deref() == Some("done"))
    );
    let details =
        "SELECT (details->>'did')::bigint FROM runtime.schedule_runs WHERE schedule = 'each_minute' LIMIT 1";
    assert_eq!(queue_test.count(details).await, 1);
}

#[tokio::test]
async fn a_run_waits_for_the_one_before_and_missed_minutes_are_one_run() {
    let queue_test = TestQueue::open().await;
    let mut scheduler = Scheduler::new(queue_test.work.clone(), &PROGRAM);
    assert_eq!(scheduler.tick().await.unwrap(), 1);
    // Nobody does it, for an hour.
    for _ in 0..60 {
        queue_test.studio.clock.pass(TimeDelta::minutes(1));
        assert_eq!(scheduler.tick().await.unwrap(), 0);
    }
    queue_test.drain().await;
    assert_eq!(scheduler.tick().await.unwrap(), 1);
    queue_test.drain().await;
    assert_eq!(queue_test.log(), ["each_minute 11:00 None", "each_minute 12:00 Some(\"11:00\")"]);
}

#[tokio::test]
async fn a_nightly_run_is_at_the_local_time_of_each_location_over_the_change_of_clocks() {
    let queue_test = TestQueue::open().await;
    queue_test.studio.clock.set(utc("2026-03-27T12:00:00Z"));
    let mut scheduler = Scheduler::new(queue_test.work.clone(), &PROGRAM);
    scheduler.tick().await.unwrap();
    assert_eq!(runs(&queue_test, "nightly@%").await.len(), 1, "first seen, and not run");
    for hour in 1..=80 {
        queue_test.studio.clock.set(utc("2026-03-27T12:00:00Z") + TimeDelta::minutes(30 * hour));
        scheduler.tick().await.unwrap();
        queue_test.drain().await;
    }
    let nights: Vec<_> = queue_test.log().into_iter().filter(|line| line.starts_with("nightly")).collect();
    // 29 March has no 02:30 in Rome: 03:30 is 01:30 UTC.
    assert_eq!(nights, ["nightly 28 01:30", "nightly 29 01:30"]);
    let name = format!("nightly@{}", queue_test.studio.main);
    assert_eq!(runs(&queue_test, &name).await.len(), 3);
}

#[tokio::test]
async fn missed_nights_are_caught_up_the_last_three_in_order() {
    let queue_test = TestQueue::open().await;
    let start = utc("2026-03-02T11:00:00Z");
    Scheduler::new(queue_test.work.clone(), &PROGRAM).tick().await.unwrap();
    // The worker is away for ten days, and another process goes on.
    queue_test.studio.clock.set(start + TimeDelta::days(10));
    let mut scheduler = Scheduler::new(queue_test.work.clone(), &PROGRAM);
    scheduler.tick().await.unwrap();
    queue_test.drain().await;
    let nights: Vec<_> = queue_test.log().into_iter().filter(|line| line.starts_with("nightly")).collect();
    assert_eq!(nights, ["nightly 10 01:30", "nightly 11 01:30", "nightly 12 01:30"]);
}

#[tokio::test]
async fn a_location_that_opens_has_its_runs_within_a_minute() {
    let queue_test = TestQueue::open().await;
    let mut scheduler = Scheduler::new(queue_test.work.clone(), &PROGRAM);
    scheduler.tick().await.unwrap();
    queue_test.studio.location("Second").await;
    queue_test.studio.clock.pass(TimeDelta::seconds(59));
    scheduler.tick().await.unwrap();
    assert_eq!(runs(&queue_test, "nightly@%").await.len(), 1);
    queue_test.studio.clock.pass(TimeDelta::seconds(1));
    scheduler.tick().await.unwrap();
    assert_eq!(runs(&queue_test, "nightly@%").await.len(), 2);
}
