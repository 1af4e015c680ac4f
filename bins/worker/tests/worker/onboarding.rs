//! The mail that verifies the mailbox of a person who opens a tenant (ONB-05): every address gets one,
//! and only its reader learns which it is.

use crate::{
    relay::Relay,
    stage::{nothing_is_left, with_worker},
};
use chrono::{DateTime, TimeDelta};
use secrecy::SecretString;
use tokio_postgres::Client;
use tryzore_kernel::UserId;
use tryzore_tenancy::onboarding::{self, DetailsForm};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::{Database, Service, TestTenant};

const REPLACES: &str = "The password that you choose behind the link replaces the one that you have";

/// A sign-up page, the worker behind it, and what it sends.
struct OnboardingTest {
    studio: TestTenant,
    relay: Relay,
    work: Client,
}

fn bits() -> [u8; 32] {
    let half = || *UserId::generate(DateTime::UNIX_EPOCH).uuid().as_bytes();
    let mut bits = [0; 32];
    bits[..16].copy_from_slice(&half());
    bits[16..].copy_from_slice(&half());
    bits
}

impl OnboardingTest {
    async fn open() -> Self {
        let studio = TestTenant::open_in(Database::own().await).await;
        let work = studio.database.client(Service::Work).await;
        Self { studio, relay: Relay::open().await, work }
    }

    /// Someone gives a name and `email` at the first step; the token of the session.
    async fn details(&self, email: &str) -> SecretString {
        let (now, form) =
            (self.studio.now(), DetailsForm { name: "Ada Rossi".into(), email: email.to_owned() });
        let started =
            self.studio.db.auth_tx(async |tx| onboarding::start(&mut tx.tenancy(), bits(), now).await).await;
        let token = started.unwrap().token;
        let given = self
            .studio
            .db
            .auth_tx(async |tx| onboarding::give_details(&mut tx.tenancy(), &token, &form, now).await)
            .await;
        assert!(given.unwrap().success);
        token
    }

    /// Someone whose address is known, in this state.
    async fn user(&self, email: &str, status: &str) -> UserId {
        let user = UserId::generate(self.studio.now());
        let insert =
            "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
                      VALUES ($1, $2, now(), 'Ada', $3, now(), now())";
        self.studio.sql.execute(insert, &[&user.uuid(), &email, &status]).await.unwrap();
        user
    }

    /// Has a worker do all that is to be done.
    async fn work(&self) {
        with_worker(&self.studio, &self.relay, async |_| nothing_is_left(&self.studio).await).await;
    }

    /// What was sent to `email`.
    fn mails(&self, email: &str) -> Vec<String> {
        let to = format!("To: {email}\r\n");
        let mails = self.relay.mails().into_iter().filter(|mail| mail.contains(&to));
        mails.map(|mail| mail.replace("=3D", "=")).collect()
    }

    /// What the links that are out for `email` are good for.
    async fn links(&self, email: &str) -> Vec<String> {
        let open = "SELECT purpose FROM identity.one_time_tokens WHERE email = $1 AND spent_at IS NULL";
        self.work.query(open, &[&email]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }
}

#[tokio::test]
async fn onb_05_someone_new_proves_the_mailbox_and_has_nothing_to_lose() {
    let lobby = OnboardingTest::open().await;
    lobby.details("new@example.com").await;
    lobby.work().await;
    let mails = lobby.mails("new@example.com");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("https://app.example.com/onboarding#token="), "{}", mails[0]);
    assert!(mails[0].contains("24 hours") && !mails[0].contains(REPLACES), "{}", mails[0]);
    assert!(!mails[0].contains("Ada"), "whoever signs up chose the name");
    assert_eq!(lobby.links("new@example.com").await, ["email_verification"]);
    let pending =
        "SELECT count(*) FROM identity.users WHERE email = 'new@example.com' AND status = 'pending_claim'";
    assert_eq!(lobby.work.query_one(pending, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn onb_05_someone_who_signs_in_already_is_told_that_the_link_replaces_the_password() {
    let lobby = OnboardingTest::open().await;
    lobby.user("ada@example.com", "active").await;
    lobby.details("ada@example.com").await;
    lobby.work().await;
    let mails = lobby.mails("ada@example.com");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("https://app.example.com/onboarding#token="), "{}", mails[0]);
    assert!(mails[0].contains(REPLACES), "{}", mails[0]);
    assert!(mails[0].contains("your password stays as it is"), "{}", mails[0]);
    // That of a new password works for an hour, not as long as the session.
    assert!(mails[0].contains("1 hour."), "{}", mails[0]);
    assert_eq!(lobby.links("ada@example.com").await, ["password_reset"]);
    let status = "SELECT status FROM identity.users WHERE email = 'ada@example.com'";
    assert_eq!(lobby.work.query_one(status, &[]).await.unwrap().get::<_, String>(0), "active");
}

#[tokio::test]
async fn onb_05_an_owner_who_has_a_tenant_is_sent_to_the_sign_in() {
    let lobby = OnboardingTest::open().await;
    let user = lobby.user("owner@example.com", "active").await;
    let onboarded = "INSERT INTO tenancy.owner_accounts
                         (id, user_id, email, name, onboarding_completed_at, created_at, updated_at)
                     VALUES (gen_random_uuid(), $1, 'owner@example.com', 'Grace', $2, $2, $2)";
    lobby.studio.sql.execute(onboarded, &[&user.uuid(), &lobby.studio.now()]).await.unwrap();
    lobby.details("owner@example.com").await;
    lobby.work().await;
    let mails = lobby.mails("owner@example.com");
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].contains("https://app.example.com/sign-in") && !mails[0].contains("#token="),
        "{}",
        mails[0]
    );
    assert!(lobby.links("owner@example.com").await.is_empty(), "there is nothing to prove");
}

#[tokio::test]
async fn onb_05_no_mail_is_sent_for_an_expired_session() {
    let lobby = OnboardingTest::open().await;
    let given_up = lobby.details("gone@example.com").await;
    let now = lobby.studio.now();
    let abandoned = lobby
        .studio
        .db
        .auth_tx(async |tx| onboarding::abandon(&mut tx.tenancy(), &given_up, now).await)
        .await;
    abandoned.unwrap();
    lobby.details("late@example.com").await;
    // A day later the session of the other one is over as well.
    lobby.studio.clock.pass(TimeDelta::hours(24));
    lobby.details("here@example.com").await;
    lobby.work().await;
    assert_eq!(lobby.mails("here@example.com").len(), 1, "the worker works");
    for email in ["gone@example.com", "late@example.com"] {
        assert!(lobby.mails(email).is_empty(), "{email}");
        assert!(lobby.links(email).await.is_empty(), "{email}");
        let known = "SELECT count(*) FROM identity.users WHERE email = $1";
        assert_eq!(lobby.work.query_one(known, &[&email]).await.unwrap().get::<_, i64>(0), 0, "{email}");
    }
    let dead = "SELECT count(*) FROM runtime.jobs WHERE dead_at IS NOT NULL";
    assert_eq!(lobby.work.query_one(dead, &[]).await.unwrap().get::<_, i64>(0), 0);
}
