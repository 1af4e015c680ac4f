//! A service under test, over real HTTP.

use crate::{FakeClock, Service, TestTenant};
use actix_web::web::ServiceConfig;
use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt, ready};
use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex},
};
use tryzore_auth_http::{SessionAuthenticator, SignIn};
use tryzore_kernel::{Clock, Problem, SessionId, SystemClock};
use tryzore_postgres::DatabaseConfig;
use tryzore_rbac::Grants;
use tryzore_web::{
    Authenticator, Background, HttpSettings, Running, SessionCache, Verified,
    server::{self, Routes},
    settings::{AuthSettings, BodySettings, LimitSettings, ProviderKind},
};

/// A service with its routes, a database and callers that the test admits.
pub struct Api {
    running: Running,
    callers: Arc<Callers>,
}

#[derive(Default)]
struct Callers {
    admitted: Mutex<HashMap<String, Arc<Grants>>>,
    sessions: Option<SessionAuthenticator>,
    clock: Option<Arc<FakeClock>>,
}

impl Authenticator for Callers {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        let known = self.admitted.lock().unwrap().get(token).cloned();
        match (known, &self.sessions) {
            (Some(known), _) => ready(Ok(known)).boxed(),
            (None, Some(sessions)) => sessions.authenticate(token),
            (None, None) => {
                ready(Err(Problem::unauthenticated("auth.token.unknown", "sign in again"))).boxed()
            }
        }
    }

    fn verify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verified, Problem>> {
        let is_admitted = self.admitted.lock().unwrap().contains_key(token);
        match &self.sessions {
            Some(sessions) if !is_admitted => sessions.verify(token),
            _ => self
                .authenticate(token)
                .map(|grants| Ok(Verified { grants: grants?, expires_at: None }))
                .boxed(),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.as_ref().map_or_else(|| SystemClock.now(), |clock| clock.now())
    }

    fn configure(&self, config: &mut ServiceConfig) {
        if let Some(sessions) = &self.sessions {
            sessions.configure(config);
        }
    }
}

/// The settings of sign-in for services under test: the same for the whole run, because they share the
/// signing keys.
#[must_use]
pub fn auth_settings() -> AuthSettings {
    AuthSettings {
        provider: ProviderKind::Password,
        issuer: "https://api.example.com".into(),
        audience: "tryzore".into(),
        key_encryption_key: "VGhpcnR5LXR3byBieXRlcyB0aGF0IHNlYWwga2V5cy4=".to_owned().into(),
        former_key_encryption_keys: Vec::new(),
        workos: None,
        breached_passwords: None,
    }
}

impl Api {
    /// Starts a service with `routes` on the database of the test tenant.
    #[must_use]
    pub fn start(studio: &TestTenant, routes: Routes) -> Self {
        Self::start_with(studio, routes, |_| {})
    }

    /// Starts a service with adjusted settings.
    #[must_use]
    pub fn start_with(studio: &TestTenant, routes: Routes, adjust: impl FnOnce(&mut HttpSettings)) -> Self {
        Self::answer(studio, routes, Callers::default(), adjust)
    }

    /// Starts a service with real sessions: callers sign in, and [`Api::admit`] admits others as well.
    ///
    /// # Panics
    /// When sign-in cannot be set up.
    pub async fn start_with_sessions(studio: &TestTenant, routes: Routes) -> Self {
        Self::start_with_auth(studio, routes, &auth_settings()).await
    }

    /// Starts a service with real sessions and other settings of sign-in.
    ///
    /// # Panics
    /// When sign-in cannot be set up.
    pub async fn start_with_auth(studio: &TestTenant, routes: Routes, settings: &AuthSettings) -> Self {
        Self::start_with_all(studio, routes, settings, |_| {}).await
    }

    /// Starts a service with real sessions, other settings of sign-in and adjusted HTTP settings.
    ///
    /// # Panics
    /// When sign-in cannot be set up.
    pub async fn start_with_all(
        studio: &TestTenant,
        routes: Routes,
        settings: &AuthSettings,
        adjust: impl FnOnce(&mut HttpSettings),
    ) -> Self {
        let sign_in = Arc::new(SignIn::open(&studio.db, settings).await.unwrap());
        let sessions = Some(SessionAuthenticator::new(studio.db.clone(), sign_in));
        Self::answer(studio, routes, Callers { sessions, ..Callers::default() }, adjust)
    }

    fn answer(
        studio: &TestTenant,
        routes: Routes,
        callers: Callers,
        adjust: impl FnOnce(&mut HttpSettings),
    ) -> Self {
        let callers = Arc::new(Callers { clock: Some(Arc::clone(&studio.clock)), ..callers });
        let service = tryzore_web::Service {
            title: "Test",
            description: "",
            routes,
            authenticator: callers.clone(),
            db: studio.db.clone(),
            state: Arc::new(|_| {}),
        };
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let mut settings = HttpSettings {
            address: [127, 0, 0, 1].into(),
            port: 0,
            threads: Some(2),
            origins: vec!["https://app.example.com".into()],
            // Running requests end soon, so that a test fails if the service waits for a stream that it should end.
            drain_seconds: 30,
            body: BodySettings::default(),
            limits: LimitSettings {
                per_address: plenty,
                per_user: plenty,
                per_api_key: plenty,
                per_organization: plenty,
                trusted_proxies: 0,
            },
        };
        adjust(&mut settings);
        Self { running: server::start(service, &settings).unwrap(), callers }
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// A token for a caller with `grants`.
    #[must_use]
    pub fn admit(&self, grants: Arc<Grants>) -> String {
        let token = SessionId::generate(chrono::DateTime::UNIX_EPOCH).to_string();
        self.callers.admitted.lock().unwrap().insert(token.clone(), grants);
        token
    }

    /// The cache of authenticated callers of the service.
    #[must_use]
    pub fn cache(&self) -> &SessionCache {
        self.running.mount.sessions().cache()
    }

    /// Connects the service with other processes by notifications, as in a process of its own.
    ///
    /// # Panics
    /// When the settings of the database are not valid.
    #[must_use]
    pub fn background(&self, studio: &TestTenant) -> Background {
        let config = DatabaseConfig::new(studio.database.url(Service::Api));
        Background::start(&studio.db, &config, &self.running.mount).unwrap()
    }

    /// Writes which permissions were used, which the service does once a minute.
    pub async fn write_permission_use(&self) {
        self.running.mount.write_permission_use().await;
    }

    /// Stops the service.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
