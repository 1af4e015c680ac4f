//! An HTTP service as a server of its own: an application in which nothing else is mounted.

use crate::{
    HttpSettings, Mount,
    authenticator::Authenticator,
    mount::{self, threads},
    program,
};
use actix_web::{App, HttpServer, dev::ServerHandle, web};
use std::{net::SocketAddr, sync::Arc};
use tokio::task::JoinHandle;
use tryzore_postgres::Db;
use utoipa_actix_web::service_config::ServiceConfig;

pub use mount::contract;

/// Adds a service's operations, below `/api/v1`.
pub type Routes = fn(&mut ServiceConfig);

/// Adds further state for a service's handlers.
pub type State = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

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
    pub state: State,
}

/// A service that listens.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// What listens.
    pub mount: Mount,
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
        self.mount.end_streams();
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

/// Starts `service`.
///
/// # Errors
/// When the address is taken.
pub fn start(service: Service, settings: &HttpSettings) -> std::io::Result<Running> {
    serve(Mount::new(service, settings)?, settings)
}

/// Starts a server for `mount` alone.
///
/// # Errors
/// When the address is taken.
pub fn serve(mount: Mount, settings: &HttpSettings) -> std::io::Result<Running> {
    let parts = mount.clone();
    // Each thread makes its application, once.
    let server = HttpServer::new(move || App::new().configure(|app| parts.configure(app)));
    // Its own handling of signals would know nothing of streams.
    let server = server.workers(threads(settings)).disable_signals().shutdown_timeout(settings.drain_seconds);
    let server = server.bind((settings.address, settings.port))?;
    let address = server.addrs().first().copied().ok_or_else(|| std::io::Error::other("no address"))?;
    let server = server.run();
    let handle = server.handle();
    Ok(Running { address, mount, handle, task: tokio::spawn(server) })
}
