//! An HTTP service as a server of its own.

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

/// Adds the operations of a service, below `/api/v1`.
pub type Routes = fn(&mut ServiceConfig);

/// Adds further state for the handlers of a service.
pub type State = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// An HTTP service.
pub struct Service {
    /// The title of the contract.
    pub title: &'static str,
    /// The description of the contract.
    pub description: &'static str,
    /// The operations.
    pub routes: Routes,
    /// Authenticates the callers.
    pub authenticator: Arc<dyn Authenticator>,
    /// The database.
    pub db: Db,
    /// Further state for the handlers.
    pub state: State,
}

/// A running server.
pub struct Running {
    /// The address on which it listens.
    pub address: SocketAddr,
    /// The service of the server.
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

    /// Ends the streams, answers the running requests, writes which permissions were used, and stops.
    pub async fn stop(self) {
        self.mount.end_streams();
        self.handle.stop(true).await;
        let _ = self.task.await;
        self.mount.write_permission_use().await;
    }

    /// Runs until the stop signal (SIGTERM, Ctrl-C); running requests are answered.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn until_stopped(mut self) -> std::io::Result<()> {
        tokio::select! {
            failed = &mut self.task => failed.unwrap_or_else(|error| Err(std::io::Error::other(error))),
            signal = program::stop_signal() => {
                self.stop().await;
                signal
            }
        }
    }
}

/// Starts `service`.
///
/// # Errors
/// When the address is in use.
pub fn start(service: Service, settings: &HttpSettings) -> std::io::Result<Running> {
    serve(Mount::new(service, settings)?, settings)
}

/// Starts a server for `mount` alone.
///
/// # Errors
/// When the address is in use.
pub fn serve(mount: Mount, settings: &HttpSettings) -> std::io::Result<Running> {
    let parts = mount.clone();
    // Each thread makes its application, once.
    let server = HttpServer::new(move || App::new().configure(|app| parts.configure(app)));
    // The server's own signal handling would not end the streams.
    let server = server.workers(threads(settings)).disable_signals().shutdown_timeout(settings.drain_seconds);
    let server = server.bind((settings.address, settings.port))?;
    let address = server.addrs().first().copied().ok_or_else(|| std::io::Error::other("no address"))?;
    let server = server.run();
    let handle = server.handle();
    Ok(Running { address, mount, handle, task: tokio::spawn(server) })
}
