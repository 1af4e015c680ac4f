//! Operators change each other at the same moment (RBA-04). The last super admin is a matter of the whole
//! database, so each test has its own.

use futures::future::join_all;
use tokio_postgres::error::SqlState;
use tryzore_kernel::{Problem, SessionId, UserId};
use tryzore_rbac::{
    Actor, Effect, PlatformGrants, PlatformPermit, PlatformRole, PlatformSlug,
    operators::{self, Appointment, ChangeNote, Operator, OperatorOverrideForm, OperatorStatus},
    platform::ManageOperators,
};
use tryzore_rbac_postgres::Rbac;
use tryzore_testkit::{
    Database, Service, TestTenant,
    operator::{appoint_as, candidate},
};

async fn own() -> TestTenant {
    TestTenant::open_in(Database::own().await).await
}

/// The permit that `user` got before the transaction of the change began.
fn permit(studio: &TestTenant, user: UserId) -> PlatformPermit<ManageOperators> {
    let actor = Actor::User { user, session: SessionId::generate(studio.now()) };
    PlatformGrants::compile(actor, studio.tenant, PlatformSlug::ALL).unwrap().permit().unwrap()
}

fn note(version: i32) -> ChangeNote {
    ChangeNote { reason: "test".into(), version }
}

async fn dismiss(studio: &TestTenant, by: UserId, whom: UserId) -> Result<Operator, Problem> {
    let (permit, now) = (permit(studio, by), studio.now());
    let dismiss = async |tx: &mut tryzore_postgres::PlatformTx| {
        operators::dismiss(&permit, &mut tx.rbac(), whom, note(1), now).await
    };
    studio.db.operator_tx(&permit, dismiss).await
}

async fn count(studio: &TestTenant, of: &str) -> i64 {
    let owner = studio.database.owner_client().await;
    owner.query_one(&format!("SELECT count(*) FROM {of}"), &[]).await.unwrap().get(0)
}

const ACTIVE: &str = "platform.operators WHERE role = 'super_admin' AND status = 'active'";

#[tokio::test]
async fn rba_04_of_two_super_admins_who_dismiss_each_other_at_once_one_succeeds() {
    let studio = own().await;
    for _ in 0..5 {
        let owner = studio.database.owner_client().await;
        owner.execute("DELETE FROM platform.operators", &[]).await.unwrap();
        let (ada, _) = appoint_as(&studio, PlatformRole::SuperAdmin).await;
        let (bob, _) = appoint_as(&studio, PlatformRole::SuperAdmin).await;
        let outcomes = join_all([dismiss(&studio, ada, bob), dismiss(&studio, bob, ada)]).await;
        let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((done.len(), refused.len()), (1, 1), "{refused:?}");
        assert_eq!(done[0].as_ref().unwrap().status, OperatorStatus::Dismissed);
        let denial = refused[0].as_ref().unwrap_err();
        assert_eq!(denial.code, "rbac.operator.required", "the second finds themselves dismissed");
        assert_eq!(count(&studio, ACTIVE).await, 1);
    }
}

#[tokio::test]
async fn rba_04_two_stewards_who_take_the_last_two_super_admins_at_once_leave_one() {
    let studio = own().await;
    let mut stewards = Vec::new();
    for _ in 0..2 {
        let (steward, _) = appoint_as(&studio, PlatformRole::Limited).await;
        let owner = studio.database.owner_client().await;
        let allowed = "INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
                       VALUES ($1, 'platform.*', 'allow', 'test', now())";
        owner.execute(allowed, &[&steward.uuid()]).await.unwrap();
        stewards.push(steward);
    }
    let (ada, _) = appoint_as(&studio, PlatformRole::SuperAdmin).await;
    let (bob, _) = appoint_as(&studio, PlatformRole::SuperAdmin).await;
    let deny = async {
        let (permit, now) = (permit(&studio, stewards[1]), studio.now());
        let pattern = "platform.view_jobs".into();
        let form = OperatorOverrideForm { pattern, effect: Effect::Deny, reason: "test".into(), version: 1 };
        let deny = async |tx: &mut tryzore_postgres::PlatformTx| {
            operators::set_override(&permit, &mut tx.rbac(), bob, form, now).await
        };
        studio.db.operator_tx(&permit, deny).await
    };
    let (dismissed, denied) = futures::join!(dismiss(&studio, stewards[0], ada), deny);
    assert!(dismissed.is_ok() != denied.is_ok(), "{dismissed:?} {denied:?}");
    let refused = dismissed.err().or(denied.err()).unwrap();
    assert_eq!(refused.code, "operators.last_super_admin");
    assert!(refused.denial.unwrap().decision.is_some(), "it is recorded");
}

#[tokio::test]
async fn rba_04_who_is_appointed_twice_at_once_is_appointed_once() {
    let studio = own().await;
    let (ada, _) = appoint_as(&studio, PlatformRole::SuperAdmin).await;
    let (bob, _) = appoint_as(&studio, PlatformRole::SuperAdmin).await;
    let (user, email) = candidate(&studio).await;
    let appoint = async |by: UserId, role: PlatformRole| {
        let (permit, now) = (permit(&studio, by), studio.now());
        let appointment = Appointment { email: email.clone(), role, reason: "test".into() };
        let appoint = async |tx: &mut tryzore_postgres::PlatformTx| {
            operators::appoint(&permit, &mut tx.rbac(), appointment, now).await
        };
        studio.db.operator_tx(&permit, appoint).await
    };
    let (one, other) =
        futures::join!(appoint(ada, PlatformRole::Limited), appoint(bob, PlatformRole::SupportAdmin));
    let (done, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    let refused = refused.unwrap_err().code;
    assert_eq!(refused, "operators.appoint.already");
    let kept = format!("platform.operators WHERE user_id = '{}'", user.uuid());
    assert_eq!((done.unwrap().user, count(&studio, &kept).await), (user, 1));
}

#[tokio::test]
async fn rba_04_services_read_who_is_an_operator_and_change_it_only_as_one() {
    let studio = own().await;
    let (user, email) = appoint_as(&studio, PlatformRole::Limited).await;
    let id = user.uuid();
    let override_row = format!(
        "INSERT INTO platform.operator_overrides (user_id, pattern, effect, because, set_at)
         VALUES ('{id}', 'platform.*', 'allow', 'mine', now())"
    );
    let role = format!("UPDATE platform.operators SET role = 'super_admin' WHERE user_id = '{id}'");
    let address = format!("SELECT platform.user_with_address('{email}')");
    for service in [Service::Api, Service::Work, Service::Inbound] {
        for statement in [&role, &override_row, &address] {
            let sql = studio.database.client(service).await;
            let error = sql.batch_execute(statement).await.unwrap_err();
            assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{service:?} {statement}");
        }
    }
    for statement in [
        format!("DELETE FROM platform.operators WHERE user_id = '{id}'"),
        format!("UPDATE platform.operators SET user_id = gen_random_uuid() WHERE user_id = '{id}'"),
        "SELECT email FROM identity.users".into(),
    ] {
        let sql = studio.database.client(Service::Api).await;
        let statement = format!("BEGIN; SET LOCAL ROLE tryzore_operator; {statement}");
        let error = sql.batch_execute(&statement).await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}");
    }
}
