//! Onboarding on real Postgres: from the first step to a tenant (ONB-01..08).

use crate::tenancy_brand::{TestPlatform, address, bits, code, locations, user};
use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use tryzore_kernel::{Email, OrganizationId, Problem, TenantId};
use tryzore_postgres::AuthTx;
use tryzore_rbac::Permit;
use tryzore_tenancy::{
    OrganizationStatus, OwnerAccount, OwnerAccounts, Verified,
    onboarding::{
        self, Claimant, PaymentsError, PaymentsSetup, RecoveryAction, RecoveryOptions, Step,
        abandon::start_over, account, payments, recovery, sweep,
    },
    permission::EditOrganization,
};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::Service;

async fn recover(env: &TestPlatform, claimant: Claimant) -> RecoveryOptions {
    let now = env.now();
    env.db.auth_tx(async |tx| recovery::options(&mut tx.tenancy(), &claimant, now).await).await.unwrap()
}

#[tokio::test]
async fn onb_05_from_the_first_step_to_a_tenant() {
    let (env, email) = (TestPlatform::shared().await, address());
    let token = env.start().await;
    let step = env.give_details(&token, &email).await.unwrap();
    assert_eq!(
        (step.success, step.next_step, step.can_go_back, step.can_skip),
        (true, Step::Account, true, false)
    );
    let step = env.prove(&token, user(), &email).await.unwrap();
    assert_eq!((step.success, step.next_step), (true, Step::Locations));
    let step = env.give_locations(&token, locations(&["Main", "Downtown"])).await.unwrap();
    assert_eq!((step.success, step.next_step), (true, Step::Complete));
    let done = env.complete(&token).await.unwrap();
    assert_eq!((done.response.next_step, done.response.can_skip), (Step::Payments, true));
    assert_eq!(done.organizations.len(), 2);

    let sql = env.sql(done.tenant).await;
    let one = async |query: &str| -> i64 { sql.query_one(query, &[]).await.unwrap().get(0) };
    assert_eq!(
        one(
            "SELECT count(*) FROM tenancy.organizations WHERE stripe_account_id IS NULL AND status = 'active'"
        )
        .await,
        2
    );
    assert_eq!(
        one("SELECT noshow_fee_minor FROM tenancy.organization_settings LIMIT 1").await,
        2500,
        "TEN-07"
    );
    assert_eq!(one("SELECT count(*) FROM rbac.roles WHERE preset IS NOT NULL").await, 6, "RBA-02");
    assert_eq!(
        one("SELECT count(*) FROM tenancy.owner_organizations WHERE role = 'owner'").await,
        2,
        "TEN-02"
    );
    assert_eq!(one("SELECT count(*) FROM rbac.assignments WHERE is_primary").await, 1);
    assert_eq!(
        one("SELECT count(*) FROM governance.audit_log WHERE action = 'onboarding.complete'").await,
        1
    );
    assert_eq!(
        one("SELECT count(*) FROM runtime.outbox WHERE kind = 'tenancy.organization_opened'").await,
        2
    );

    let kept: String = sql
        .query_one(
            "SELECT to_jsonb(s)::text FROM tenancy.onboarding_sessions s WHERE tenant_id = $1",
            &[&done.tenant.uuid()],
        )
        .await
        .unwrap()
        .get(0);
    assert!(!kept.contains(&token.expose_secret()[4..]), "only the hash of the token is stored");
}

#[tokio::test]
async fn onb_06_concurrent_completions_open_one_tenant() {
    let env = TestPlatform::shared().await;
    let token = env.ready(&address(), &["Main"]).await;
    let done: Vec<_> =
        join_all((0..6).map(|_| env.complete(&token))).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().map(|done| done.tenant).collect::<BTreeSet<_>>().len(), 1);
    assert!(done.iter().all(|other| other == &done[0]), "the same answer");
    env.clock.pass(Duration::days(30));
    assert_eq!(env.complete(&token).await.unwrap(), done[0], "and a month later");
}

