//! Our use case on a database of its own.

use chrono::Duration;
use own_use_case::{
    invite_friend::{InviteFriend, MOST, invite_friend},
    own,
    store::Lagoon,
};
use serde_json::json;
use std::{process::Command, sync::Arc};
use tryzore_events::{book, permission::BookEvent};
use tryzore_events_postgres::Events;
use tryzore_kernel::{EventId, Problem, UserId};
use tryzore_postgres::migrations;
use tryzore_rbac::Grants;
use tryzore_testkit::{Database, Service, TestTenant, test_tenant::Member};

/// A tenant in a database that has our table too, a client of theirs and a class.
async fn studio() -> (TestTenant, Member, EventId) {
    let studio = TestTenant::open_in(Database::own().await).await;
    migrations::up_own(&studio.database.owner_url(), own()).await.unwrap();
    let member = studio.member(studio.main).await;
    let class = studio.class(studio.main, 8, Duration::days(1)).await;
    (studio, member, class)
}

async fn invite(
    studio: &TestTenant,
    as_who: &Arc<Grants>,
    class: EventId,
    friend: &str,
) -> Result<(), Problem> {
    let (permit, friend, now) = (as_who.permit::<InviteFriend>()?, friend.parse().unwrap(), studio.now());
    let work = async |tx: &mut tryzore_postgres::TenantTx| {
        invite_friend(&permit, &mut tx.lagoon(), class, &friend, now).await
    };
    studio.db.tenant_tx(&permit, work).await
}

async fn take_spot(studio: &TestTenant, member: Member, class: EventId) {
    let (permit, now) = (studio.as_client(member, studio.main).permit::<BookEvent>().unwrap(), studio.now());
    let booked = studio.db.tenant_tx(&permit, async |tx| book(&permit, &mut tx.events(), class, now).await);
    booked.await.unwrap();
}

fn denied(invited: Result<(), Problem>) -> (u16, String) {
    let problem = invited.unwrap_err();
    (problem.status, problem.code.to_string())
}

#[tokio::test]
async fn a_client_with_a_spot_invites_friends_up_to_the_limit() {
    let (studio, member, class) = studio().await;
    let client = studio.as_client(member, studio.main);
    let before = invite(&studio, &client, class, "eve@example.com").await;
    assert_eq!(denied(before), (409, "lagoon.invite_friend.no_spot".into()));

    take_spot(&studio, member, class).await;
    for number in 0..MOST {
        invite(&studio, &client, class, &format!("friend{number}@example.com")).await.unwrap();
    }
    let problem = invite(&studio, &client, class, "eve@example.com").await.unwrap_err();
    assert_eq!((problem.status, &*problem.code), (409, "lagoon.invite_friend.enough"));
    let denial = problem.denial.unwrap();
    assert_eq!((&*denial.because[0].fact, &denial.because[0].value), ("invitations", &json!(MOST)));

    let count = async |query: &str| studio.count(query).await;
    assert_eq!(count("SELECT count(*) FROM lagoon.invitations").await, i64::from(MOST));
    let published = "SELECT count(*) FROM runtime.outbox WHERE kind = 'lagoon.friend_invited'";
    assert_eq!(count(published).await, i64::from(MOST));
    // The refusals are in the record too, although nothing else of their transactions is.
    let refused = "SELECT count(*) FROM runtime.decisions WHERE code LIKE 'lagoon.%' AND outcome = 'denied'";
    assert_eq!(count(refused).await, 2);
}

#[tokio::test]
async fn without_the_permission_there_is_no_transaction_and_in_another_tenant_no_class() {
    let (studio, member, class) = studio().await;
    take_spot(&studio, member, class).await;
    let trainer = studio.as_staff(UserId::generate(studio.now()), studio.main, &["events.view_all"]);
    let refused = invite(&studio, &trainer, class, "eve@example.com").await.unwrap_err();
    assert_eq!((refused.status, &*refused.code), (403, "rbac.permission.missing"));
    assert_eq!(refused.denial.unwrap().because[0].value, "own.book");

    invite(&studio, &studio.as_client(member, studio.main), class, "eve@example.com").await.unwrap();
    let at = studio.database.owner_url();
    let other = TestTenant::open_in(Database::at(&at).await).await;
    let stranger = other.member(other.main).await;
    let hidden = invite(&other, &other.as_client(stranger, other.main), class, "adam@example.com").await;
    assert_eq!(denied(hidden), (404, "not_found".into()));
    let seen = "SELECT count(*) FROM lagoon.invitations";
    assert_eq!((studio.count(seen).await, other.count(seen).await), (1, 0));
}

#[tokio::test]
async fn the_program_migrates_and_invites_and_our_migration_is_undone_without_those_of_the_platform() {
    let studio = TestTenant::open_in(Database::own().await).await;
    let owner = studio.database.owner_url();
    let program = |url: &str, words: &[&str]| {
        let ran =
            Command::new(env!("CARGO_BIN_EXE_own-use-case")).args(words).env("DATABASE_URL", url).output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    assert_eq!(program(&owner, &["migrate"]), "applied lagoon/20261130000001\n");
    assert_eq!(program(&owner, &["migrate"]), "");

    let (member, class) =
        (studio.member(studio.main).await, studio.class(studio.main, 8, Duration::days(400)).await);
    take_spot(&studio, member, class).await;
    let (tenant, user, event) = (studio.tenant.to_string(), member.user.to_string(), class.to_string());
    let api = studio.database.url(Service::Api);
    let answer = program(&api, &["invite", &tenant, &user, &event, "eve@example.com"]);
    assert_eq!(answer, "invited eve@example.com\n");

    assert_eq!(migrations::down_own(&owner, own()).await.unwrap(), ["lagoon/20261130000001"]);
    assert_eq!(studio.count("SELECT count(*) FROM events.events").await, 1);
}
