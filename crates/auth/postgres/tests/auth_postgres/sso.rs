//! Single sign-on on Postgres: reports in any order, and the ways to find a tenant.

use chrono::TimeDelta;
use tryzore_auth::{
    SsoConnection, SsoDomain, SsoLink, SsoLinks, SsoSettings,
    sso::{ConnectionState, DomainState, SsoChange, SsoNews, find_way, follow},
};
use tryzore_auth_postgres::Auth;
use tryzore_kernel::Problem;
use tryzore_postgres::TenantTx;
use tryzore_rbac::{Permit, SystemActor, catalogue::ManageRoles};
use tryzore_testkit::{Service, TestTenant};

fn connection(state: ConnectionState) -> SsoConnection {
    SsoConnection { id: "conn_1".into(), kind: "GenericSAML".into(), name: "Iron Works".into(), state }
}

/// A tenant that is linked to an organization of its own, with a verified domain of its own.
async fn linked() -> (TestTenant, SsoLink) {
    let studio = TestTenant::open().await;
    let (tenant, now) = (studio.tenant, studio.now());
    let key = tenant.uuid().simple();
    let link = SsoLink {
        tenant,
        provider_organization: format!("org_{key}"),
        required_since: None,
        linked_at: now,
        read_at: now,
        version: 1,
        connections: vec![connection(ConnectionState::Active)],
        domains: vec![SsoDomain { name: format!("{key}.example"), state: DomainState::Verified }],
    };
    save(&studio, &link).await;
    (studio, link)
}

async fn save(studio: &TestTenant, link: &SsoLink) {
    let permit = Permit::<ManageRoles>::system(studio.tenant, SystemActor::Setup);
    let work = async |tx: &mut TenantTx| Ok::<_, Problem>(tx.auth().sso_link_save(link).await?);
    studio.db.tenant_tx(&permit, work).await.unwrap();
}

async fn read(studio: &TestTenant) -> SsoLink {
    let tenant = studio.tenant;
    studio.db.auth_tx(async |tx| tx.auth().sso_link_find(tenant).await).await.unwrap().unwrap()
}

/// The worker follows `change`, which happened `minutes` after the link was read.
async fn report(studio: &TestTenant, link: &SsoLink, minutes: i64, change: SsoChange) {
    let worker = studio.database.as_service(Service::Work, studio.clock.clone());
    let at = link.read_at + TimeDelta::minutes(minutes);
    let news = SsoNews { at, provider_organization: link.provider_organization.clone(), change };
    worker.auth_tx(async |tx| follow(&mut tx.auth(), news).await).await.unwrap();
}

#[tokio::test]
async fn aut_09_reports_in_any_order_and_repeated_leave_the_newest() {
    let states = [ConnectionState::Inactive, ConnectionState::Active, ConnectionState::Inactive];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let (studio, link) = linked().await;
        for nth in order.into_iter().chain(order) {
            let minutes = i64::try_from(nth).unwrap() + 1;
            report(&studio, &link, minutes, SsoChange::Connection(connection(states[nth]))).await;
        }
        assert_eq!(read(&studio).await.connections, [connection(ConnectionState::Inactive)], "{order:?}");
    }
}

#[tokio::test]
async fn a_deletion_wins_at_the_same_moment_and_stays_deleted() {
    let (studio, link) = linked().await;
    for state in [ConnectionState::Deleted, ConnectionState::Active] {
        report(&studio, &link, 1, SsoChange::Connection(connection(state))).await;
    }
    assert!(read(&studio).await.connections.is_empty());
    report(&studio, &link, -1, SsoChange::Connection(connection(ConnectionState::Active))).await;
    assert!(read(&studio).await.connections.is_empty(), "from before the provider was asked");
    // Asked again, the provider has it.
    save(&studio, &SsoLink { version: 2, read_at: link.read_at + TimeDelta::minutes(2), ..link }).await;
    assert_eq!(read(&studio).await.connections.len(), 1);
}

#[tokio::test]
async fn aut_09_a_verified_domain_leads_to_its_tenant_while_a_connection_is_active() {
    let (studio, link) = linked().await;
    let email = format!("ada@{}", link.domains[0].name).parse().unwrap();
    let stranger = "ada@unknown.example".parse().unwrap();
    let way = async |tenant, email| {
        studio.db.auth_tx(async |tx| find_way(&mut tx.auth(), tenant, email).await).await.unwrap()
    };
    let ours = Ok(Some(link.provider_organization.clone()));
    assert_eq!(way(None, Some(&email)).await, ours);
    assert_eq!(way(Some(studio.tenant), None).await, ours);
    assert_eq!(way(None, Some(&stranger)).await, Ok(None));
    let pending = SsoDomain { state: DomainState::Pending, ..link.domains[0].clone() };
    report(&studio, &link, 1, SsoChange::Domain(pending)).await;
    assert_eq!(way(None, Some(&email)).await, Ok(None), "not verified any more");
    report(&studio, &link, 2, SsoChange::Domain(link.domains[0].clone())).await;
    assert_eq!(way(None, Some(&email)).await, ours);
    report(&studio, &link, 3, SsoChange::Connection(connection(ConnectionState::Inactive))).await;
    assert_eq!(way(None, Some(&email)).await, Ok(None));
    assert_eq!(way(Some(studio.tenant), None).await.unwrap_err().code(), "not_found");
}
