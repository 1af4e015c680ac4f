//! A test tenant with locations, events and clients.

use crate::{Database, FakeClock, Service, Wiretap};
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;
use tokio_postgres::Client;
use tryzore_kernel::{ApiKeyId, ClientId, Clock, EventId, OrganizationId, SessionId, TenantId, UserId};
use tryzore_postgres::{DatabaseConfig, Db};
use tryzore_rbac::{
    ActingKind, Actor, Assignment, FactorStanding, Grants, Holdings, OrganizationNode, Pattern, Scope,
};

/// A new tenant with one location, and a connection that sees only this tenant.
pub struct TestTenant {
    /// The database of the tenant.
    pub database: Database,
    /// The database with the login of the APIs.
    pub db: Db,
    /// The clock of the test, which starts at noon of 2 March 2026 in Rome.
    pub clock: Arc<FakeClock>,
    /// The id of the tenant.
    pub tenant: TenantId,
    /// The first location, in Rome, with euros.
    pub main: OrganizationId,
    /// A plain connection within the tenant.
    pub sql: Client,
}

/// A client of the tenant.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The client.
    pub client: ClientId,
    /// The human.
    pub user: UserId,
}

impl TestTenant {
    /// Creates a tenant in the shared database of the run.
    pub async fn open() -> Self {
        Self::open_in(Database::shared().await).await
    }

    /// Creates a tenant in `database`.
    pub async fn open_in(database: Database) -> Self {
        let clock = Arc::new(FakeClock::at("2026-03-02T11:00:00Z".parse().unwrap()));
        let db = database.as_service(Service::Api, clock.clone());
        let sql = database.client(Service::Api).await;
        let tenant = TenantId::generate(clock.now());
        sql.batch_execute(&format!("SET app.tenant_id = '{}'", tenant.uuid())).await.unwrap();
        sql.execute(
            "INSERT INTO tenancy.tenants (id, name, status, contact_email, created_at, updated_at)
             VALUES ($1, 'TestTenant', 'active', 'owner@example.com', now(), now())",
            &[&tenant.uuid()],
        )
        .await
        .unwrap();
        let mut studio =
            Self { database, db, clock, tenant, main: OrganizationId::from(uuid::Uuid::nil()), sql };
        studio.main = studio.location("Main").await;
        studio
    }

