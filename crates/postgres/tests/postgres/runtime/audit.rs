//! CMP-03 on real Postgres: nothing is sealed too early, and tampering by the owner is found.

use super::queue_test::{TestQueue, eventually};
use serde_json::json;
use std::time::Duration;
use tryzore_governance::{Break, Noted};
use tryzore_governance_postgres::{Checked, Sealed, check_audit, seal_audit};
use tryzore_kernel::{AuditEntry, AuditId, Journal, Problem};
use tryzore_rbac::{Permit, SystemActor, catalogue::BookEvent};
use tryzore_testkit::Service;

async fn append(queue_test: &TestQueue, lines: usize) {
    let permit = Permit::<BookEvent>::system(queue_test.studio.tenant, SystemActor::Seed);
    queue_test.studio
        .db
        .tenant_tx(&permit, async |tx| {
            for line in 0..lines {
                tx.audit_append(AuditEntry {
                    action: "roles.edit",
                    target: queue_test.studio.tenant.uuid(),
                    subject: None,
                    organizations: vec![queue_test.studio.main],
                    details: json!({"line": line, "price": 1.10, "big": 12_345_678_901_234_567_890_u64, "ünïcode": "\u{1F600}"}),
                });
            }
            Ok::<_, Problem>(())
        })
        .await
        .unwrap();
}

// Other tests on the cluster may delay the sealing for a moment.
async fn seal(queue_test: &TestQueue) -> Sealed {
    let mut sealed = Sealed::default();
    eventually(async || {
        sealed = seal_audit(&queue_test.work).await.unwrap();
        !sealed.was_held_up
    })
    .await;
    sealed
}

async fn check(queue_test: &TestQueue) -> Checked {
    check_audit(&queue_test.work, queue_test.studio.tenant, None).await.unwrap()
}

/// A connection of the database's owner without row security.
async fn tamper(queue_test: &TestQueue, statement: &str) {
    let owner = queue_test.studio.database.owner_client().await;
    let open = "ALTER TABLE governance.audit_log DISABLE ROW LEVEL SECURITY;
                ALTER TABLE governance.audit_seals DISABLE ROW LEVEL SECURITY;";
    let close = "ALTER TABLE governance.audit_log ENABLE ROW LEVEL SECURITY;
                 ALTER TABLE governance.audit_seals ENABLE ROW LEVEL SECURITY;";
    owner.batch_execute(open).await.unwrap();
    assert_eq!(owner.execute(statement, &[]).await.unwrap(), 1, "{statement}");
    owner.batch_execute(close).await.unwrap();
}

#[tokio::test]
async fn new_lines_are_sealed_onto_the_chain() {
    let queue_test = TestQueue::open().await;
    append(&queue_test, 3).await;
    assert_eq!(check(&queue_test).await.unsealed, 3);
    assert_eq!(seal(&queue_test).await, Sealed { tenants: 1, seals: 1, lines: 3, was_held_up: false });
    assert_eq!(seal(&queue_test).await, Sealed::default(), "nothing new");
    append(&queue_test, 1_001).await;
    assert_eq!(seal(&queue_test).await, Sealed { tenants: 1, seals: 2, lines: 1_001, was_held_up: false });
    let checked = check(&queue_test).await;
    let head = checked.outcome.unwrap();
    assert_eq!((head.number, checked.lines, checked.unsealed), (3, 1_004, 0));
    // The owner, who migrates and verifies, sees the same.
    let clock = std::sync::Arc::new(tryzore_kernel::SystemClock);
    let owner = tryzore_postgres::DatabaseConfig::new(queue_test.studio.database.owner_url());
    let owner = tryzore_postgres::Db::connect(&owner, clock).unwrap();
    assert_eq!(check_audit(&owner, queue_test.studio.tenant, None).await.unwrap().outcome, Ok(head));
}

