//! Jobs: claimed once, in order, tried again, given up, taken over.

use super::shop::{Shop, note};
use chrono::TimeDelta;
use std::time::Duration;
use tryzore_kernel::{JobId, Limit, Page, Problem};
use tryzore_postgres::runtime::{Backoff, NewJob, RunnerSettings, dead::DeadJob};
use tryzore_rbac::SystemActor;

async fn dead(shop: &Shop) -> Vec<DeadJob> {
    let page: Page<DeadJob> = shop
        .work
        .platform_tx(SystemActor::Worker, async |tx| tx.jobs_dead(None, None, Limit::default()).await)
        .await
        .unwrap();
    page.data
}

async fn replay(shop: &Shop, id: JobId) -> Result<bool, Problem> {
    shop.work.platform_tx(SystemActor::Worker, async |tx| tx.job_replay(id).await).await
}

#[tokio::test]
async fn several_runners_run_each_job_once() {
    let shop = Shop::open().await;
    shop.enqueue((0..400).map(|n| note(&n.to_string()))).await;
    shop.run_with(4, Shop::settings(), async || shop.jobs_left().await == 0).await;
    let mut log: Vec<i32> = shop.log().iter().map(|line| line.parse().unwrap()).collect();
    log.sort_unstable();
    assert_eq!(log, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_job_of_a_transaction_that_is_undone_is_none() {
    let shop = Shop::open().await;
    let permit = tryzore_rbac::Permit::<tryzore_rbac::catalogue::BookEvent>::system(
        shop.studio.tenant,
        SystemActor::Seed,
    );
    let undone = shop.studio.db.tenant_tx(&permit, async |tx| {
        tx.job_enqueue(note("never"));
        Err::<(), _>(Problem::internal("a test"))
    });
    assert!(undone.await.is_err());
    assert_eq!(shop.jobs_left().await, 0);
}

#[tokio::test]
async fn the_highest_priority_runs_first_then_the_oldest_and_nothing_before_its_time() {
    let shop = Shop::open().await;
    let later = shop.now() + TimeDelta::hours(1);
    shop.enqueue([note("late").at(later), note("a"), note("b"), note("urgent").priority(10)]).await;
    let one = RunnerSettings { concurrency: 1, ..Shop::settings() };
    shop.run_with(1, one.clone(), async || shop.jobs_left().await == 1).await;
    assert_eq!(shop.log(), ["urgent", "a", "b"]);
    shop.studio.clock.set(later);
    shop.run_with(1, one, async || shop.jobs_left().await == 0).await;
    assert_eq!(shop.log()[3], "late");
}

#[tokio::test]
async fn at_most_one_job_of_a_key_waits_or_runs() {
    let shop = Shop::open().await;
    shop.enqueue([note("first").dedupe("k"), note("second").dedupe("k"), note("other").dedupe("l")]).await;
    shop.enqueue([note("third").dedupe("k")]).await;
    shop.drain().await;
    let mut log = shop.log();
    log.sort();
    assert_eq!(log, ["first", "other"]);
    shop.enqueue([note("again").dedupe("k")]).await;
    shop.drain().await;
    assert_eq!(shop.log().len(), 3, "what is done makes room");
}

#[tokio::test]
async fn jobs_of_one_order_key_run_one_after_the_other_oldest_first() {
    let shop = Shop::open().await;
    let jobs = (0..60).map(|n| note(&format!("{} {n}", n % 3)).order(format!("key {}", n % 3)));
    shop.enqueue(jobs).await;
    shop.enqueue([NewJob::new("wait", &"x").order("w"), NewJob::new("wait", &"y").order("w")]).await;
    shop.run_with(4, Shop::settings(), async || {
        // Each waits until the test lets it go on; never do two wait at once.
        if shop.log().iter().filter(|line| line.ends_with("starts")).count()
            > shop.log().iter().filter(|line| line.ends_with("ends")).count()
        {
            shop.probe.gate.add_permits(1);
        }
        shop.jobs_left().await == 0
    })
    .await;
    let log = shop.log();
    for key in ["0", "1", "2"] {
        let ran: Vec<i32> =
            log.iter().filter_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok()).collect();
        assert!(ran.len() == 20 && ran.is_sorted(), "{key}: {ran:?}");
    }
    let waits: Vec<_> = log.iter().filter(|line| line.starts_with(['x', 'y'])).collect();
    assert_eq!(waits, ["x starts", "x ends", "y starts", "y ends"]);
}

#[tokio::test]
async fn a_job_that_was_given_up_does_not_hold_up_its_successors() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("fail", &()).order("k").attempts(2), note("after").order("k")]).await;
    shop.drain().await;
    assert_eq!(shop.log(), ["fail 1", "fail 2", "after"]);
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_given_up_after_the_last_attempt() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("fail", &()).attempts(3)]).await;
    let settings = RunnerSettings { backoff: Backoff::default(), ..Shop::settings() };
    for attempt in 1..=3 {
        let tried = format!("fail {attempt}");
        shop.run_with(1, settings.clone(), async || {
            let settled =
                "SELECT count(*) FROM runtime.jobs WHERE locked_by IS NULL AND last_error = 'not today'";
            shop.log().last() == Some(&tried) && shop.count(settled).await == 1
        })
        .await;
        let row =
            shop.owner.query_one("SELECT run_at, dead_at IS NOT NULL FROM runtime.jobs", &[]).await.unwrap();
        let (run_at, is_dead): (chrono::DateTime<chrono::Utc>, bool) = (row.get(0), row.get(1));
        let wait = run_at - shop.now();
        assert!(wait >= TimeDelta::zero() && wait <= Backoff::default().ceiling(attempt), "{wait}");
        assert_eq!(is_dead, attempt == 3);
        shop.studio.clock.set(run_at);
    }
    let dead = dead(&shop).await;
    assert_eq!((dead[0].attempts, dead[0].last_error.as_deref()), (3, Some("not today")));

    assert!(replay(&shop, dead[0].id).await.unwrap());
    assert!(!replay(&shop, dead[0].id).await.unwrap(), "it is not dead any more");
    shop.run_with(1, settings, async || shop.log().len() == 4).await;
    assert_eq!(shop.log()[3], "fail 1", "as if it were new");
}

