//! Which cached entries a commit invalidates.

use chrono::NaiveDate;
use std::sync::{Arc, Mutex};
use tryzore_crm::{ClientForm, Country, NewUser, Users, domain_event::ClientImported};
use tryzore_crm_postgres::Crm;
use tryzore_kernel::{ClientId, ImportId, Invalidation, Journal, Problem, UserId, uuid_at};
use tryzore_rbac::{DomainEvent, Permit, SystemActor, catalogue::BookEvent};
use tryzore_testkit::TestTenant;

/// Imports clients with these addresses; returns their users.
async fn import(studio: &TestTenant, addresses: &[String]) -> Vec<UserId> {
    let permit = Permit::<BookEvent>::system(studio.tenant, SystemActor::Seed);
    let now = studio.now();
    let users: Vec<_> = addresses.iter().map(|address| new_user(address, now.date_naive())).collect();
    let imported = studio.db.tenant_tx(&permit, async |tx| {
        let users = tx.crm().users_ensure(&users).await?;
        for user in &users {
            let (client, import) = (ClientId::generate(now), ImportId::generate(now));
            let imported = ClientImported { client, user: *user, organization: studio.main, import };
            tx.event_publish(imported.published(now));
        }
        Ok::<_, Problem>(users)
    });
    imported.await.unwrap()
}

fn new_user(address: &str, today: NaiveDate) -> NewUser {
    let form = serde_json::json!({ "given_name": "Ada", "email": address });
    let form: ClientForm = serde_json::from_value(form).unwrap();
    let draft = form.check(Country::ITALY, today).unwrap();
    NewUser { name: draft.name, contact: draft.contact }
}

#[tokio::test]
async fn an_import_invalidates_neither_its_new_users_nor_other_tenants() {
    let studio = TestTenant::open().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = told.clone();
    studio.db.on_invalidation(move |stale| keep.lock().unwrap().push(stale));
    let told = || std::mem::take(&mut *told.lock().unwrap());

    let unique = uuid_at(studio.now()).simple();
    let addresses: Vec<String> = (0..500).map(|n| format!("{n}.{unique}@example.com")).collect();
    let users = import(&studio, &addresses).await;
    assert_eq!(told(), [], "nobody is signed in as someone who did not exist");

    assert_eq!(import(&studio, &addresses[..1]).await, users[..1]);
    assert_eq!(told(), [Invalidation::User(users[0])], "this human existed, and may be signed in");

    assert_eq!(import(&studio, &addresses).await, users);
    assert_eq!(told(), [Invalidation::Tenant(studio.tenant)], "so many are all of the tenant, and no others");
}
