//! An HTTP service from its routes.

use crate::{
    HttpSettings,
    authenticator::{Authenticator, Sessions},
    body, health,
    limit::{self, Limits},
    openapi,
    origin::{self, Origins},
    program, request, routes,
    unrouted::{self, Paths},
    wakes::Wakes,
};
use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::{Compress, NormalizePath, TrailingSlash, from_fn},
    web::{self, Data, PayloadConfig},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use tokio::task::JoinHandle;
use tryzore_postgres::Db;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};
use utoipa_swagger_ui::SwaggerUi;

/// Adds a service's operations, below `/api/v1`.
pub type Routes = fn(&mut ServiceConfig);

/// An HTTP service.
pub struct Service {
    /// What it is called in its contract.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its operations.
    pub routes: Routes,
    /// Who its callers are.
    pub authenticator: Arc<dyn Authenticator>,
    /// Its database.
    pub db: Db,
    /// Further state for its handlers.
    pub state: fn(&mut web::ServiceConfig),
}

/// A service that listens.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// What it knows of its callers, to be forgotten when something changes.
    pub sessions: Sessions,
    /// Wakes its streams.
    pub wakes: Wakes,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// `http://address`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends its streams, answers what is under way and stops.
    pub async fn stop(self) {
        self.wakes.end();
        self.handle.stop(true).await;
        let _ = self.task.await;
    }

    /// Runs until the process is told to stop (SIGTERM, Ctrl-C); requests under way are answered.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn until_stopped(mut self) -> std::io::Result<()> {
        tokio::select! {
            failed = &mut self.task => failed.unwrap_or_else(|error| Err(std::io::Error::other(error))),
            told = program::told_to_stop() => {
                self.stop().await;
                told
            }
        }
    }
}

/// The contract of a service with `routes`.
#[must_use]
pub fn contract(title: &str, description: &str, routes: Routes) -> OpenApi {
    let scope = utoipa_actix_web::scope("/api/v1").configure(routes);
    let app = App::new().into_utoipa_app().openapi(openapi::start(title, description)).service(scope);
    openapi::complete(app.split_for_parts().1)
}

/// Starts `service`.
///
/// # Errors
/// When the address is taken.
pub fn start(service: Service, settings: &HttpSettings) -> std::io::Result<Running> {
    let Service { title, description, routes, authenticator, db, state } = service;
    let sessions = Sessions::new(Arc::clone(&authenticator));
    let wakes = Wakes::default();
    let (memory, doubted) = (sessions.memory().clone(), wakes.clone());
    db.on_stale(move |stale| {
        memory.forget(stale);
        doubted.doubt();
    });
    let limits = Data::new(Limits::new(&settings.limits));
    let origins = Data::new(Origins(settings.origins.clone()));
    let (known, metrics) = (Data::new(sessions.clone()), Data::new(recorder()));
    let woken = Data::new(wakes.clone());
    let threads = settings.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
    let shares = db.shares(threads).map_err(std::io::Error::other)?;
    let shares: Arc<[Data<Db>]> = shares.into_iter().map(Data::new).collect();
    let started = Arc::new(AtomicUsize::new(0));
    let contract = contract(title, description, routes);
    let paths = Data::new(Paths::of(&contract));

    let tidied = limits.clone();
    tokio::spawn(async move {
        let mut minutes = tokio::time::interval(std::time::Duration::from_secs(60));
        loop {
            minutes.tick().await;
            tidied.tidy();
        }
    });

    // Each thread makes its application, once.
    let server = HttpServer::new(move || {
        let db = &shares[started.fetch_add(1, Ordering::Relaxed) % shares.len()];
        App::new()
            .app_data(limits.clone())
            .app_data(origins.clone())
            .app_data(known.clone())
            .app_data(woken.clone())
            .app_data(metrics.clone())
            .app_data(db.clone())
            .app_data(paths.clone())
            .app_data(PayloadConfig::new(body::LIMIT))
            .configure(state)
            .configure(|config| authenticator.configure(config))
            .wrap(Compress::default())
            .wrap(from_fn(limit::guard))
            .wrap(from_fn(origin::guard))
            .wrap(from_fn(request::identify))
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .service(health::live)
            .service(health::ready)
            .service(health::metrics)
            .service(routes::auth::well_known_keys)
            .service(routes::auth::well_known_issuer)
            .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", contract.clone()))
            .into_utoipa_app()
            .service(utoipa_actix_web::scope("/api/v1").configure(routes))
            .into_app()
            .default_service(web::to(unrouted::answer))
    });
    // Its own handling of signals would know nothing of streams.
    let server = server.workers(threads).disable_signals().shutdown_timeout(settings.drain_seconds);
    let server = server.bind((settings.address, settings.port))?;
    let address = server.addrs().first().copied().ok_or_else(|| std::io::Error::other("no address"))?;
    let server = server.run();
    let handle = server.handle();
    Ok(Running { address, sessions, wakes, handle, task: tokio::spawn(server) })
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
