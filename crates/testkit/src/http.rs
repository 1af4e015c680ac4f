//! A service under test, over real HTTP.

use crate::Studio;
use futures::future::{BoxFuture, FutureExt, ready};
use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex},
};
use tryzore_kernel::{Problem, SessionId};
use tryzore_rbac::Grants;
use tryzore_web::{Authenticator, HttpSettings, Running, Service, server::{self, Routes}, settings::LimitSettings};

/// A service with its routes, a database and callers that the test admits.
pub struct Api {
    running: Running,
    callers: Arc<Callers>,
}

#[derive(Default)]
struct Callers(Mutex<HashMap<String, Arc<Grants>>>);

impl Authenticator for Callers {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Grants>, Problem>> {
        let known = self.0.lock().unwrap().get(token).cloned();
        ready(known.ok_or_else(|| Problem::unauthenticated("auth.token.unknown", "sign in again"))).boxed()
    }
}

impl Api {
    /// Starts a service with `routes` on the studio's database.
    #[must_use]
    pub fn start(studio: &Studio, routes: Routes) -> Self {
        let callers = Arc::new(Callers::default());
        let service = Service {
            title: "Test",
            description: "",
            routes,
            authenticator: callers.clone(),
            db: studio.db.clone(),
            state: |_| {},
        };
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let settings = HttpSettings {
            address: [127, 0, 0, 1].into(),
            port: 0,
            threads: Some(2),
            origins: vec!["https://app.example.com".into()],
            drain_seconds: 1,
            limits: LimitSettings {
                per_address: plenty,
                per_user: plenty,
                per_organization: plenty,
                trust_proxy: false,
            },
        };
        Self { running: server::start(service, &settings).unwrap(), callers }
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// A token for whoever holds `grants`.
    #[must_use]
    pub fn admit(&self, grants: Arc<Grants>) -> String {
        let token = SessionId::generate(chrono::DateTime::UNIX_EPOCH).to_string();
        self.callers.0.lock().unwrap().insert(token.clone(), grants);
        token
    }

    /// Stops the service.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
