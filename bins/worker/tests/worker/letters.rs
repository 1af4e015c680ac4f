//! Events that cause letters, once each.

use crate::{
    relay::Relay,
    stage::{eventually, nothing_is_left, with_worker},
};
use chrono::{Duration, TimeDelta};
use tryzore_auth::domain_event::{
    FactorAdded, FactorRemoved, OfAnyone, OfFactor, OfUser, PasswordChanged, PasswordResetRequested,
    RecoveryCodeUsed,
};
use tryzore_events::{self as events, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, Journal, Problem};
use tryzore_rbac::{DomainEvent, Permit, SystemActor, catalogue::OwnSecurity};
use tryzore_testkit::{Database, Service, TestTenant, test_tenant::Member};

pub(crate) async fn member(studio: &TestTenant, locale: Option<&str>, email: Option<&str>) -> Member {
    let member = studio.member(studio.main).await;
    let known = "UPDATE crm.clients SET locale = $1, email = $2, phone = '+393331234567' WHERE id = $3";
    studio.sql.execute(known, &[&locale, &email, &member.client.uuid()]).await.unwrap();
    member
}

pub(crate) async fn book(studio: &TestTenant, member: Member, event: EventId) {
    let permit = studio.as_client(member, studio.main).permit::<BookEvent>().unwrap();
    let now = studio.now();
    studio
        .db
        .tenant_tx(&permit, async |tx| events::book(&permit, &mut tx.events(), event, now).await)
        .await
        .unwrap();
}

#[tokio::test]
async fn evt_09_a_client_hears_of_the_booking_at_once_and_of_the_class_two_hours_before() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    // At 11:00 one starts in two hours and a second, the other in exactly two hours.
    let later = studio.class(studio.main, 10, Duration::hours(2) + Duration::seconds(1)).await;
    let on_the_dot = studio.class(studio.main, 10, Duration::hours(2)).await;
    let ada = member(&studio, Some("it-IT"), Some("ada@example.com")).await;
    let bob = member(&studio, None, Some("bob@example.com")).await;
    let silent = member(&studio, None, None).await;
    book(&studio, ada, later).await;
    book(&studio, bob, on_the_dot).await;
    book(&studio, silent, later).await;
    with_worker(&studio, &relay, async |_| {
        eventually("three mails", async || relay.mails().len() == 3).await;
        nothing_is_left(&studio).await;
        let subject = |who: &str, what: &str| {
            let to = format!("To: {who}@example.com");
            relay.mails().iter().filter(|mail| mail.contains(&to) && mail.contains(what)).count()
        };
        assert_eq!(subject("ada", "Subject: Hai un posto: Yoga"), 1);
        assert_eq!(subject("bob", "Subject: You have a spot: Yoga"), 1);
        assert_eq!(subject("bob", "Subject: See you soon: Yoga"), 1, "at two hours exactly");
        assert_eq!(subject("ada", "A tra poco"), 0, "not a second earlier");
        studio.clock.pass(TimeDelta::minutes(1));
        eventually("the other reminder", async || subject("ada", "Subject: A tra poco: Yoga") == 1).await;
        for _ in 0..2 {
            studio.clock.pass(TimeDelta::minutes(1));
            let ran = "SELECT count(*) FROM runtime.schedule_runs WHERE schedule = 'class_reminders' AND due_at = $1
                       AND outcome = 'done'";
            let worker = studio.database.client(Service::Work).await;
            eventually("the next minute is run", async || {
                worker.query_one(ran, &[&studio.now()]).await.unwrap().get::<_, i64>(0) == 1
            })
            .await;
        }
        nothing_is_left(&studio).await;
        assert_eq!(relay.mails().len(), 4, "each once");
        assert!(relay.mails().iter().all(|mail| mail.contains("Message-ID: <job_")));
    })
    .await;
}