#[tokio::test]
async fn onb_02_a_session_lives_24_hours() {
    let env = TestPlatform::shared().await;
    let token = env.start().await;
    env.clock.pass(Duration::hours(24) - Duration::microseconds(1));
    assert!(env.give_details(&token, &address()).await.is_ok());
    env.clock.pass(Duration::microseconds(1));
    assert_eq!(code(env.give_details(&token, &address()).await), "onboarding.session.expired");
    assert_eq!(code(env.give_details(&SecretString::from("tzn_other"), &address()).await), "not_found");
}

#[tokio::test]
async fn onb_04_steps_are_in_order_and_can_be_given_again() {
    let (env, email) = (TestPlatform::shared().await, address());
    let token = env.start().await;
    assert_eq!(code(env.give_locations(&token, locations(&["Main"])).await), "onboarding.step.out_of_order");
    assert_eq!(code(env.complete(&token).await), "onboarding.step.out_of_order");
    let wrong = env.give_details(&token, "nobody").await.unwrap();
    assert_eq!((wrong.success, wrong.next_step, wrong.can_go_back), (false, Step::Details, false));
    env.give_details(&token, &address()).await.unwrap();
    env.give_details(&token, &email).await.unwrap();
    env.prove(&token, user(), &email).await.unwrap();
    assert_eq!(code(env.give_details(&token, &address()).await), "onboarding.details.email_fixed");
    let faults = env.give_locations(&token, locations(&[])).await.unwrap();
    assert_eq!((faults.success, faults.next_step), (false, Step::Locations));
    env.give_locations(&token, locations(&["Main", "Downtown"])).await.unwrap();
    env.give_locations(&token, locations(&["Main"])).await.unwrap();
    assert_eq!(env.complete(&token).await.unwrap().organizations.len(), 1, "what was given last");
    assert_eq!(code(env.give_locations(&token, locations(&["More"])).await), "onboarding.session.complete");
}

#[tokio::test]
async fn an_existing_owner_is_refused_only_after_the_address_is_verified() {
    let (env, email) = (TestPlatform::shared().await, address());
    let token = env.ready(&email, &["Main"]).await;
    let owner = env.complete(&token).await.unwrap().user;
    let again = env.start().await;
    let step = env.give_details(&again, &email).await.unwrap();
    assert_eq!((step.success, step.next_step), (true, Step::Account), "as for an unknown address");
    let refused = env.prove(&again, owner, &email).await;
    assert_eq!(code(refused), "onboarding.account.already_onboarded");
    assert_eq!(env.give_details(&again, &email).await.unwrap().next_step, Step::Account, "nothing changed");
}

#[tokio::test]
async fn a_signed_in_user_with_that_address_needs_no_mail() {
    let (env, email) = (TestPlatform::shared().await, address());
    let token = env.start().await;
    env.give_details(&token, &email).await.unwrap();
    let settle = async |email: &str| {
        let verified = Verified { user: user(), email: email.parse().unwrap(), name: "Ada".into() };
        let now = env.now();
        env.db.auth_tx(async |tx| account::settle(&mut tx.tenancy(), &token, &verified, now).await).await
    };
    assert_eq!(code(settle(&address()).await), "onboarding.account.other_email");
    assert_eq!(settle(&email).await.unwrap().next_step, Step::Locations);
    assert_eq!(code(settle(&email).await), "onboarding.account.other_user");
}

