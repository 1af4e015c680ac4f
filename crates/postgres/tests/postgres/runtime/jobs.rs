//! Jobs: claimed once, in order, retried, given up, taken over.

use super::queue_test::{TestQueue, note};
use chrono::TimeDelta;
use std::time::Duration;
use tryzore_kernel::{JobId, Limit, Page, Problem};
use tryzore_postgres::runtime::Enqueue;
use tryzore_postgres::runtime::{Backoff, NewJob, RunnerSettings, dead::DeadJob};
use tryzore_rbac::SystemActor;

async fn dead(queue_test: &TestQueue) -> Vec<DeadJob> {
    let page: Page<DeadJob> = queue_test
        .work
        .platform_tx(SystemActor::Worker, async |tx| tx.jobs_dead(None, None, Limit::default()).await)
        .await
        .unwrap();
    page.data
}

async fn replay(queue_test: &TestQueue, id: JobId) -> Result<bool, Problem> {
    queue_test.work.platform_tx(SystemActor::Worker, async |tx| tx.job_replay(id).await).await
}

#[tokio::test]
async fn several_runners_run_each_job_once() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue((0..400).map(|n| note(&n.to_string()))).await;
    queue_test.run_with(4, TestQueue::settings(), async || queue_test.jobs_left().await == 0).await;
    let mut log: Vec<i32> = queue_test.log().iter().map(|line| line.parse().unwrap()).collect();
    log.sort_unstable();
    assert_eq!(log, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_job_of_a_transaction_that_is_rolled_back_does_not_exist() {
    let queue_test = TestQueue::open().await;
    let permit = tryzore_rbac::Permit::<tryzore_rbac::catalogue::BookEvent>::system(
        queue_test.studio.tenant,
        SystemActor::Seed,
    );
    let undone = queue_test.studio.db.tenant_tx(&permit, async |tx| {
        tx.job_enqueue(note("never"));
        Err::<(), _>(Problem::internal("a test"))
    });
    assert!(undone.await.is_err());
    assert_eq!(queue_test.jobs_left().await, 0);
}

#[tokio::test]
async fn the_highest_priority_runs_first_then_the_oldest_and_nothing_before_its_time() {
    let queue_test = TestQueue::open().await;
    let later = queue_test.now() + TimeDelta::hours(1);
    queue_test.enqueue([note("late").at(later), note("a"), note("b"), note("urgent").priority(10)]).await;
    let one = RunnerSettings { concurrency: 1, ..TestQueue::settings() };
    queue_test.run_with(1, one.clone(), async || queue_test.jobs_left().await == 1).await;
    assert_eq!(queue_test.log(), ["urgent", "a", "b"]);
    queue_test.studio.clock.set(later);
    queue_test.run_with(1, one, async || queue_test.jobs_left().await == 0).await;
    assert_eq!(queue_test.log()[3], "late");
}

#[tokio::test]
async fn at_most_one_job_of_a_key_waits_or_runs() {
    let queue_test = TestQueue::open().await;
    queue_test
        .enqueue([note("first").dedupe("k"), note("second").dedupe("k"), note("other").dedupe("l")])
        .await;
    queue_test.enqueue([note("third").dedupe("k")]).await;
    queue_test.drain().await;
    let mut log = queue_test.log();
    log.sort();
    assert_eq!(log, ["first", "other"]);
    queue_test.enqueue([note("again").dedupe("k")]).await;
    queue_test.drain().await;
    assert_eq!(queue_test.log().len(), 3, "what is done makes room");
}

#[tokio::test]
async fn jobs_of_one_order_key_run_one_after_the_other_oldest_first() {
    let queue_test = TestQueue::open().await;
    let jobs = (0..60).map(|n| note(&format!("{} {n}", n % 3)).order(format!("key {}", n % 3)));
    queue_test.enqueue(jobs).await;
    queue_test.enqueue([NewJob::new("wait", &"x").order("w"), NewJob::new("wait", &"y").order("w")]).await;
    queue_test
        .run_with(4, TestQueue::settings(), async || {
            // Each waits until the test lets it continue; two must never wait at once.
            if queue_test.log().iter().filter(|line| line.ends_with("starts")).count()
                > queue_test.log().iter().filter(|line| line.ends_with("ends")).count()
            {
                queue_test.probe.gate.add_permits(1);
            }
            queue_test.jobs_left().await == 0
        })
        .await;
    let log = queue_test.log();
    for key in ["0", "1", "2"] {
        let ran: Vec<i32> =
            log.iter().filter_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok()).collect();
        assert!(ran.len() == 20 && ran.is_sorted(), "{key}: {ran:?}");
    }
    let waits: Vec<_> = log.iter().filter(|line| line.starts_with(['x', 'y'])).collect();
    assert_eq!(waits, ["x starts", "x ends", "y starts", "y ends"]);
}

