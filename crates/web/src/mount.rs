//! A service as a part of an actix application: its operations with all that they rely on, by one call.
//!
//! ```no_run
//! # use actix_web::{App, HttpServer, web};
//! # use tryzore_web::{Mount, Program, settings};
//! # async fn mounted(program: Program) -> anyhow::Result<()> {
//! let mount: Mount = program.mount(&settings::load(program.name)?, |_| {}).await?;
//! let parts = mount.clone();
//! let own = || web::get().to(async || "of your own");
//! HttpServer::new(move || App::new().route("/own", own()).configure(|app| parts.configure(app)))
//!     .bind(("127.0.0.1", 8080))?
//!     .run()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! What is mounted brings its own limits, origins, request ids, problems as answers, time-outs of bodies,
//! the contract at `/docs/`, health, metrics, and the state of its handlers. It takes every path that the
//! application has not taken before it, so it is mounted last. Wake-ups of streams and the end of sessions
//! that other processes tell of reach it as long as a [`Mount`] of it lives.

use crate::{
    Background, HttpSettings,
    authenticator::{Authenticator, Sessions},
    body, body_pace, canonical, health,
    limit::{self, Limits},
    openapi,
    origin::{self, Origins},
    request, routes,
    server::{Routes, Service, State},
    settings::BodySettings,
    stream_signals::StreamSignals,
    task::Task,
    unrouted::{self, Paths},
};
use actix_web::{
    App, HttpResponse,
    http::header,
    middleware::{Compress, from_fn},
    web::{self, Data, PayloadConfig},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};
use tryzore_postgres::Db;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};
use utoipa_swagger_ui::SwaggerUi;

/// A service that can be mounted in the applications of a process. Cheap to clone.
#[derive(Clone)]
pub struct Mount(Arc<Parts>);

struct Parts {
    routes: Routes,
    state: State,
    authenticator: Arc<dyn Authenticator>,
    sessions: Data<Sessions>,
    signals: Data<StreamSignals>,
    limits: Data<Limits>,
    origins: Data<Origins>,
    body: Data<BodySettings>,
    metrics: Data<PrometheusHandle>,
    paths: Data<Paths>,
    contract: OpenApi,
    // Each application works on one of them; they are given out in turn.
    shares: Vec<Data<Db>>,
    configured: AtomicUsize,
    background: OnceLock<ServiceTasks>,
    _tidying: Task,
}

/// What a mounted service needs beside the handling of requests, until it is dropped.
pub(crate) struct ServiceTasks {
    pub(crate) _keys: Task,
    pub(crate) _beside: Background,
}

/// The contract of a service with `routes`.
#[must_use]
pub fn contract(title: &str, description: &str, routes: Routes) -> OpenApi {
    let scope = utoipa_actix_web::scope("/api/v1").configure(routes);
    let app = App::new().into_utoipa_app().openapi(openapi::start(title, description)).service(scope);
    openapi::complete(app.split_for_parts().1)
}

impl Mount {
    /// What `service` needs in this process; within a tokio runtime. It hears what this process commits.
    /// What others commit it hears from [`Background`], which [`Program::mount`](crate::Program::mount) starts.
    ///
    /// # Errors
    /// When the connections to the database cannot be shared out.
    pub fn new(service: Service, settings: &HttpSettings) -> std::io::Result<Self> {
        let Service { title, description, routes, authenticator, db, state } = service;
        let sessions = Sessions::new(Arc::clone(&authenticator));
        let signals = StreamSignals::default();
        let (memory, rechecked) = (sessions.memory().clone(), signals.clone());
        db.on_invalidation(move |invalidation| {
            memory.forget(invalidation);
            rechecked.recheck();
        });
        let limits = Data::new(Limits::new(&settings.limits));
        let shares = db.shares(threads(settings)).map_err(std::io::Error::other)?;
        let contract = contract(title, description, routes);
        let tidied = limits.clone();
        let tidying = Task(tokio::spawn(async move {
            let mut minutes = tokio::time::interval(Duration::from_secs(60));
            loop {
                minutes.tick().await;
                tidied.tidy();
            }
        }));
        Ok(Self(Arc::new(Parts {
            routes,
            state,
            authenticator,
            sessions: Data::new(sessions),
            signals: Data::new(signals),
            limits,
            origins: Data::new(Origins(settings.origins.clone())),
            body: Data::new(settings.body),
            metrics: Data::new(recorder()),
            paths: Data::new(Paths::of(&contract)),
            contract,
            shares: shares.into_iter().map(Data::new).collect(),
            configured: AtomicUsize::new(0),
            background: OnceLock::new(),
            _tidying: tidying,
        })))
    }

    /// Adds everything to an application: called where each thread makes its own, after its other routes.
    pub fn configure(&self, app: &mut web::ServiceConfig) {
        let parts = &*self.0;
        let db = &parts.shares[parts.configured.fetch_add(1, Ordering::Relaxed) % parts.shares.len()];
        let operations = utoipa_actix_web::scope("/api/v1")
            .default_service(web::to(unrouted::answer))
            .configure(parts.routes);
        let scope = web::scope("")
            .app_data(parts.sessions.clone())
            .app_data(parts.signals.clone())
            .app_data(parts.limits.clone())
            .app_data(parts.origins.clone())
            .app_data(parts.body.clone())
            .app_data(parts.metrics.clone())
            .app_data(parts.paths.clone())
            .app_data(db.clone())
            .app_data(PayloadConfig::new(body::LIMIT))
            .configure(|config| (parts.state)(config))
            .configure(|config| parts.authenticator.configure(config))
            .service(health::live)
            .service(health::ready)
            .service(health::metrics)
            .service(routes::auth::well_known_keys)
            .service(routes::auth::well_known_issuer)
            .route("/", web::get().to(to_docs))
            .route("/docs", web::get().to(to_docs))
            .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", parts.contract.clone()))
            .configure(|config| {
                ServiceConfig::new(config).service(operations);
            })
            .default_service(web::to(unrouted::answer))
            .wrap(Compress::default())
            .wrap(from_fn(body_pace::guard))
            .wrap(from_fn(canonical::guard))
            .wrap(from_fn(limit::guard))
            .wrap(from_fn(origin::guard))
            .wrap(from_fn(request::identify))
            .wrap(from_fn(body_pace::hold));
        app.service(scope);
    }

    /// What it knows of its callers, to be forgotten when something changes.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Wakes its streams.
    #[must_use]
    pub fn signals(&self) -> &StreamSignals {
        &self.0.signals
    }

    /// Ends its streams, before the server that it is mounted in is told to stop: a server waits for what
    /// is under way, and a stream would be.
    pub fn end_streams(&self) {
        self.0.signals.end();
    }

    /// Keeps `background` for as long as any part of it lives.
    pub(crate) fn keep(&self, background: ServiceTasks) {
        let _ = self.0.background.set(background);
    }
}

/// How many threads answer.
pub(crate) fn threads(settings: &HttpSettings) -> usize {
    settings.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

// Relative, so that it holds behind a proxy that takes a part of the path away.
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

// One recorder a process: tests start several services in one.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("metrics go to a recorder that was there before");
            }
            handle
        })
        .clone()
}