#[tokio::test]
async fn an_event_that_is_over_is_completed_and_what_nobody_finished_is_taken_away() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let class = studio.class(studio.main, 10, Duration::minutes(30)).await;
    book(&studio, member(&studio, None, None).await, class).await;
    let abandoned = "INSERT INTO tenancy.onboarding_sessions
                         (id, token_hash, current_step, expires_at, created_at, updated_at)
                     VALUES (gen_random_uuid(), decode(repeat('00', 32), 'hex'), 'account_created', $1, $1, $1)";
    studio.sql.execute(abandoned, &[&(studio.now() - Duration::hours(1))]).await.unwrap();
    studio.clock.pass(TimeDelta::minutes(90));
    with_worker(&studio, &relay, async |_| {
        eventually("it is completed", async || {
            studio.count("SELECT count(*) FROM events.events WHERE status = 'completed'").await == 1
        })
        .await;
        eventually("the session is archived", async || {
            studio.count("SELECT count(*) FROM tenancy.archived_onboarding_sessions").await == 1
        })
        .await;
        nothing_is_left(&studio).await;
    })
    .await;
    assert_eq!(studio.count("SELECT count(*) FROM events.bookings WHERE status = 'no_show'").await, 1);
    let worker = studio.database.client(Service::Work).await;
    let failed = "SELECT count(*) FROM runtime.schedule_runs
                  WHERE outcome IS DISTINCT FROM 'done' AND outcome IS DISTINCT FROM 'first_seen'
                     OR coalesce((details->>'failed')::bigint, 0) > 0";
    assert_eq!(worker.query_one(failed, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn aut_03_a_link_for_a_new_password_is_mailed_and_nobody_is_written_to_who_is_not_there() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let user = tryzore_kernel::UserId::generate(studio.now());
    let known =
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
                 VALUES ($1, 'ada@example.com', now(), 'Ada', 'active', now(), now())";
    studio.sql.execute(known, &[&user.uuid()]).await.unwrap();
    studio
        .db
        .auth_tx(async |tx| {
            for user in [Some(user), None] {
                tx.event_publish(PasswordResetRequested(OfAnyone { user }).published(studio.now()));
            }
            tx.event_publish(PasswordChanged(OfUser { user }).published(studio.now()));
            Ok::<_, Problem>(())
        })
        .await
        .unwrap();
    with_worker(&studio, &relay, async |_| {
        eventually("two mails", async || relay.mails().len() == 2).await;
        nothing_is_left(&studio).await;
    })
    .await;
    let mails = relay.mails().join("").replace("=3D", "=");
    assert!(
        mails.contains("Subject: Choose a new password")
            && mails.contains("Subject: Your password was changed")
    );
    let (_, token) = mails.split_once("https://app.example.com/reset-password#token=").unwrap();
    let token: String =
        token.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
    assert!(token.len() >= 43, "{token}");
    let worker = studio.database.client(Service::Work).await;
    let waiting = "SELECT count(*) FROM identity.one_time_tokens WHERE user_id = $1 AND spent_at IS NULL";
    assert_eq!(worker.query_one(waiting, &[&user.uuid()]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn aut_04_a_mail_tells_of_each_change_of_factors_and_of_each_use_of_a_recovery_code() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    let user = tryzore_kernel::UserId::generate(studio.now());
    let known =
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
                 VALUES ($1, 'ada@example.com', now(), 'Ada', 'active', now(), now())";
    studio.sql.execute(known, &[&user.uuid()]).await.unwrap();
    let factor = tryzore_kernel::FactorId::generate(studio.now());
    let permit = Permit::<OwnSecurity>::system(studio.tenant, SystemActor::SignIn);
    studio
        .db
        .tenant_tx(&permit, async |tx| {
            tx.event_publish(FactorAdded(OfFactor { user, factor }).published(studio.now()));
            tx.event_publish(RecoveryCodeUsed { user, left: 9 }.published(studio.now()));
            tx.event_publish(FactorRemoved(OfFactor { user, factor }).published(studio.now()));
            Ok::<_, Problem>(())
        })
        .await
        .unwrap();
    with_worker(&studio, &relay, async |_| {
        eventually("three mails", async || relay.mails().len() == 3).await;
        nothing_is_left(&studio).await;
    })
    .await;
    let mails = relay.mails();
    for text in [
        "Subject: A second factor was added",
        "Subject: A second factor was removed",
        "Subject: A recovery code was used",
    ] {
        assert_eq!(mails.iter().filter(|mail| mail.contains(text)).count(), 1, "{text}");
    }
    assert!(mails.iter().any(|mail| mail.contains("9 are left")));
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let (studio, relay) = (TestTenant::open_in(Database::own().await).await, Relay::open().await);
    with_worker(&studio, &relay, async |url| {
        let get = async |path: &str| crate::process::get(&url.replace("http://", ""), path).await;
        eventually("ready", async || {
            get("/health/ready").await.is_some_and(|answer| answer.contains("200 OK"))
        })
        .await;
        assert!(get("/health/live").await.unwrap().contains("live"));
        eventually("the queue is measured", async || {
            get("/metrics").await.is_some_and(|answer| answer.contains("tryzore_jobs{state=\"due\"}"))
        })
        .await;
    })
    .await;
}