#[tokio::test]
async fn a_dead_job_does_not_block_its_successors() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("fail", &()).order("k").attempts(2), note("after").order("k")]).await;
    queue_test.drain().await;
    assert_eq!(queue_test.log(), ["fail 1", "fail 2", "after"]);
}

#[tokio::test]
async fn a_failed_job_is_retried_later_and_given_up_after_the_last_attempt() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("fail", &()).attempts(3)]).await;
    let settings = RunnerSettings { backoff: Backoff::default(), ..TestQueue::settings() };
    for attempt in 1..=3 {
        let tried = format!("fail {attempt}");
        queue_test
            .run_with(1, settings.clone(), async || {
                let settled =
                    "SELECT count(*) FROM runtime.jobs WHERE locked_by IS NULL AND last_error = 'not today'";
                queue_test.log().last() == Some(&tried) && queue_test.count(settled).await == 1
            })
            .await;
        let row = queue_test
            .owner
            .query_one("SELECT run_at, dead_at IS NOT NULL FROM runtime.jobs", &[])
            .await
            .unwrap();
        let (run_at, is_dead): (chrono::DateTime<chrono::Utc>, bool) = (row.get(0), row.get(1));
        let wait = run_at - queue_test.now();
        assert!(wait >= TimeDelta::zero() && wait <= Backoff::default().ceiling(attempt), "{wait}");
        assert_eq!(is_dead, attempt == 3);
        queue_test.studio.clock.set(run_at);
    }
    let dead = dead(&queue_test).await;
    assert_eq!((dead[0].attempts, dead[0].last_error.as_deref()), (3, Some("not today")));

    assert!(replay(&queue_test, dead[0].id).await.unwrap());
    assert!(!replay(&queue_test, dead[0].id).await.unwrap(), "it is not dead any more");
    queue_test.run_with(1, settings, async || queue_test.log().len() == 4).await;
    assert_eq!(queue_test.log()[3], "fail 1", "as if it were new");
}

#[tokio::test]
async fn a_permanent_failure_is_given_up_at_once_and_a_panic_is_a_failure() {
    let queue_test = TestQueue::open().await;
    queue_test
        .enqueue([NewJob::new("refuse", &()), NewJob::new("panic", &()).attempts(1), NewJob::new("note", &7)])
        .await;
    queue_test.drain().await;
    let mut told: Vec<_> = dead(&queue_test)
        .await
        .into_iter()
        .map(|job| format!("{} {} {}", job.kind, job.attempts, job.last_error.unwrap()))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "note 1 payload: invalid type: integer `7`, expected a string",
            "panic 1 panicked: on fire",
            "refuse 1 never"
        ]
    );
}

#[tokio::test]
async fn a_dead_job_cannot_be_replayed_while_another_of_its_key_waits_or_runs() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("refuse", &()).dedupe("k")]).await;
    queue_test.drain().await;
    queue_test.enqueue([note("new").dedupe("k").at(queue_test.now() + TimeDelta::hours(1))]).await;
    let id = dead(&queue_test).await[0].id;
    assert_eq!(replay(&queue_test, id).await.unwrap_err().status, 409);
}

