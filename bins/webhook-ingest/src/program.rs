//! The process, from reading its configuration to the stop signal.

use crate::{DESCRIPTION, Senders, Settings, TITLE, routes};
use anyhow::bail;
use std::{io::Write, sync::Arc};
use tryzore_kernel::SystemClock;
use tryzore_postgres::{Db, runtime::announce};
use tryzore_web::{Service, server, settings, telemetry};

/// A service that stores the deliveries of `senders` in `db`.
#[must_use]
pub fn service(db: Db, senders: Senders) -> Service {
    Service {
        title: TITLE,
        description: DESCRIPTION,
        routes,
        authenticator: Arc::new(senders),
        db,
        state: Arc::new(|_| {}),
    }
}

/// Runs until the stop signal, or prints the contract (`--openapi`), depending on the arguments of the
/// process.
///
/// # Errors
/// When the configuration is not valid, or the address is in use.
pub async fn run() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => serve().await,
        [one] if one == "--openapi" => {
            let contract = server::contract(TITLE, DESCRIPTION, routes).to_pretty_json()?;
            Ok(writeln!(std::io::stdout(), "{contract}")?)
        }
        _ => bail!("usage: tryzore-webhook-ingest [--openapi]"),
    }
}

async fn serve() -> anyhow::Result<()> {
    // Installed before any other code can install another provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let settings: Settings = settings::load("webhook-ingest")?;
    telemetry::log(&settings.log)?;
    let senders = Senders::new(&settings.webhooks);
    tracing::info!(settings = %settings.shown(), providers = ?senders.names(), "starting");
    let db = Db::connect(&settings.database, Arc::new(SystemClock))?;
    let announcer = announce(&db, &settings.database)?;
    let running = server::start(service(db, senders), &settings.http)?;
    tracing::info!(url = running.url(), "answering");
    let outcome = running.until_stopped().await;
    announcer.abort();
    tracing::info!("stopped");
    Ok(outcome?)
}
