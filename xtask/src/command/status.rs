//! `cargo xtask status`: shows what runs, where, whether it is ready, since when.

use super::{home, supervisor};
use crate::cluster::{Flavour, connection, external_url, postmaster};
use crate::process::{listener, port_is_free};
use crate::progress::uptime;
use crate::say;
use crate::supervise::health;
use crate::supervise::services::SERVICES;
use crate::workspace::Workspace;

/// Runs the command.
pub async fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let services = supervisor(workspace);
    row(["service", "pid", "port", "health", "uptime"]);
    for service in SERVICES {
        let port = service.port.to_string();
        if let Some(running) = services.find(service.name) {
            let age = if running.outdated() { " (older build)" } else { "" };
            let health = format!("{}{age}", health::ask(running.port).await);
            row([service.name, &running.pid.to_string(), &port, &health, &uptime(running.uptime())]);
        } else if port_is_free(service.port) {
            row([service.name, "-", &port, "not running", "-"]);
        } else {
            let holder = listener(service.port).unwrap_or_else(|| "another process".to_owned());
            row([service.name, "-", &port, &format!("port taken by {holder}"), "-"]);
        }
    }
    for (flavour, name) in [(Flavour::Dev, "postgres"), (Flavour::Test, "postgres (tests)")] {
        let home = home(workspace, flavour)?;
        let Some(found) = postmaster::running(&home) else {
            row([name, "-", "-", "not running", "-"]);
            continue;
        };
        let open = tokio::net::TcpStream::connect(("127.0.0.1", found.port)).await.is_ok();
        let started = home.data().join("postmaster.pid").metadata().and_then(|file| file.modified());
        let age = started.ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
        let health = if open { "ready" } else { "no answer" };
        row([name, &found.pid.to_string(), &found.port.to_string(), health, &uptime(age)]);
    }
    if let Some(url) = external_url() {
        let health = if connection::connect(&url).await.is_ok() { "ready" } else { "no answer" };
        row(["DATABASE_URL", "-", &connection::place(&url), health, "-"]);
    }
    Ok(())
}

fn row(cells: [&str; 5]) {
    let [service, pid, port, health, uptime] = cells;
    say!("{service:<18} {pid:>8} {port:>6}  {health:<34} {uptime}");
}
