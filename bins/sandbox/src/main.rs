//! The sandbox as a process of its own, for a developer's machine. **Development only.**

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tryzore_sandbox::{Options, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::from_environment()?;
    let filter = EnvFilter::builder().parse(&options.log_filter).context("log.filter is not valid")?;
    tracing_subscriber::fmt().with_env_filter(filter).init();
    let running = Sandbox::start(options)?;
    tracing::info!(page = %running.http_url, mail = %running.smtp_url, "sandbox is open; development only");
    asked_to_stop().await.context("signals cannot be watched")?;
    tracing::info!("sandbox is stopping");
    running.stop();
    Ok(())
}

/// Returns on Ctrl-C or SIGTERM.
#[cfg(unix)]
async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt,
        _ = terminate.recv() => Ok(()),
    }
}

/// Returns on Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
