//! The process of an API: from its configuration to the signal that ends it.
//!
//! `<program> --openapi` prints the contract and ends; it needs no configuration and no database.

use crate::{
    Service, SessionAuthenticator, Settings, SignIn,
    server::{self, Routes},
    settings::{self, LogFormat, LogSettings},
    sign_in::SignInError,
};
use std::{
    io::{IsTerminal, Write},
    sync::Arc,
};
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;
use tryzore_kernel::SystemClock;
use tryzore_postgres::{
    DatabaseConfig, DatabaseConfigError, Db,
    runtime::{Listener, announce},
    stale::{STALE, announce_stale, follow_stale},
};

/// An API as a program.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name in the configuration: `app-api`.
    pub name: &'static str,
    /// What it is called in its contract.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its operations.
    pub routes: Routes,
}

/// Why a program ended.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Something in the configuration is missing, unknown or wrong.
    #[error("the configuration does not hold")]
    Configuration(#[from] config::ConfigError),
    /// `log.filter` is none.
    #[error("log.filter does not hold")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The database's settings do not hold.
    #[error("the database's settings do not hold")]
    Database(#[from] DatabaseConfigError),
    /// Nobody could sign in.
    #[error("nobody could sign in")]
    SignIn(#[from] SignInError),
    /// The address is taken, or the server failed.
    #[error(transparent)]
    Server(#[from] std::io::Error),
    /// An argument that is not known.
    #[error("usage: {0} [--openapi]")]
    Usage(&'static str),
}

impl Program {
    /// Does what the arguments of the process ask for: runs until it is told to stop, or prints the
    /// contract.
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
        let json = contract.to_pretty_json().map_err(std::io::Error::other)?;
        writeln!(std::io::stdout(), "{json}")?;
        Ok(())
    }

    async fn serve(self) -> Result<(), ProgramError> {
        // Named before anything else can make another one the default.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let settings: Settings = settings::load(self.name)?;
        log(&settings.log)?;
        tracing::info!(service = self.name, settings = %settings.shown(), "starting");
        let db = Db::connect(&settings.database, Arc::new(SystemClock))?;
        let sign_in = Arc::new(SignIn::open(&db, &settings.auth).await?);
        let keeping = Task(sign_in.signing.keep());
        let running = server::start(
            Service {
                title: self.title,
                description: self.description,
                routes: self.routes,
                authenticator: Arc::new(SessionAuthenticator::new(db.clone(), sign_in)),
                db: db.clone(),
                state: |_| {},
            },
            &settings.http,
        )?;
        let beside = beside(&db, &settings.database, &running)?;
        tracing::info!(url = running.url(), "answering");
        let outcome = running.until_stopped().await;
        tracing::info!("stopped");
        drop((keeping, beside));
        Ok(outcome?)
    }
}

/// A task that ends with its owner.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

// Wakes the workers, and tells and hears what is stale.
fn beside(db: &Db, config: &DatabaseConfig, running: &server::Running) -> Result<[Task; 3], ProgramError> {
    let listener = Listener::start(config, &[STALE])?;
    let memory = running.sessions.memory().clone();
    let following = tokio::spawn(async move {
        let ear = listener.on(STALE);
        follow_stale(ear, |stale| memory.forget(stale)).await;
        drop(listener);
    });
    Ok([Task(announce(db, config)?), Task(announce_stale(db, config)?), Task(following)])
}

/// Writes the log as `settings` say, to standard error.
///
/// # Errors
/// When the filter is none.
pub fn log(settings: &LogSettings) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let set = match settings.format {
        LogFormat::Json => subscriber.json().try_init(),
        LogFormat::Pretty => subscriber.try_init(),
    };
    if set.is_err() {
        tracing::warn!("the log goes where it went before");
    }
    Ok(())
}
