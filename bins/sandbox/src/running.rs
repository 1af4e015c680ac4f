//! Starting and stopping: ports are bound first, so that a caller with a [`Running`] can connect at once; then
//! everything runs on one thread of its own until it is stopped or dropped.

use crate::{
    Options, http, page,
    providers::{self, Provider},
    shared::Shared,
};
use actix_web::{App, HttpServer, middleware::from_fn, web};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

/// How many seconds open requests and conversations have to end when the sandbox stops.
const DRAIN_SECONDS: u64 = 2;

/// The sandbox; see the documentation of the crate.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox;

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is in use, or not permitted.
    #[error("cannot listen on 127.0.0.1:{port} for {what}")]
    Port {
        /// The requested port.
        port: u16,
        /// The listener that needs the port.
        what: &'static str,
        /// The error of the system.
        source: io::Error,
    },
    /// The system has no thread or event loop to spare.
    #[error("the machine gives no thread or no event loop")]
    Machine(#[source] io::Error),
}

/// A running sandbox. Dropping it stops it; [`Running::stop`] also waits for the end.
#[derive(Debug)]
pub struct Running {
    /// The base URL of the page and the control API, without a slash at its end: `http://127.0.0.1:8090`.
    pub http_url: String,
    /// The URL of the mail server: `smtp://127.0.0.1:2525`.
    pub smtp_url: String,
    /// The address of the mail server, for clients that take no URL.
    pub smtp_addr: SocketAddr,
    closing: tokio_util::sync::CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Listens on 127.0.0.1 and serves until stopped. The caller needs no runtime.
    ///
    /// # Errors
    /// When a port is in use, or the machine has no thread to spare.
    pub fn start(options: Options) -> Result<Running, StartError> {
        let (http, http_addr) = bind(options.http_port, "the page")?;
        let (smtp, smtp_addr) = bind(options.smtp_port, "mail")?;
        let shared = Arc::new(Shared::new());
        let closing = shared.closing.clone();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox".into())
            .spawn(move || live(&options, shared, http, smtp, &tell))
            .map_err(StartError::Machine)?;
        told.recv().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into())).map_err(StartError::Machine)?;
        Ok(Running {
            http_url: format!("http://{http_addr}"),
            smtp_url: format!("smtp://{smtp_addr}"),
            smtp_addr,
            closing,
            thread: Some(thread),
        })
    }
}

impl Running {
    /// Accepts nothing new, lets open connections end within two seconds, and waits for the end.
    pub fn stop(mut self) {
        self.closing.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been reported already; there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

fn bind(port: u16, what: &'static str) -> Result<(TcpListener, SocketAddr), StartError> {
    let fail = |source| StartError::Port { port, what, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok((listener, address))
}

/// The main function of the thread: opens everything, reports whether that succeeded, and serves to the end.
fn live(
    options: &Options,
    shared: Arc<Shared>,
    http: TcpListener,
    smtp: TcpListener,
    tell: &mpsc::Sender<io::Result<()>>,
) {
    let opened = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        let server = runtime.block_on(async {
            let providers = providers::open(options, &shared, smtp)?;
            serve(http, &shared, providers)
        })?;
        Ok((runtime, server))
    });
    match opened {
        Ok((runtime, server)) => {
            // The receiver is gone only if the starting thread died.
            let _ = tell.send(Ok(()));
            runtime.block_on(run(server, &shared));
            runtime.shutdown_background();
        }
        Err(error) => {
            let _ = tell.send(Err(error));
        }
    }
}

fn serve(
    listener: TcpListener,
    shared: &Arc<Shared>,
    providers: Vec<Arc<dyn Provider>>,
) -> io::Result<actix_web::dev::Server> {
    let shared = web::Data::from(Arc::clone(shared));
    let page = web::Data::new(page::Page::of(&providers));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .app_data(page.clone())
            .wrap(from_fn(http::explain))
            .configure(http::routes)
            .configure(page::routes)
            .configure(|config| providers.iter().for_each(|provider| provider.routes(config)))
    });
    Ok(server.workers(2).disable_signals().shutdown_timeout(DRAIN_SECONDS).listen(listener)?.run())
}

async fn run(server: actix_web::dev::Server, shared: &Shared) {
    let handle = server.handle();
    let serving = tokio::spawn(server);
    shared.closing.cancelled().await;
    handle.stop(true).await;
    shared.tasks.close();
    if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), shared.tasks.wait()).await.is_err() {
        tracing::warn!(open = shared.tasks.len(), "conversations were cut off");
    }
    match serving.await {
        Ok(Ok(())) => tracing::info!("sandbox stopped"),
        Ok(Err(error)) => tracing::error!(%error, "the page's server failed"),
        Err(error) => tracing::error!(%error, "the page's server was lost"),
    }
}