#[tokio::test]
async fn an_entry_that_commits_late_is_waited_for() {
    let queue_test = TestQueue::open().await;
    // It gets the lower number and commits after the higher one.
    let late = queue_test.studio.database.client(Service::Api).await;
    let insert = "INSERT INTO governance.audit_log (tenant_id, id, actor, action, target_id, organization_ids, details, at)
                  VALUES ($1, $2, '{}', 'late', $1, '{}', '{}', now())";
    late.batch_execute(&format!("BEGIN; SET LOCAL app.tenant_id = '{}'", queue_test.studio.tenant.uuid()))
        .await
        .unwrap();
    late.execute(insert, &[&queue_test.studio.tenant.uuid(), &AuditId::generate(queue_test.now()).uuid()])
        .await
        .unwrap();
    append(&queue_test, 1).await;
    let sealing = async {
        let sealed = seal_audit(&queue_test.work).await.unwrap();
        assert_eq!((sealed.lines, sealed.was_held_up), (2, false));
    };
    let committing = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(queue_test.studio.count("SELECT count(*) FROM governance.audit_seals").await, 0);
        late.batch_execute("COMMIT").await.unwrap();
    };
    futures::join!(sealing, committing);
    let checked = check(&queue_test).await;
    assert_eq!((checked.outcome.map(|head| head.number), checked.lines), (Ok(1), 2));
}

#[tokio::test]
async fn nothing_is_sealed_while_a_line_may_still_turn_up_and_gaps_are_no_breaks() {
    let queue_test = TestQueue::open().await;
    let undone = queue_test.studio.database.client(Service::Api).await;
    undone
        .batch_execute(&format!("BEGIN; SET LOCAL app.tenant_id = '{}'", queue_test.studio.tenant.uuid()))
        .await
        .unwrap();
    let insert = "INSERT INTO governance.audit_log (tenant_id, id, actor, action, target_id, organization_ids, details, at)
                  VALUES ($1, $1, '{}', 'undone', $1, '{}', '{}', now())";
    undone.execute(insert, &[&queue_test.studio.tenant.uuid()]).await.unwrap();
    append(&queue_test, 1).await;
    let held_up = seal_audit(&queue_test.work).await.unwrap();
    assert_eq!(held_up, Sealed { tenants: 1, was_held_up: true, ..Sealed::default() });
    undone.batch_execute("ROLLBACK").await.unwrap();
    append(&queue_test, 1).await;
    assert_eq!(seal(&queue_test).await.lines, 2);
    assert_eq!(
        queue_test.studio.count("SELECT min(seq) FROM governance.audit_log").await,
        2,
        "the gap is there"
    );
    assert!(check(&queue_test).await.outcome.is_ok());
}