#[tokio::test]
async fn ten_05_a_user_refers_to_their_owner_account() {
    let (env, email) = (TestPlatform::own().await, address());
    let verified = Verified {
        user: tryzore_kernel::UserId::generate(env.now()),
        email: email.parse().unwrap(),
        name: "Ada".into(),
    };
    let sql = env.database.client(Service::Work).await;
    sql.execute(
        "INSERT INTO identity.users (id, email, email_verified_at, name, status, created_at, updated_at)
         VALUES ($1, $2, now(), 'Ada', 'active', now(), now())",
        &[&verified.user.uuid(), &email],
    )
    .await
    .unwrap();
    let (bits, now) = (bits(), env.now());
    env.db.auth_tx(async |tx| start_over(&mut tx.tenancy(), &verified, bits, now).await).await.unwrap();
    let shown = async || -> i64 {
        let query = "SELECT count(*) FROM identity.users u JOIN tenancy.owner_accounts o ON o.id = u.owner_account_id";
        sql.query_one(query, &[]).await.unwrap().get(0)
    };
    assert_eq!(shown().await, 1);
    let (work, later) = (env.database.as_service(Service::Work, env.clock.clone()), now + Duration::days(8));
    let system = tryzore_rbac::SystemActor::CleanUp;
    work.platform_tx(system, async |tx| sweep(&mut tx.tenancy(), later).await).await.unwrap();
    let query = "SELECT count(*) FROM identity.users WHERE owner_account_id IS NULL";
    assert_eq!(
        (shown().await, sql.query_one(query, &[]).await.unwrap().get::<_, i64>(0)),
        (0, 1),
        "the reference is cleared together with the account"
    );
}

#[tokio::test]
async fn onb_07_recovery_follows_onboarding_until_it_is_complete() {
    let (env, email) = (TestPlatform::shared().await, address());
    let token = env.start().await;
    let by_token = async || recover(&env, Claimant::Token(token.clone())).await;
    assert_eq!(by_token().await.next_step, Some(Step::Details));
    env.give_details(&token, &email).await.unwrap();
    let user = user();
    env.prove(&token, user, &email).await.unwrap();
    let verified = Verified { user, email: email.parse().unwrap(), name: "Ada".into() };
    let as_user = async || recover(&env, Claimant::Verified(verified.clone())).await;
    assert_eq!(
        (as_user().await.action, as_user().await.next_step),
        (RecoveryAction::ResumeFromStep, Some(Step::Locations))
    );
    env.clock.pass(Duration::hours(24));
    assert_eq!(as_user().await.action, RecoveryAction::CleanupAndRetry);
    let now = env.now();
    let started =
        env.db.auth_tx(async |tx| start_over(&mut tx.tenancy(), &verified, bits(), now).await).await.unwrap();
    assert_eq!(started.session.next_step(), Some(Step::Locations));
    assert_eq!(
        recover(&env, Claimant::Token(token.clone())).await.action,
        RecoveryAction::StartFresh,
        "the old session is deleted"
    );
    env.give_locations(&started.token, locations(&["Main"])).await.unwrap();
    let done = env.complete(&started.token).await.unwrap();
    let options = as_user().await;
    assert_eq!(options.action, RecoveryAction::ManualIntervention, "ruling (a): no payments yet");
    assert_eq!(options.without_payments, done.organizations);
    let sql = env.sql(done.tenant).await;
    sql.execute("UPDATE tenancy.organizations SET stripe_account_id = 'acct_1'", &[]).await.unwrap();
    assert_eq!(as_user().await.action, RecoveryAction::AlreadyOnboarded);
    let stranger = Verified {
        user: tryzore_kernel::UserId::generate(now),
        email: address().parse().unwrap(),
        ..verified.clone()
    };
    assert_eq!(recover(&env, Claimant::Verified(stranger)).await.action, RecoveryAction::StartFresh);
}

#[tokio::test]
async fn starting_over_locks_the_session_before_the_owner_account() {
    let (env, email) = (TestPlatform::own().await, address());
    let token = env.start().await;
    env.give_details(&token, &email).await.unwrap();
    let user = user();
    env.prove(&token, user, &email).await.unwrap();
    let verified = Verified { user, email: email.parse().unwrap(), name: "Ada".into() };
    // Another request is in the middle of a step: it has locked the session, and will lock the owner
    // account.
    let step = env.database.client(Service::Api).await;
    step.batch_execute("BEGIN; SELECT FROM tenancy.onboarding_sessions FOR NO KEY UPDATE").await.unwrap();
    let now = env.now();
    let started = env.db.auth_tx(async |tx| start_over(&mut tx.tenancy(), &verified, bits(), now).await);
    let meanwhile = async {
        let waiting = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid)
                       WHERE NOT granted AND a.datname = current_database()";
        let look = env.database.client(Service::Api).await;
        while look.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        step.batch_execute("SELECT FROM tenancy.owner_accounts FOR NO KEY UPDATE NOWAIT; COMMIT").await
    };
    let (started, held) = tokio::join!(started, meanwhile);
    held.expect("the owner account is free while the session is waited for");
    let session = started.unwrap().session;
    let sessions = "SELECT count(*) FROM tenancy.onboarding_sessions WHERE id <> $1";
    let left: i64 = step.query_one(sessions, &[&session.id.uuid()]).await.unwrap().get(0);
    assert_eq!(left, 0, "the unfinished session is cleared away");
}

