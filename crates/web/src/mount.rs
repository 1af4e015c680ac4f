//! A service as a part of an actix application: one call adds its operations and all that they need.
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
//! A mounted service has its own limits, origins, request ids, problems as answers, time limits of bodies,
//! the contract at `/docs/`, the denials at `/problems`, health, metrics, and the state of its handlers. It answers every path that the
//! application has not routed before it, so mount it last. Its streams and caches receive the notifications
//! of other processes as long as a [`Mount`] of it lives.

use crate::{
    Background, HttpSettings,
    authenticator::{Authenticator, Sessions},
    body, body_pace, canonical,
    denials::{self, Declared},
    health,
    limit::{self, Limits},
    openapi,
    origin::{self, Origins},
    permission_use::UsedPermissions,
    request,
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
    used: Data<UsedPermissions>,
    db: Db,
    origins: Data<Origins>,
    body: Data<BodySettings>,
    metrics: Data<PrometheusHandle>,
    paths: Data<Paths>,
    declared: Data<Declared>,
    contract: OpenApi,
    // A share of the connections for each application, assigned in turn.
    shares: Vec<Data<Db>>,
    configured: AtomicUsize,
    background: OnceLock<ServiceTasks>,
    _minutely: Task,
}

/// The background tasks of a mounted service; they end when it is dropped.
pub(crate) struct ServiceTasks {
    pub(crate) _keys: Task,
    pub(crate) _background: Background,
}

/// The contract of a service with `routes`.
#[must_use]
pub fn contract(title: &str, description: &str, routes: Routes) -> OpenApi {
    let scope = utoipa_actix_web::scope("/api/v1").configure(routes);
    let app = App::new().into_utoipa_app().openapi(openapi::start(title, description)).service(scope);
    openapi::complete(app.split_for_parts().1)
}

impl Mount {
    /// Sets up `service` in this process, within a tokio runtime. Its caches see the commits of this process;
    /// those of other processes only with a [`Background`], which [`Program::mount`](crate::Program::mount) starts.
    ///
    /// # Errors
    /// When the pools of the database cannot be opened.
    pub fn new(service: Service, settings: &HttpSettings) -> std::io::Result<Self> {
        let Service { title, description, routes, authenticator, db, state } = service;
        let sessions = Sessions::new(Arc::clone(&authenticator));
        let signals = StreamSignals::default();
        let (cache, session_signals) = (sessions.cache().clone(), signals.clone());
        db.on_invalidation(move |invalidation| {
            cache.invalidate(invalidation);
            session_signals.recheck();
        });
        let limits = Data::new(Limits::new(&settings.limits));
        let shares = db.shares(threads(settings)).map_err(std::io::Error::other)?;
        let contract = contract(title, description, routes);
        let used = Data::new(UsedPermissions::default());
        let (tidied, written, database) = (limits.clone(), used.clone(), db.clone());
        let minutely = Task(tokio::spawn(async move {
            let mut minutes = tokio::time::interval(Duration::from_secs(60));
            loop {
                minutes.tick().await;
                tidied.tidy();
                written.write(&database).await;
            }
        }));
        Ok(Self(Arc::new(Parts {
            routes,
            state,
            authenticator,
            sessions: Data::new(sessions),
            signals: Data::new(signals),
            limits,
            used,
            db,
            origins: Data::new(Origins(settings.origins.clone())),
            body: Data::new(settings.body),
            metrics: Data::new(recorder()),
            paths: Data::new(Paths::of(&contract)),
            declared: Data::new(Declared::of(&contract)),
            contract,
            shares: shares.into_iter().map(Data::new).collect(),
            configured: AtomicUsize::new(0),
            background: OnceLock::new(),
            _minutely: minutely,
        })))
    }

    /// Adds the service to an application: called where each thread makes its own, after its other routes.
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
            .app_data(parts.used.clone())
            .app_data(parts.origins.clone())
            .app_data(parts.body.clone())
            .app_data(parts.metrics.clone())
            .app_data(parts.paths.clone())
            .app_data(parts.declared.clone())
            .app_data(db.clone())
            .app_data(PayloadConfig::new(body::LIMIT))
            .configure(|config| (parts.state)(config))
            .configure(|config| parts.authenticator.configure(config))
            .service(health::live)
            .service(health::ready)
            .service(health::metrics)
            .service(denials::page)
            .route("/", web::get().to(to_docs))
            .route("/docs", web::get().to(to_docs))
            .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", parts.contract.clone()))
            .configure(|config| {
                ServiceConfig::new(config).service(operations);
            })
            .default_service(web::to(unrouted::answer))
            .wrap(from_fn(denials::guard))
            .wrap(Compress::default())
            .wrap(from_fn(body_pace::guard))
            .wrap(from_fn(canonical::guard))
            .wrap(from_fn(limit::guard))
            .wrap(from_fn(origin::guard))
            .wrap(from_fn(request::identify))
            .wrap(from_fn(body_pace::hold));
        app.service(scope);
    }

    /// The authenticated callers of the service.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The signals that wake the streams of the service.
    #[must_use]
    pub fn signals(&self) -> &StreamSignals {
        &self.0.signals
    }

    /// Ends the streams. Call it before the server is stopped: a server waits for the requests that it is
    /// answering, and a stream is one of them.
    pub fn end_streams(&self) {
        self.0.signals.end();
    }

    /// Writes which permissions were used since this was last done. It is done once a minute; call it when the
    /// service has stopped, or what was used since then is lost.
    pub async fn write_permission_use(&self) {
        self.0.used.write(&self.0.db).await;
    }

    /// Keeps the tasks of `background` running for as long as any clone of this value lives.
    pub(crate) fn keep(&self, background: ServiceTasks) {
        let _ = self.0.background.set(background);
    }
}

/// The number of threads of the server.
pub(crate) fn threads(settings: &HttpSettings) -> usize {
    settings.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

// Relative, so that it works behind a proxy that removes a prefix of the path.
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

// One recorder per process: tests start several services in one.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed already");
            }
            handle
        })
        .clone()
}