#[tokio::test]
async fn tampering_by_the_owner_is_named() {
    let queue_test = TestQueue::open().await;
    append(&queue_test, 4).await;
    seal(&queue_test).await;
    append(&queue_test, 4).await;
    seal(&queue_test).await;
    let outcome = async || check(&queue_test).await.outcome;
    let id = async |seq: i64| -> AuditId {
        let row = queue_test
            .studio
            .sql
            .query_one("SELECT id FROM governance.audit_log WHERE seq = $1", &[&seq])
            .await
            .unwrap();
        row.get::<_, uuid::Uuid>(0).into()
    };
    let noted: Noted = outcome().await.unwrap().into();

    // Changes every meaningful column of an entry, and changes it back.
    for (change, back) in [
        ("action = 'roles.view'", "action = 'roles.edit'"),
        (
            "details = jsonb_set(details, '{big}', '12345678901234567891')",
            "details = jsonb_set(details, '{big}', '12345678901234567890')",
        ),
        ("actor = actor || '{\"type\": \"user\"}'", "actor = actor || '{\"type\": \"system\"}'"),
        ("subject_id = id", "subject_id = NULL"),
        ("organization_ids = organization_ids || id", "organization_ids = organization_ids[1:1]"),
        ("ip_address = ''", "ip_address = NULL"),
        ("user_agent = 'x'", "user_agent = NULL"),
        ("at = at + interval '1 microsecond'", "at = at - interval '1 microsecond'"),
    ] {
        tamper(&queue_test, &format!("UPDATE governance.audit_log SET {change} WHERE seq = 6")).await;
        assert_eq!(
            outcome().await,
            Err(Break::LineChanged { number: 2, seq: 6, id: id(6).await }),
            "{change}"
        );
        tamper(&queue_test, &format!("UPDATE governance.audit_log SET {back} WHERE seq = 6")).await;
        assert!(outcome().await.is_ok(), "{back}");
    }
    // An entry with another number.
    tamper(&queue_test, "UPDATE governance.audit_log SET seq = DEFAULT WHERE seq = 3").await;
    assert_eq!(outcome().await, Err(Break::LineMissing { number: 1, seq: 3 }));
    tamper(
        &queue_test,
        "INSERT INTO governance.audit_log (tenant_id, id, seq, actor, action, target_id, organization_ids, details, at)
         OVERRIDING SYSTEM VALUE SELECT tenant_id, gen_random_uuid(), 3, actor, action, target_id, organization_ids, details, at
         FROM governance.audit_log WHERE seq = 4",
    )
    .await;
    assert_eq!(outcome().await, Err(Break::LineChanged { number: 1, seq: 3, id: id(3).await }));
    // Removes the newest entry, the newest seal, both.
    tamper(&queue_test, "DELETE FROM governance.audit_log WHERE seq = 3").await;
    tamper(&queue_test, "DELETE FROM governance.audit_seals WHERE number = 1").await;
    assert_eq!(outcome().await, Err(Break::SealMissing { number: 1 }));

    let queue_test = TestQueue::open().await;
    append(&queue_test, 2).await;
    seal(&queue_test).await;
    append(&queue_test, 2).await;
    seal(&queue_test).await;
    let outcome = async || check(&queue_test).await.outcome;
    tamper(
        &queue_test,
        "UPDATE governance.audit_seals SET entries = substr(entries, 1, 40) WHERE number = 2",
    )
    .await;
    assert_eq!(outcome().await, Err(Break::SealChanged { number: 2 }));
    tamper(&queue_test, "DELETE FROM governance.audit_seals WHERE number = 2").await;
    assert_eq!(outcome().await.map(|head| head.number), Ok(1), "a chain that was cut off holds by itself");
    let noted_there = check_audit(&queue_test.work, queue_test.studio.tenant, Some(noted)).await.unwrap();
    assert_eq!(noted_there.outcome, Err(Break::NotAsNoted { number: 2 }), "but not against what was noted");
}

#[tokio::test]
async fn an_entry_that_was_inserted_into_a_gap_is_named() {
    let queue_test = TestQueue::open().await;
    append(&queue_test, 1).await;
    let undone = "BEGIN; SELECT nextval(pg_get_serial_sequence('governance.audit_log', 'seq')); ROLLBACK";
    queue_test.studio.database.owner_client().await.batch_execute(undone).await.unwrap();
    append(&queue_test, 1).await;
    seal(&queue_test).await;
    tamper(
        &queue_test,
        "INSERT INTO governance.audit_log (tenant_id, id, seq, actor, action, target_id, organization_ids, details, at)
         OVERRIDING SYSTEM VALUE SELECT tenant_id, gen_random_uuid(), 2, actor, 'roles.none', target_id, organization_ids, details, at
         FROM governance.audit_log WHERE seq = 1",
    )
    .await;
    assert!(matches!(check(&queue_test).await.outcome, Err(Break::LineInserted { number: 1, seq: 2, .. })));
}

#[tokio::test]
async fn no_service_can_change_or_remove_a_line_or_a_seal() {
    let queue_test = TestQueue::open().await;
    append(&queue_test, 1).await;
    seal(&queue_test).await;
    for service in [Service::Api, Service::Inbound, Service::Work] {
        let client = queue_test.studio.database.client(service).await;
        client
            .batch_execute(&format!("SET app.tenant_id = '{}'", queue_test.studio.tenant.uuid()))
            .await
            .unwrap();
        for table in ["governance.audit_log", "governance.audit_seals"] {
            for statement in [
                format!("UPDATE {table} SET tenant_id = tenant_id"),
                format!("DELETE FROM {table}"),
                format!("TRUNCATE {table}"),
                format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
            ] {
                let refused = client.execute(&statement, &[]).await.unwrap_err();
                assert_eq!(refused.code().unwrap().code(), "42501", "{service:?}: {statement}");
            }
        }
    }
    assert!(check(&queue_test).await.outcome.is_ok());
}
