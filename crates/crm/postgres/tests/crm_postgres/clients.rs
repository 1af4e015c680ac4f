//! The ports of the crm crate on real Postgres: the same contract as for the in-memory store of the domain
//! tests, and what only a database can show: races, row security, indexes.

use crate::support::{self, Memory};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use std::collections::BTreeSet;
use tryzore_crm::{
    Client, ClientBatches, ClientDraft, ClientForm, Clients, Contact, Country, NewUser, Users,
};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{Email, OrganizationId, Phone, Problem, StoreError, UserId};
use tryzore_rbac::{Permit, SystemActor, catalogue::CreateClient};
use tryzore_testkit::{Database, TestTenant};

fn at() -> DateTime<Utc> {
    "2026-03-02T11:00:00Z".parse().unwrap()
}

fn draft(json: &str) -> ClientDraft {
    let form: ClientForm = serde_json::from_str(json).unwrap();
    form.check(Country::ITALY, at().date_naive()).unwrap()
}

fn client(json: &str, user: UserId, home: OrganizationId) -> Client {
    Client::new(draft(json), user, home, at().date_naive(), at())
}

fn new_user(json: &str) -> NewUser {
    let draft = draft(json);
    NewUser { name: draft.name, contact: draft.contact }
}

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

fn phone(text: &str) -> Phone {
    text.parse().unwrap()
}

fn importer(studio: &TestTenant) -> Permit<CreateClient> {
    Permit::system(studio.tenant, SystemActor::Importer)
}

/// An address that no other test uses, because users are global.
fn mailbox() -> String {
    format!("{}@example.com", UserId::generate(at()).uuid().simple())
}

const FULL: &str = r#"{"given_name":"Niccolò","family_name":"De Luca","email":"nic@example.com",
    "phone":"333 1234567","locale":"it","birth_date":"1990-02-28","marketing_consent":false,
    "external_ref":"A-1","joined_on":"2020-01-31"}"#;