    /// Counts from now on what services send to the database. They get a single connection, so that what is done
    /// once per connection has been done after the first request.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn tap(&mut self) -> Wiretap {
        let (tap, url) = Wiretap::before(&self.database, Service::Api).await;
        let single = DatabaseConfig { pool_size: 1, pool_wait_ms: 30_000, ..DatabaseConfig::new(url) };
        self.db = Db::connect(&single, self.clock.clone()).unwrap();
        tap
    }

    /// Creates another location with the default settings.
    pub async fn location(&self, name: &str) -> OrganizationId {
        let id = OrganizationId::generate(self.clock.now());
        self.sql
            .execute(
                "WITH o AS (INSERT INTO tenancy.organizations
                     (tenant_id, id, name, time_zone, currency, created_at, updated_at)
                     VALUES ($1, $2, $3, 'Europe/Rome', 'EUR', now(), now()))
                 INSERT INTO tenancy.organization_settings (tenant_id, organization_id, updated_at)
                 VALUES ($1, $2, now())",
                &[&self.tenant.uuid(), &id.uuid(), &name],
            )
            .await
            .unwrap();
        id
    }

    /// Creates a class of one hour at `at` with `spots` spots, which starts after `ahead`.
    pub async fn class(&self, at: OrganizationId, spots: i32, ahead: Duration) -> EventId {
        let (id, starts) = (EventId::generate(self.clock.now()), self.clock.now() + ahead);
        self.sql
            .execute(
                "INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at,
                     spots_total, status, created_at, updated_at)
                 VALUES ($1, $2, $3, 'class', 'Yoga', $4, $5, $6::int, 'scheduled', now(), now())",
                &[
                    &self.tenant.uuid(),
                    &id.uuid(),
                    &at.uuid(),
                    &starts,
                    &(starts + Duration::hours(1)),
                    &spots,
                ],
            )
            .await
            .unwrap();
        id
    }

    /// Creates `count` classes at the first location, a minute apart, and books each for `member`.
    pub async fn booked_classes(&self, member: Member, count: i32) {
        let (tenant, main) = (self.tenant.uuid(), self.main.uuid());
        let (client, user) = (member.client.uuid(), member.user.uuid());
        self.sql
            .execute(
                "WITH e AS (
                     INSERT INTO events.events (tenant_id, id, organization_id, kind, name, starts_at, ends_at,
                         spots_total, spots_booked, status, created_at, updated_at)
                     SELECT $1, gen_random_uuid(), $2, 'class', 'Yoga', $3::timestamptz + n * interval '1 minute',
                         $3::timestamptz + (n + 60) * interval '1 minute', 10, 1, 'scheduled', now(), now()
                     FROM generate_series(1, $4::int) n
                     RETURNING id)
                 INSERT INTO events.bookings (tenant_id, id, event_id, client_id, user_id, booking_organization_id,
                     attended_organization_id, status, status_at, is_first_timer, currency, created_at)
                 SELECT $1, gen_random_uuid(), id, $5, $6, $2, $2, 'booked', now(), false, 'EUR', now() FROM e",
                &[&tenant, &main, &self.now(), &count, &client, &user],
            )
            .await
            .unwrap();
    }

    /// Creates a client whose home location is `home`.
    pub async fn member(&self, home: OrganizationId) -> Member {
        let now = self.clock.now();
        let member = Member { client: ClientId::generate(now), user: UserId::generate(now) };
        self.sql
            .execute(
                "INSERT INTO crm.clients (tenant_id, id, user_id, home_organization_id, given_name, family_name,
                     email, status, joined_on, created_at, updated_at)
                 VALUES ($1, $2, $3, $4, 'Ada', 'Rossi', $2::uuid || '@example.com', 'active', '2026-01-01',
                     now(), now())",
                &[&self.tenant.uuid(), &member.client.uuid(), &member.user.uuid(), &home.uuid()],
            )
            .await
            .unwrap();
        member
    }

    /// The grants of `member`, signed in and switched to `at`.
    #[must_use]
    pub fn as_client(&self, member: Member, at: OrganizationId) -> Arc<Grants> {
        let actor = Actor::User { user: member.user, session: SessionId::generate(self.clock.now()) };
        Grants::compile(actor, self.tenant, Some(at), &Holdings { is_client: true, ..Holdings::default() })
    }

    /// The grants of an employee with the permissions `patterns` at `at`.
    #[must_use]
    pub fn as_staff(&self, user: UserId, at: OrganizationId, patterns: &[&str]) -> Arc<Grants> {
        let actor = Actor::User { user, session: SessionId::generate(self.clock.now()) };
        let patterns = patterns.iter().map(|p| p.parse::<Pattern>().unwrap()).collect();
        let holdings = Holdings {
            tree: vec![OrganizationNode { organization: at, parent: None }],
            assignments: vec![Assignment {
                role: tryzore_kernel::RoleId::generate(self.clock.now()),
                name: "Test".into(),
                patterns,
                scope: Scope::Organization(at),
                expires_at: None,
            }],
            ..Holdings::default()
        };
        Grants::compile(actor, self.tenant, Some(at), &holdings)
    }

    /// The grants of an API key with the permissions `patterns` at the first location.
    #[must_use]
    pub fn as_key(&self, patterns: &[&str]) -> Arc<Grants> {
        let (now, at) = (self.clock.now(), self.main);
        let holdings = Holdings {
            tree: vec![OrganizationNode { organization: at, parent: None }],
            assignments: vec![Assignment {
                role: tryzore_kernel::RoleId::generate(now),
                name: "Key".into(),
                patterns: patterns.iter().map(|pattern| pattern.parse::<Pattern>().unwrap()).collect(),
                scope: Scope::Organization(at),
                expires_at: None,
            }],
            ..Holdings::default()
        };
        let (key, issuer) = (ApiKeyId::generate(now), UserId::generate(now));
        Grants::compile_for_key(key, issuer, self.tenant, at, &holdings, None)
    }

    /// The same grants in a session that has just verified a second factor.
    #[must_use]
    pub fn verified(&self, grants: Arc<Grants>) -> Arc<Grants> {
        let now = self.now();
        grants.with_factor(FactorStanding { used_at: Some(now), ..FactorStanding::default() }, now)
    }

    /// The grants of an acting session of `user` with support access to everything at the first location.
    #[must_use]
    pub fn acting(&self, user: UserId) -> Arc<Grants> {
        let session = SessionId::generate(self.clock.now());
        let actor = Actor::Acting { user, session, kind: ActingKind::SupportAccess, subject: None };
        let holdings = Holdings {
            tree: vec![OrganizationNode { organization: self.main, parent: None }],
            assignments: vec![Assignment {
                role: tryzore_kernel::RoleId::generate(self.clock.now()),
                name: "Support access".into(),
                patterns: "*".parse::<Pattern>().into_iter().collect(),
                scope: Scope::Organization(self.main),
                expires_at: None,
            }],
            ..Holdings::default()
        };
        Grants::compile_acting(actor, self.tenant, Some(self.main), &holdings, None)
    }

    /// The number that `query` returns within the tenant.
    pub async fn count(&self, query: &str) -> i64 {
        self.sql.query_one(query, &[]).await.unwrap().get(0)
    }

    /// The current time of the test's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
