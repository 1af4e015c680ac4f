//! A test tenant that went through onboarding.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::sync::Arc;
use tokio_postgres::Client;
use tryzore_kernel::{Clock, Email, OrganizationId, Problem, SessionId, TenantId, UserId};
use tryzore_postgres::{Db, TenantTx};
use tryzore_rbac::{Actor, Grants, Permission, Permit, SystemActor, manage::HoldingsStore};
use tryzore_tenancy::{
    OrganizationForm, Verified,
    onboarding::{self, Admission, Completion, DetailsForm, LocationsForm, StepResponse, account},
    permission::CreateOrganization,
};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_testkit::{Database, FakeClock, Service};

/// The test database, without any tenant yet.
pub struct TestPlatform {
    pub database: Database,
    pub db: Db,
    pub clock: Arc<FakeClock>,
}

pub fn location(name: &str) -> OrganizationForm {
    OrganizationForm {
        name: name.into(),
        address: Some("Via Roma 1".into()),
        time_zone: "Europe/Rome".into(),
        currency: "EUR".into(),
        jurisdiction: None,
        parent: None,
        is_franchise_location: false,
    }
}

pub fn locations(names: &[&str]) -> LocationsForm {
    LocationsForm { business_name: None, locations: names.iter().map(|name| location(name)).collect() }
}

/// 256 bits that no other test uses.
pub fn bits() -> [u8; 32] {
    let half = || *UserId::generate(DateTime::UNIX_EPOCH).uuid().as_bytes();
    let mut bits = [0; 32];
    bits[..16].copy_from_slice(&half());
    bits[16..].copy_from_slice(&half());
    bits
}

/// A user id that no other test uses.
pub fn user() -> UserId {
    UserId::generate(DateTime::UNIX_EPOCH)
}

/// An address that no other test uses.
pub fn address() -> String {
    format!("{}@example.com", UserId::generate(DateTime::UNIX_EPOCH).uuid().simple())
}

impl TestPlatform {
    pub async fn shared() -> Self {
        Self::of(Database::shared().await)
    }

    pub async fn own() -> Self {
        Self::of(Database::own().await)
    }

    fn of(database: Database) -> Self {
        let clock = Arc::new(FakeClock::at("2026-03-02T11:00:00Z".parse().unwrap()));
        let db = database.as_service(Service::Api, clock.clone());
        Self { database, db, clock }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub async fn start(&self) -> SecretString {
        let now = self.now();
        self.db
            .auth_tx(async |tx| onboarding::start(&mut tx.tenancy(), bits(), now).await)
            .await
            .unwrap()
            .token
    }

    pub async fn give_details(&self, token: &SecretString, email: &str) -> Result<StepResponse, Problem> {
        let (now, form) = (self.now(), DetailsForm { name: "Ada Rossi".into(), email: email.into() });
        self.db.auth_tx(async |tx| onboarding::give_details(&mut tx.tenancy(), token, &form, now).await).await
    }

    /// Takes the account step as `user`, as if they had followed the mailed link and chosen a password.
    pub async fn prove(
        &self,
        token: &SecretString,
        user: UserId,
        email: &str,
    ) -> Result<StepResponse, Problem> {
        let (now, email) = (self.now(), email.parse().unwrap());
        if let Admission::Done(response) =
            self.db.auth_tx(async |tx| account::admit(&mut tx.tenancy(), token, now).await).await?
        {
            return Ok(response);
        }
        let verified = Verified { user, email, name: "Ada".into() };
        self.db.auth_tx(async |tx| account::settle(&mut tx.tenancy(), token, &verified, now).await).await
    }

    pub async fn give_locations(
        &self,
        token: &SecretString,
        form: LocationsForm,
    ) -> Result<StepResponse, Problem> {
        let now = self.now();
        self.db
            .auth_tx(async |tx| onboarding::give_locations(&mut tx.tenancy(), token, form, now).await)
            .await
    }

    pub async fn complete(&self, token: &SecretString) -> Result<Completion, Problem> {
        let now = self.now();
        let permit: Permit<CreateOrganization> =
            Permit::system(TenantId::generate(now), SystemActor::Onboarding);
        self.db
            .tenant_tx(&permit, async |tx| onboarding::complete(&permit, &mut tx.tenancy(), token, now).await)
            .await
    }

    /// Starts a session and takes every step except completing.
    pub async fn ready(&self, email: &str, names: &[&str]) -> SecretString {
        let token = self.start().await;
        self.give_details(&token, email).await.unwrap();
        self.prove(&token, user(), email).await.unwrap();
        assert!(self.give_locations(&token, locations(names)).await.unwrap().success);
        token
    }

    /// A plain connection that sees only `tenant`.
    pub async fn sql(&self, tenant: TenantId) -> Client {
        let sql = self.database.client(Service::Api).await;
        sql.batch_execute(&format!("SET app.tenant_id = '{}'", tenant.uuid())).await.unwrap();
        sql
    }
}

/// A tenant that went through onboarding.
pub struct TestBrand {
    pub env: TestPlatform,
    pub tenant: TenantId,
    pub owner: UserId,
    pub email: Email,
    pub at: Vec<OrganizationId>,
    pub sql: Client,
}

impl TestBrand {
    pub async fn open(names: &[&str]) -> Self {
        Self::open_in(TestPlatform::shared().await, names).await
    }

    pub async fn open_in(env: TestPlatform, names: &[&str]) -> Self {
        let token = env.ready(&address(), names).await;
        let done = env.complete(&token).await.unwrap();
        let sql = env.sql(done.tenant).await;
        Self { env, tenant: done.tenant, owner: done.user, email: done.email, at: done.organizations, sql }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.env.now()
    }

    pub fn system<P: Permission>(&self) -> Permit<P> {
        Permit::system(self.tenant, SystemActor::Onboarding)
    }

    /// The grants of `user`, as a session would load them.
    pub async fn grants(&self, user: UserId) -> Arc<Grants> {
        let permit: Permit<CreateOrganization> = self.system();
        let holdings = self
            .tx(&permit, async |tx| Ok::<_, Problem>(tx.tenancy().holdings_of(user).await?))
            .await
            .unwrap();
        let actor = Actor::User { user, session: SessionId::generate(self.now()) };
        Grants::compile(actor, self.tenant, self.at.first().copied(), &holdings)
    }

    pub async fn permit<P: Permission>(&self, user: UserId) -> Permit<P> {
        self.grants(user).await.permit().unwrap()
    }

    pub async fn tx<P: Permission, T, E: Into<Problem>>(
        &self,
        permit: &Permit<P>,
        work: impl AsyncFnOnce(&mut TenantTx) -> Result<T, E>,
    ) -> Result<T, Problem> {
        self.env.db.tenant_tx(permit, work).await
    }

    pub async fn count(&self, query: &str) -> i64 {
        self.sql.query_one(query, &[]).await.unwrap().get(0)
    }
}

/// The code of a refused request.
pub fn code<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> String {
    outcome.unwrap_err().code.into_owned()
}