#[tokio::test]
async fn a_job_of_a_kind_that_this_worker_does_not_know_is_left_to_one_that_does() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("of_tomorrow", &()), note("known")]).await;
    queue_test.run_with(1, TestQueue::settings(), async || queue_test.log().len() == 1).await;
    assert_eq!(queue_test.count("SELECT count(*) FROM runtime.jobs WHERE attempts = 0").await, 1);
}

#[tokio::test]
async fn an_expired_lease_lets_another_worker_claim_and_a_renewed_one_does_not() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([note("taken over")]).await;
    // A worker that has claimed and died.
    let claimed = "UPDATE runtime.jobs SET locked_by = 'dead', locked_until = $1, attempts = 1";
    queue_test.owner.execute(claimed, &[&(queue_test.now() + TimeDelta::seconds(60))]).await.unwrap();
    queue_test.enqueue([note("beside")]).await;
    queue_test.run_with(1, TestQueue::settings(), async || queue_test.log() == ["beside"]).await;
    queue_test.studio.clock.pass(TimeDelta::milliseconds(59_999));
    queue_test.enqueue([note("still beside")]).await;
    queue_test.run_with(1, TestQueue::settings(), async || queue_test.log().len() == 2).await;
    assert_eq!(queue_test.log()[1], "still beside", "a lease holds to its last moment");
    queue_test.studio.clock.pass(TimeDelta::milliseconds(1));
    queue_test.drain().await;
    assert_eq!(queue_test.log()[2], "taken over");
}

#[tokio::test]
async fn a_running_job_keeps_its_lease_for_as_long_as_it_takes() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("wait", &"long")]).await;
    let settings = RunnerSettings { lease: Duration::from_millis(300), ..TestQueue::settings() };
    let mut passed = 0;
    queue_test
        .run_with(2, settings, async || {
            if passed < 20 {
                // Less than a lease, more than it takes to renew.
                queue_test.studio.clock.pass(TimeDelta::milliseconds(100));
                tokio::time::sleep(Duration::from_millis(120)).await;
                passed += 1;
            } else {
                queue_test.probe.gate.add_permits(1);
            }
            queue_test.jobs_left().await == 0
        })
        .await;
    assert_eq!(queue_test.log(), ["long starts", "long ends"]);
}

#[tokio::test]
async fn a_job_that_crashes_its_worker_every_time_is_given_up() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([note("poison").attempts(3), note("poison").attempts(3)]).await;
    let died = "UPDATE runtime.jobs SET locked_by = 'dead', locked_until = $1, attempts = $2 WHERE seq = $3";
    let lapsed = queue_test.now() - TimeDelta::seconds(1);
    for (attempts, seq) in [(3, 1_i64), (2, 2)] {
        queue_test.owner.execute(died, &[&lapsed, &attempts, &seq]).await.unwrap();
    }
    let settings = RunnerSettings { lease: Duration::from_millis(60), ..TestQueue::settings() };
    queue_test.run_with(1, settings, async || queue_test.jobs_left().await == 0).await;
    assert_eq!(queue_test.log(), ["poison"], "the one that had an attempt left");
    assert!(dead(&queue_test).await[0].last_error.as_deref().unwrap().contains("did not come back"));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing_any_more() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("wait", &"slow")]).await;
    queue_test
        .run_with(1, TestQueue::settings(), async || {
            if queue_test.log().is_empty() {
                return false;
            }
            let taken =
                "UPDATE runtime.jobs SET locked_by = 'another', locked_until = now() + interval '1 year'";
            queue_test.owner.execute(taken, &[]).await.unwrap();
            queue_test.probe.gate.add_permits(1);
            true
        })
        .await;
    assert_eq!(
        queue_test
            .count("SELECT count(*) FROM runtime.jobs WHERE locked_by = 'another' AND attempts = 1")
            .await,
        1
    );
}