#[tokio::test]
async fn what_cannot_help_is_given_up_at_once_and_a_panic_is_a_failure() {
    let shop = Shop::open().await;
    shop.enqueue([
        NewJob::new("refuse", &()),
        NewJob::new("panic", &()).attempts(1),
        NewJob::new("note", &7),
    ])
    .await;
    shop.drain().await;
    let mut told: Vec<_> = dead(&shop)
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
async fn a_job_that_was_given_up_cannot_come_back_beside_another_of_its_key() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("refuse", &()).dedupe("k")]).await;
    shop.drain().await;
    shop.enqueue([note("new").dedupe("k").at(shop.now() + TimeDelta::hours(1))]).await;
    let id = dead(&shop).await[0].id;
    assert_eq!(replay(&shop, id).await.unwrap_err().status, 409);
}

#[tokio::test]
async fn a_job_of_a_kind_that_this_worker_does_not_know_is_left_to_one_that_does() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("of_tomorrow", &()), note("known")]).await;
    shop.run_with(1, Shop::settings(), async || shop.log().len() == 1).await;
    assert_eq!(shop.count("SELECT count(*) FROM runtime.jobs WHERE attempts = 0").await, 1);
}

#[tokio::test]
async fn a_lease_that_ends_makes_room_for_another_worker_and_one_that_is_renewed_does_not() {
    let shop = Shop::open().await;
    shop.enqueue([note("taken over")]).await;
    // A worker that has claimed and died.
    let claimed = "UPDATE runtime.jobs SET locked_by = 'dead', locked_until = $1, attempts = 1";
    shop.owner.execute(claimed, &[&(shop.now() + TimeDelta::seconds(60))]).await.unwrap();
    shop.enqueue([note("beside")]).await;
    shop.run_with(1, Shop::settings(), async || shop.log() == ["beside"]).await;
    shop.studio.clock.pass(TimeDelta::milliseconds(59_999));
    shop.enqueue([note("still beside")]).await;
    shop.run_with(1, Shop::settings(), async || shop.log().len() == 2).await;
    assert_eq!(shop.log()[1], "still beside", "a lease holds to its last moment");
    shop.studio.clock.pass(TimeDelta::milliseconds(1));
    shop.drain().await;
    assert_eq!(shop.log()[2], "taken over");
}

#[tokio::test]
async fn a_running_job_keeps_its_lease_for_as_long_as_it_takes() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("wait", &"long")]).await;
    let settings = RunnerSettings { lease: Duration::from_millis(300), ..Shop::settings() };
    let mut passed = 0;
    shop.run_with(2, settings, async || {
        if passed < 20 {
            // Less than a lease, more than it takes to renew.
            shop.studio.clock.pass(TimeDelta::milliseconds(100));
            tokio::time::sleep(Duration::from_millis(120)).await;
            passed += 1;
        } else {
            shop.probe.gate.add_permits(1);
        }
        shop.jobs_left().await == 0
    })
    .await;
    assert_eq!(shop.log(), ["long starts", "long ends"]);
}