async fn clients_keep_the_contract<T: Clients + ClientBatches>(tx: &mut T, home: OrganizationId) {
    let full = client(FULL, UserId::generate(at()), home);
    assert!(tx.client_insert(&full).await.unwrap());
    for found in [
        tx.client_find(full.id).await,
        tx.client_lock(full.id).await,
        tx.client_find_by_email(&email("nic@example.com")).await,
        tx.client_find_by_user(full.user).await,
    ] {
        assert_eq!(found.unwrap().as_ref(), Some(&full), "all fields come back as they were");
    }
    let one_name = client(r#"{"given_name":"Suharto","phone":"333 1234567"}"#, UserId::generate(at()), home);
    assert!(tx.client_insert(&one_name).await.unwrap());
    assert_eq!(tx.client_find(one_name.id).await.unwrap().as_ref(), Some(&one_name));

    // A second client with the same address or user is refused; the same number or reference is allowed.
    let same_email = client(FULL, UserId::generate(at()), home);
    let same_user = client(r#"{"given_name":"Ada","email":"ada@example.com"}"#, full.user, home);
    assert!(!tx.client_insert(&same_email).await.unwrap());
    assert!(!tx.client_insert(&same_user).await.unwrap());
    assert_eq!(tx.client_find_by_email(&email("ada@example.com")).await.unwrap(), None);
    let family = tx.clients_by_phone(&phone("+393331234567")).await.unwrap();
    assert_eq!(ids(&family), sorted(&[full.id, one_name.id]), "the oldest first");

    // A version can be replaced only once.
    let archived = full.archive(at());
    assert!(tx.client_update(&archived).await.unwrap());
    assert!(!tx.client_update(&archived).await.unwrap());
    assert_eq!(tx.client_find(full.id).await.unwrap(), Some(archived.clone()));

    // In a batch, the clients that can be added are added and returned; of two with one address, the first.
    let ada = client(r#"{"given_name":"Ada","email":"ada@example.com"}"#, UserId::generate(at()), home);
    let taken = client(r#"{"given_name":"N.","email":"nic@example.com"}"#, UserId::generate(at()), home);
    let bea = client(r#"{"given_name":"Bea","phone":"+66812345678"}"#, UserId::generate(at()), home);
    let added = tx.clients_insert(&[ada.clone(), taken, bea.clone()]).await.unwrap();
    assert_eq!(added.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([ada.id, bea.id]));
    let (emails, phones) = (
        [email("ada@example.com"), email("nic@example.com")],
        [phone("+393331234567"), phone("+66812345678")],
    );
    let known = tx.clients_by_contact(&emails, &phones).await.unwrap();
    assert_eq!(ids(&known), sorted(&[full.id, one_name.id, ada.id, bea.id]), "each once, oldest first");
    assert_eq!(tx.clients_by_contact(&[], &[]).await.unwrap(), []);
    let change =
        |client: &Client, contact: Contact| Client { contact, version: client.version + 1, ..client.clone() };
    let changed = [
        change(&ada, ada.contact.clone().with_phone(phone("+393337654321"))),
        change(&bea, bea.contact.clone().with_email(email("bea@example.com"))),
    ];
    tx.clients_update(&changed).await.unwrap();
    for client in changed {
        assert_eq!(tx.client_find(client.id).await.unwrap(), Some(client));
    }
    assert_eq!(tx.clients_insert(&[]).await.unwrap(), []);
}

async fn users_keep_the_contract<T: Users>(tx: &mut T) {
    let address = mailbox();
    let with_mail = new_user(&format!(r#"{{"given_name":"Ada","email":"{address}"}}"#));
    let with_phone = new_user(r#"{"given_name":"Ada","phone":"333 1234567"}"#);
    let first = tx.user_ensure(&with_mail).await.unwrap();
    let all = [with_phone.clone(), with_mail.clone(), with_phone, with_mail];
    let users = tx.users_ensure(&all).await.unwrap();
    assert_eq!((users.len(), users[1], users[3]), (4, first, first), "an address finds its user");
    assert_eq!(users.iter().collect::<BTreeSet<_>>().len(), 3, "a number alone finds no one");
}

fn ids(clients: &[Client]) -> Vec<tryzore_kernel::ClientId> {
    clients.iter().map(|client| client.id).collect()
}

fn sorted<T: Ord + Copy>(ids: &[T]) -> Vec<T> {
    ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}

#[tokio::test]
async fn memory_and_postgres_follow_the_same_contract() {
    let mut memory = Memory::default();
    clients_keep_the_contract(&mut memory, support::organization()).await;
    users_keep_the_contract(&mut memory).await;
    let studio = TestTenant::open().await;
    let permit = importer(&studio);
    let kept = studio.db.tenant_tx(&permit, async |tx| {
        clients_keep_the_contract(&mut tx.crm(), studio.main).await;
        users_keep_the_contract(&mut tx.crm()).await;
        Ok::<_, Problem>(())
    });
    kept.await.unwrap();
    // Everyone who was added is also a member where signing in looks.
    let members = "SELECT count(*) FROM crm.clients c JOIN tenancy.memberships m
                   ON m.tenant_id = c.tenant_id AND m.user_id = c.user_id
                      AND m.home_organization_id = c.home_organization_id";
    assert_eq!(studio.count(members).await, 4);
    assert_eq!(studio.count("SELECT count(*) FROM crm.clients").await, 4);
}

#[tokio::test]
async fn one_address_ensured_concurrently_is_one_user_ten_05() {
    let (a, b) = (TestTenant::open().await, TestTenant::open().await);
    let address = mailbox();
    let user = new_user(&format!(r#"{{"given_name":"Ada","email":"{address}"}}"#));
    let ensure = async |studio: &TestTenant| {
        let permit = importer(studio);
        studio.db.tenant_tx(&permit, async |tx| tx.crm().user_ensure(&user).await).await.unwrap()
    };
    let users = join_all((0..8).map(|n| ensure(if n % 2 == 0 { &a } else { &b }))).await;
    assert_eq!(users.iter().collect::<BTreeSet<_>>().len(), 1);
    let kept =
        a.sql.query_one("SELECT status FROM identity.users WHERE email = $1", &[&address]).await.unwrap();
    assert_eq!(kept.get::<_, String>(0), "pending_claim");
}

#[tokio::test]
async fn one_address_added_concurrently_is_one_client() {
    let studio = TestTenant::open().await;
    let add = async || {
        let permit = importer(&studio);
        let client = client(FULL, UserId::generate(at()), studio.main);
        studio.db.tenant_tx(&permit, async |tx| tx.crm().client_insert(&client).await).await.unwrap()
    };
    let added = join_all((0..8).map(|_| add())).await;
    assert_eq!(added.into_iter().filter(|added| *added).count(), 1);
    assert_eq!(studio.count("SELECT count(*) FROM crm.clients").await, 1);
    assert_eq!(
        studio
            .count("SELECT count(*) FROM tenancy.memberships m JOIN crm.clients c USING (tenant_id, user_id)")
            .await,
        1
    );
}

#[tokio::test]
async fn batches_in_different_orders_do_not_deadlock() {
    let studio = TestTenant::open().await;
    let people: Vec<_> =
        (0..200).map(|n| format!(r#"{{"given_name":"P","email":"p{n}-{}"}}"#, mailbox())).collect();
    let backwards: Vec<_> = people.iter().rev().cloned().collect();
    let add = async |people: &[String]| {
        let permit = importer(&studio);
        let work = studio.db.tenant_tx(&permit, async |tx| {
            let seeds: Vec<_> = people.iter().map(|json| new_user(json)).collect();
            let users = tx.crm().users_ensure(&seeds).await?;
            let clients: Vec<_> =
                people.iter().zip(users).map(|(json, user)| client(json, user, studio.main)).collect();
            Ok::<_, StoreError>(tx.crm().clients_insert(&clients).await?.len())
        });
        work.await.unwrap()
    };
    let orders = [&people, &backwards, &people, &backwards];
    let added = join_all(orders.map(|people| add(people))).await;
    assert_eq!(added.into_iter().sum::<usize>(), 200);
}

#[tokio::test]
async fn another_tenant_sees_no_client_but_shares_the_user() {
    let (ours, theirs) = (TestTenant::open().await, TestTenant::open().await);
    let address = mailbox();
    let json = format!(r#"{{"given_name":"Ada","email":"{address}"}}"#);
    let add = async |studio: &TestTenant| {
        let permit = importer(studio);
        let work = studio.db.tenant_tx(&permit, async |tx| {
            let user = tx.crm().user_ensure(&new_user(&json)).await?;
            let client = client(&json, user, studio.main);
            assert!(tx.crm().client_find_by_email(&email(&address)).await?.is_none());
            assert!(tx.crm().client_insert(&client).await?);
            Ok::<_, StoreError>(client)
        });
        work.await.unwrap()
    };
    let (a, b) = (add(&ours).await, add(&theirs).await);
    assert_eq!(a.user, b.user);
    let permit = importer(&ours);
    let seen = ours.db.tenant_tx(&permit, async |tx| tx.crm().client_find(b.id).await).await.unwrap();
    assert_eq!(seen, None);
    assert_eq!(ours.count("SELECT count(*) FROM crm.clients").await, 1);
}

/// With row security and with plans that do not depend on values, the search must still use indexes;
/// otherwise it reads all clients of a tenant.
#[tokio::test]
async fn a_search_by_the_start_of_a_text_uses_an_index() {
    // The statistics need a table of some size that no other test changes.
    let studio = TestTenant::open_in(Database::own().await).await;
    let many = "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name, email,
                    phone, status, joined_on, created_at, updated_at)
                SELECT $1, gen_random_uuid(), gen_random_uuid(), $2, 'G' || n, 'F' || n, 'e' || n || '@example.com',
                    '+39333' || 1000000 + n, 'active', '2026-01-01', now(), now()
                FROM generate_series(1, 5000) n";
    studio.sql.execute(many, &[&studio.tenant.uuid(), &studio.main.uuid()]).await.unwrap();
    studio.database.owner_client().await.batch_execute("ANALYZE crm.clients").await.unwrap();
    studio
        .sql
        .batch_execute(&format!(
            "SET plan_cache_mode = force_generic_plan;
             PREPARE by_name (uuid, text) AS SELECT id FROM crm.clients c
                 WHERE c.tenant_id = $1 AND c.name_key >= crm.fold($2) AND c.name_key < crm.fold($2) || chr(1114111);
             PREPARE by_email (uuid, text) AS SELECT id FROM crm.clients c
                 WHERE c.tenant_id = $1 AND c.email >= lower($2) AND c.email < lower($2) || chr(1114111);
             PREPARE next_page (uuid, text) AS SELECT id FROM crm.clients c
                 WHERE c.tenant_id = $1 AND (c.name_key, c.id) > ($2, '{0}') ORDER BY c.name_key, c.id LIMIT 50",
            studio.main.uuid()
        ))
        .await
        .unwrap();
    for (statement, condition) in
        [("by_name", "name_key >="), ("by_email", "email >="), ("next_page", "ROW(name_key, id) >")]
    {
        let explain = format!("EXPLAIN EXECUTE {statement} ('{}', 'ros')", studio.tenant.uuid());
        let rows = studio.sql.query(&explain, &[]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let is_by_index = plan.iter().any(|line| line.contains("Index Cond") && line.contains(condition));
        assert!(is_by_index, "{statement}: {plan:#?}");
    }
}

#[tokio::test]
async fn names_are_found_without_case_and_accents() {
    let studio = TestTenant::open().await;
    for (name, folded) in
        [("Niccolò DE LUCA", "niccolo de luca"), ("Müller", "muller"), ("ป่า", "ป่า"), ("José", "jose")]
    {
        let row = studio.sql.query_one("SELECT crm.fold($1)", &[&name]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), folded);
    }
}
