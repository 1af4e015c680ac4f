//! The process of an API, from reading its configuration to the stop signal.
//!
//! `<program> --openapi` prints the contract and ends; it needs no configuration and no database.

use crate::{
    Authentication, Background, Mount, Service, Settings,
    mount::ServiceTasks,
    server::{self, Routes},
    settings::{self, AuthSettings},
    task::Task,
    telemetry,
};
use actix_web::web::ServiceConfig;
use futures::future::BoxFuture;
use serde_json::Value;
use std::{collections::BTreeMap, error::Error, io::Write, sync::Arc};
use tokio::signal::{
    ctrl_c,
    unix::{SignalKind, signal},
};
use tryzore_kernel::SystemClock;
use tryzore_postgres::{DatabaseConfigError, Db};

/// An API as a program.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The name in the configuration, such as `app-api`.
    pub name: &'static str,
    /// The title of the contract.
    pub title: &'static str,
    /// The description of the contract.
    pub description: &'static str,
    /// The operations.
    pub routes: Routes,
    /// Sets up how callers are verified.
    pub authenticate: Authenticate,
}

/// Sets up how the callers of a service are verified, from its database and its settings.
pub type Authenticate =
    fn(Db, AuthSettings) -> BoxFuture<'static, Result<Authentication, Box<dyn Error + Send + Sync>>>;

/// Why a program failed.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Something in the configuration is missing, unknown or wrong.
    #[error("the configuration is not valid")]
    Configuration(#[from] config::ConfigError),
    /// `log.filter` is not valid.
    #[error(transparent)]
    Filter(#[from] telemetry::FilterError),
    /// The settings of the database are not valid.
    #[error("the settings of the database are not valid")]
    Database(#[from] DatabaseConfigError),
    /// Sign-in cannot be set up.
    #[error("sign-in cannot be set up")]
    SignIn(#[source] Box<dyn Error + Send + Sync>),
    /// The address is in use, or the server failed.
    #[error(transparent)]
    Server(#[from] std::io::Error),
    /// An argument is not known.
    #[error("usage: {0} [--openapi]")]
    Usage(&'static str),
}

impl Program {
    /// Runs the API until the stop signal, or prints its contract, depending on the arguments of the
    /// process.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub async fn run(self) -> Result<(), ProgramError> {
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        match arguments.as_slice() {
            [] => self.serve().await,
            [one] if one == "--openapi" => self.print_contract(),
            _ => Err(ProgramError::Usage(self.name)),
        }
    }

    fn print_contract(self) -> Result<(), ProgramError> {
        let contract = server::contract(self.title, self.description, self.routes);
        let contract = serde_json::to_value(&contract).map_err(std::io::Error::other)?;
        let json = serde_json::to_string_pretty(&sorted(contract)).map_err(std::io::Error::other)?;
        writeln!(std::io::stdout(), "{json}")?;
        Ok(())
    }

    async fn serve(self) -> Result<(), ProgramError> {
        let settings: Settings = settings::load(self.name)?;
        telemetry::log(&settings.log)?;
        tracing::info!(service = self.name, settings = %settings.shown(), "starting");
        let mount = self.mount(&settings, |_| {}).await?;
        let running = server::serve(mount, &settings.http)?;
        tracing::info!(url = running.url(), "answering");
        let outcome = running.until_stopped().await;
        tracing::info!("stopped");
        Ok(outcome?)
    }

    /// Opens everything that the API needs according to `settings`, to be mounted in an application of its
    /// own or one with other routes too. `state` adds state for handlers. Unless the process has a default
    /// provider of rustls already, it gets aws-lc-rs.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub async fn mount(
        self,
        settings: &Settings,
        state: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
    ) -> Result<Mount, ProgramError> {
        // A provider that the process has installed stays; then this is an error, and not one of ours.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let db = Db::connect(&settings.database, Arc::new(SystemClock))?;
        let authentication = (self.authenticate)(db.clone(), settings.auth.clone()).await;
        let Authentication { authenticator, task } = authentication.map_err(ProgramError::SignIn)?;
        let keys = Task(tokio::spawn(task));
        let service = Service {
            title: self.title,
            description: self.description,
            routes: self.routes,
            authenticator,
            db: db.clone(),
            state: Arc::new(state),
        };
        let mount = Mount::new(service, &settings.http)?;
        let background = Background::start(&db, &settings.database, &mount)?;
        mount.keep(ServiceTasks { _keys: keys, _background: background });
        Ok(mount)
    }
}

// The names of every object in the order of the alphabet: the contract is the same text whenever it is printed,
// although the extensions of an operation have no order.
fn sorted(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> =
                fields.into_iter().map(|(name, json)| (name, sorted(json))).collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Waits for the stop signal of the process: SIGTERM, or Ctrl-C.
///
/// # Errors
/// When no handler of signals can be installed.
pub async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = ctrl_c() => interrupted,
    }
}