#[tokio::test]
async fn a_job_that_takes_its_worker_down_every_time_is_given_up() {
    let shop = Shop::open().await;
    shop.enqueue([note("poison").attempts(3), note("poison").attempts(3)]).await;
    let died = "UPDATE runtime.jobs SET locked_by = 'dead', locked_until = $1, attempts = $2 WHERE seq = $3";
    let lapsed = shop.now() - TimeDelta::seconds(1);
    for (attempts, seq) in [(3, 1_i64), (2, 2)] {
        shop.owner.execute(died, &[&lapsed, &attempts, &seq]).await.unwrap();
    }
    let settings = RunnerSettings { lease: Duration::from_millis(60), ..Shop::settings() };
    shop.run_with(1, settings, async || shop.jobs_left().await == 0).await;
    assert_eq!(shop.log(), ["poison"], "the one that had an attempt left");
    assert!(dead(&shop).await[0].last_error.as_deref().unwrap().contains("did not come back"));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing_any_more() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("wait", &"slow")]).await;
    shop.run_with(1, Shop::settings(), async || {
        if shop.log().is_empty() {
            return false;
        }
        let taken = "UPDATE runtime.jobs SET locked_by = 'another', locked_until = now() + interval '1 year'";
        shop.owner.execute(taken, &[]).await.unwrap();
        shop.probe.gate.add_permits(1);
        true
    })
    .await;
    assert_eq!(
        shop.count("SELECT count(*) FROM runtime.jobs WHERE locked_by = 'another' AND attempts = 1").await,
        1
    );
}

#[tokio::test]
async fn a_worker_that_claims_a_job_again_settles_it_by_its_last_claim_alone() {
    let shop = Shop::open().await;
    shop.enqueue([NewJob::new("wait", &"slow")]).await;
    let (mut step, mut first, lapsed) = (0, None, shop.now() - TimeDelta::seconds(1));
    let settings = RunnerSettings { concurrency: 4, ..Shop::settings() };
    shop.run_with(1, settings, async || {
        match (step, shop.log().len()) {
            // Cut off from the database for a while, it could not renew; it has renewed once at the start.
            (0, 1) => {
                let holder = "SELECT locked_by FROM runtime.jobs";
                let held: Option<String> = shop.owner.query_one(holder, &[]).await.unwrap().get(0);
                let held = first.get_or_insert(held);
                let lapse = "UPDATE runtime.jobs SET locked_until = $1 WHERE locked_by = $2";
                shop.owner.execute(lapse, &[&lapsed, &*held]).await.unwrap();
            }
            (0, 2) => {
                shop.probe.gate.add_permits(1);
                step = 2;
            }
            // What is claimed next is claimed with the end of the first attempt, or after it.
            (2, 3) => {
                shop.enqueue([note("later")]).await;
                step = 3;
            }
            (3, 4) => {
                let left = "SELECT count(*) FROM runtime.jobs WHERE kind = 'wait' AND locked_by IS NOT NULL";
                assert_eq!(shop.count(left).await, 1, "the first attempt has nothing to say any more");
                shop.probe.gate.add_permits(1);
                step = 4;
            }
            _ => {}
        }
        step == 4 && shop.jobs_left().await == 0
    })
    .await;
    assert_eq!(shop.log(), ["slow starts", "slow starts", "slow ends", "later", "slow ends"]);
}

#[tokio::test]
async fn a_runner_that_is_stopped_finishes_or_gives_back() {
    let shop = Shop::open().await;
    let settings = RunnerSettings { concurrency: 2, ..Shop::settings() };
    shop.enqueue(["a", "b", "c"].map(|name| NewJob::new("wait", &name))).await;
    // Two run and one is claimed; one of the two finishes after the stop.
    shop.run_with(1, settings, async || {
        let stop = shop.log().len() == 2;
        if stop {
            shop.probe.gate.add_permits(1);
        }
        stop
    })
    .await;
    let log = shop.log();
    assert_eq!(log.iter().filter(|line| line.ends_with("starts")).count(), 2);
    assert_eq!(log.iter().filter(|line| line.ends_with("ends")).count(), 1);
    let free =
        "SELECT count(*) FROM runtime.jobs WHERE locked_by IS NULL AND locked_until IS NULL AND attempts = 0";
    assert_eq!(shop.count(free).await, 2, "as if they had never been claimed");
}

#[tokio::test]
async fn two_claims_at_once_cannot_run_two_jobs_of_one_key() {
    let shop = Shop::open().await;
    shop.enqueue([note("a").order("k"), note("b").order("k")]).await;
    let claim = "UPDATE runtime.jobs SET locked_by = 'x' WHERE seq = $1";
    shop.owner.execute(claim, &[&1_i64]).await.unwrap();
    let refused = shop.owner.execute(claim, &[&2_i64]).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("jobs_running"));
}

#[tokio::test]
async fn the_services_of_callers_can_enqueue_and_neither_read_nor_change_jobs() {
    let shop = Shop::open().await;
    shop.enqueue([note("a")]).await;
    for statement in
        ["SELECT * FROM runtime.jobs", "UPDATE runtime.jobs SET priority = 1", "DELETE FROM runtime.jobs"]
    {
        let refused = shop.studio.sql.execute(statement, &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{statement}");
    }
}