struct Bank(Vec<OrganizationId>);

impl PaymentsSetup for Bank {
    async fn payments_begin(
        &self,
        _: TenantId,
        at: OrganizationId,
        _: &Email,
    ) -> Result<String, PaymentsError> {
        if self.0.contains(&at) {
            Err(PaymentsError("no".into()))
        } else {
            Ok(format!("acct_{}", at.uuid().simple()))
        }
    }
}

#[tokio::test]
async fn onb_06_a_location_whose_payments_fail_stays_and_is_marked_incomplete() {
    let env = TestPlatform::shared().await;
    let token = env.ready(&address(), &["Main", "Downtown"]).await;
    let done = env.complete(&token).await.unwrap();
    let permit: Permit<EditOrganization> = Permit::system(done.tenant, tryzore_rbac::SystemActor::Onboarding);
    let settle = async |bank: Bank| {
        let (outcomes, now) = (payments::set_up(&bank, &done).await, env.now());
        env.db
            .tenant_tx(&permit, async |tx| payments::settle(&permit, &mut tx.tenancy(), &outcomes, now).await)
            .await
            .unwrap()
    };
    let failed = settle(Bank(vec![done.organizations[1]])).await.unwrap_err();
    assert_eq!(failed.organization, done.organizations[1]);
    let problem = Problem::from(failed);
    assert_eq!((problem.status, &*problem.code), (502, "onboarding.payments_failed"));
    assert!(problem.detail.contains(&done.organizations[1].to_string()), "it carries the location");
    let sql = env.sql(done.tenant).await;
    let status = async || -> Vec<String> {
        let rows = sql.query("SELECT status FROM tenancy.organizations ORDER BY id", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let mut expected = [OrganizationStatus::Active.as_str(), OrganizationStatus::Incomplete.as_str()];
    if done.organizations[0] > done.organizations[1] {
        expected.reverse();
    }
    assert_eq!(status().await, expected);
    assert_eq!(settle(Bank(vec![])).await, Ok(()), "tried again");
    assert_eq!(status().await, ["active", "active"]);
}

#[tokio::test]
async fn a_session_can_be_abandoned_but_not_after_its_tenant_is_open() {
    let env = TestPlatform::shared().await;
    let token = env.ready(&address(), &["Main"]).await;
    let abandon = async |token: &SecretString| {
        let now = env.now();
        env.db.auth_tx(async |tx| onboarding::abandon(&mut tx.tenancy(), token, now).await).await
    };
    abandon(&token).await.unwrap();
    assert_eq!(code(env.complete(&token).await), "not_found");
    let token = env.ready(&address(), &["Main"]).await;
    env.complete(&token).await.unwrap();
    assert_eq!(code(abandon(&token).await), "onboarding.session.complete");
}

#[tokio::test]
async fn onb_08_the_clean_up_archives_unfinished_onboarding() {
    let env = TestPlatform::own().await;
    let work = env.database.as_service(Service::Work, env.clock.clone());
    let sql = env.database.client(Service::Work).await;
    let one = async |query: &str| -> i64 { sql.query_one(query, &[]).await.unwrap().get(0) };
    let run = async |now: DateTime<Utc>| {
        let system = tryzore_rbac::SystemActor::CleanUp;
        let swept = work.platform_tx(system, async |tx| sweep(&mut tx.tenancy(), now).await).await.unwrap();
        (swept.sessions, swept.signups)
    };
    let (start, tick) = (env.now(), Duration::microseconds(1));
    env.complete(&env.ready(&address(), &["Main"]).await).await.unwrap();
    env.ready(&address(), &["Main"]).await;
    let expires = start + Duration::hours(24);
    assert_eq!(run(expires).await, (0, 0), "not before it has expired");
    assert_eq!(run(expires + tick).await, (1, 0), "the complete session stays");
    assert_eq!(one("SELECT count(*) FROM tenancy.archived_onboarding_sessions WHERE current_step = 'organization_pending'").await, 1);
    assert_eq!(one("SELECT count(*) FROM tenancy.onboarding_sessions").await, 1);
    let week = start + Duration::days(7);
    assert_eq!(run(week).await, (0, 0), "seven days exactly");
    assert_eq!(run(week + tick).await, (0, 1));
    assert_eq!(
        one("SELECT count(*) FROM tenancy.owner_accounts").await,
        1,
        "the owner with a location stays"
    );
    assert_eq!(one("SELECT count(*) FROM tenancy.archived_incomplete_signups").await, 1);
}

#[tokio::test]
async fn onb_02_a_session_is_found_by_its_index_and_never_from_memory() {
    let (env, email) = (TestPlatform::shared().await, address());
    // Another process, with another connection pool.
    let other = TestPlatform::shared().await;
    let token = env.start().await;
    let resume = async |env: &TestPlatform| {
        let now = env.now();
        env.db
            .auth_tx(async |tx| onboarding::resume(&mut tx.tenancy(), &token, now).await)
            .await
            .unwrap()
            .next_step()
    };
    assert_eq!(resume(&env).await, Some(Step::Details));
    other.give_details(&token, &email).await.unwrap();
    assert_eq!(resume(&env).await, Some(Step::Account), "the step is seen immediately");
    let sql = env.database.client(Service::Api).await;
    sql.batch_execute("SET enable_seqscan = off").await.unwrap();
    let plan = "EXPLAIN SELECT * FROM tenancy.onboarding_sessions WHERE token_hash = '\\x00'";
    let plan = sql.query(plan, &[]).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    assert!(plan.iter().any(|step| step.contains("onboarding_sessions_token")), "{plan:?}");
}

#[tokio::test]
async fn ten_01_an_address_and_a_user_own_one_account() {
    let (env, now) = (TestPlatform::shared().await, TestPlatform::shared().await.now());
    let long = |length: usize| -> String {
        let local = address().split('@').next().unwrap().to_owned();
        format!("{local}@{}.example.com", "x".repeat(length - local.len() - "@.example.com".len()))
    };
    assert!(long(256).parse::<Email>().is_err(), "at most 255 characters");
    let email: Email = long(255).parse().unwrap();
    let owner = OwnerAccount::new(user(), email.clone(), "n".repeat(255), now);
    assert_eq!((owner.is_enterprise, &owner.billing_email), (false, &None));
    let keep = async |owner: &OwnerAccount| {
        env.db.auth_tx(async |tx| Ok::<_, Problem>(tx.tenancy().owner_insert(owner).await?)).await
    };
    assert_eq!(keep(&owner).await, Ok(true));
    let other_user = OwnerAccount::new(user(), email.clone(), "Ada".into(), now);
    assert_eq!(keep(&other_user).await, Ok(false), "the address has an account already");
    let same_user = OwnerAccount::new(owner.user.unwrap(), address().parse().unwrap(), "Ada".into(), now);
    assert_eq!(keep(&same_user).await, Ok(false), "the user has an account already");
    let too_long = OwnerAccount::new(user(), address().parse().unwrap(), "n".repeat(256), now);
    assert!(keep(&too_long).await.is_err(), "a name of 255 characters is the longest");
    let find = async |tx: &mut AuthTx| Ok::<_, Problem>(tx.tenancy().owner_lock_by_email(&email).await?);
    let found = env.db.auth_tx(find).await.unwrap().unwrap();
    assert_eq!((found.id, found.user, found.name), (owner.id, owner.user, owner.name));
}