#[tokio::test]
async fn a_worker_that_claims_a_job_again_settles_it_by_its_last_claim_alone() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([NewJob::new("wait", &"slow")]).await;
    let (mut step, mut first, lapsed) = (0, None, queue_test.now() - TimeDelta::seconds(1));
    let settings = RunnerSettings { concurrency: 4, ..TestQueue::settings() };
    queue_test
        .run_with(1, settings, async || {
            match (step, queue_test.log().len()) {
                // Cut off from the database for a while, it could not renew; it has renewed once at the start.
                (0, 1) => {
                    let holder = "SELECT locked_by FROM runtime.jobs";
                    let held: Option<String> = queue_test.owner.query_one(holder, &[]).await.unwrap().get(0);
                    let held = first.get_or_insert(held);
                    let lapse = "UPDATE runtime.jobs SET locked_until = $1 WHERE locked_by = $2";
                    queue_test.owner.execute(lapse, &[&lapsed, &*held]).await.unwrap();
                }
                (0, 2) => {
                    queue_test.probe.gate.add_permits(1);
                    step = 2;
                }
                // What is claimed next is claimed with the end of the first attempt, or after it.
                (2, 3) => {
                    queue_test.enqueue([note("later")]).await;
                    step = 3;
                }
                (3, 4) => {
                    let left =
                        "SELECT count(*) FROM runtime.jobs WHERE kind = 'wait' AND locked_by IS NOT NULL";
                    assert_eq!(
                        queue_test.count(left).await,
                        1,
                        "the first attempt has nothing to say any more"
                    );
                    queue_test.probe.gate.add_permits(1);
                    step = 4;
                }
                _ => {}
            }
            step == 4 && queue_test.jobs_left().await == 0
        })
        .await;
    assert_eq!(queue_test.log(), ["slow starts", "slow starts", "slow ends", "later", "slow ends"]);
}

#[tokio::test]
async fn a_runner_that_is_stopped_finishes_or_releases_its_jobs() {
    let queue_test = TestQueue::open().await;
    let settings = RunnerSettings { concurrency: 2, ..TestQueue::settings() };
    queue_test.enqueue(["a", "b", "c"].map(|name| NewJob::new("wait", &name))).await;
    // Two run and one is claimed; one of the two finishes after the stop.
    queue_test
        .run_with(1, settings, async || {
            let stop = queue_test.log().len() == 2;
            if stop {
                queue_test.probe.gate.add_permits(1);
            }
            stop
        })
        .await;
    let log = queue_test.log();
    assert_eq!(log.iter().filter(|line| line.ends_with("starts")).count(), 2);
    assert_eq!(log.iter().filter(|line| line.ends_with("ends")).count(), 1);
    let free =
        "SELECT count(*) FROM runtime.jobs WHERE locked_by IS NULL AND locked_until IS NULL AND attempts = 0";
    assert_eq!(queue_test.count(free).await, 2, "as if they had never been claimed");
}

#[tokio::test]
async fn two_claims_at_once_cannot_run_two_jobs_of_one_key() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([note("a").order("k"), note("b").order("k")]).await;
    let claim = "UPDATE runtime.jobs SET locked_by = 'x' WHERE seq = $1";
    queue_test.owner.execute(claim, &[&1_i64]).await.unwrap();
    let refused = queue_test.owner.execute(claim, &[&2_i64]).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("jobs_running"));
}

#[tokio::test]
async fn the_services_of_callers_can_enqueue_and_neither_read_nor_change_jobs() {
    let queue_test = TestQueue::open().await;
    queue_test.enqueue([note("a")]).await;
    for statement in
        ["SELECT * FROM runtime.jobs", "UPDATE runtime.jobs SET priority = 1", "DELETE FROM runtime.jobs"]
    {
        let refused = queue_test.studio.sql.execute(statement, &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{statement}");
    }
}
