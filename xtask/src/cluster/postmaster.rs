//! Creates, starts, finds and stops the server process.
//!
//! The server listens on the loopback address only, by TCP only (the path of a Unix socket may be too long),
//! with scram passwords. All settings are on its command line, so there is no file to edit and a restart always
//! runs with the settings of the present tool.

use super::binaries::Binaries;
use super::home::Home;
use super::memory::{Memory, private_file};
use super::{Flavour, SUPERUSER, connection};
use crate::process::{self, Stopped, command_line, port_is_free};
use crate::steps::tail;
use anyhow::{Context, bail, ensure};
use rustix::process::Signal;
use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;

/// A running server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Postmaster {
    /// Its process.
    pub pid: i32,
    /// Its port on 127.0.0.1.
    pub port: u16,
}

/// How long a server may take to accept connections (after a crash it replays its log first).
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(30);

/// The server of this folder, if it runs: the process in the pid file runs and its command line names our data.
#[must_use]
pub fn running(home: &Home) -> Option<Postmaster> {
    let file = std::fs::read_to_string(home.data().join("postmaster.pid")).ok()?;
    let mut lines = file.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    let port = lines.nth(2)?.trim().parse().ok()?;
    let ours = command_line(pid).is_some_and(|line| line.contains(&*home.data().to_string_lossy()));
    ours.then_some(Postmaster { pid, port })
}

/// Starts the server of this folder, or finds it running; creates its data first if there are none. The caller
/// holds the lock of the folder. Also returns whether the server was running.
pub async fn start(home: &Home, flavour: Flavour, memory: &mut Memory) -> anyhow::Result<(Postmaster, bool)> {
    let password = memory.password(SUPERUSER)?;
    if let Some(found) = running(home) {
        memory.port = found.port;
        memory.save(&home.memory())?;
        wait(home, found.port, &password, None).await?;
        return Ok((found, true));
    }
    let binaries = match Binaries::find_or_install(home.account(), home.version(), &home.unpack()) {
        // The data of tests and benchmarks may be lost: data of another version are created anew.
        Err(_) if flavour != Flavour::Dev && home.version().is_some() => {
            std::fs::remove_dir_all(home.data())?;
            Binaries::find_or_install(home.account(), None, &home.unpack())?
        }
        other => other?,
    };
    memory.save(&home.memory())?;
    initialise(home, &binaries, flavour, &password)?;
    // Postgres itself ignores a pid file whose number belongs to a zombie or to another process.
    let _ = std::fs::remove_file(home.data().join("postmaster.pid"));

    let began = Instant::now();
    loop {
        memory.port = choose_port(memory.port, flavour);
        memory.save(&home.memory())?;
        let mut child = spawn(home, &binaries, flavour, memory.port)?;
        let Err(error) = wait(home, memory.port, &password, Some(&mut child)).await else {
            return running(home).map(|found| (found, false)).context("the server wrote no pid file");
        };
        let _ = child.kill();
        let _ = child.wait();
        // Children of a killed postmaster use its shared memory for a moment; a port may be taken meanwhile.
        let said = tail(&home.log(), 20);
        let passing = said.contains("shared memory block") || said.contains("Address already in use");
        if !passing || began.elapsed() > START {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Stops the server of this folder cleanly: sessions are ended, the data are written.
pub async fn stop(home: &Home) -> Stopped {
    match running(home) {
        Some(found) => process::stop(found.pid, Signal::INT, STOP, || ()).await,
        None => Stopped::Absent,
    }
}

fn initialise(home: &Home, binaries: &Binaries, flavour: Flavour, password: &str) -> anyhow::Result<()> {
    home.private_folder(&home.home())?;
    if home.version().is_some() {
        return Ok(());
    }
    // Created under another name, so that the result of an interrupted run is not taken for a cluster.
    let fresh = home.base().join("data.new");
    for leftover in [&fresh, &home.data()] {
        if leftover.exists() {
            std::fs::remove_dir_all(leftover)?;
        }
    }
    home.private_folder(&fresh)?;
    let secret = home.home().join("password");
    private_file(&secret, password.as_bytes())?;
    if let Some(account) = home.account() {
        account.own(&secret)?;
    }
    let mut command = binaries.command("initdb", home.account(), &home.home());
    command.arg("--pgdata").arg(&fresh).arg("--pwfile").arg(&secret);
    command.args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
    command.args(["--locale", if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" }]);
    command.args(["--lc-messages", "C"]);
    if flavour == Flavour::Test {
        command.arg("--no-sync");
    }
    let output = command.output().context("initdb can't be started");
    std::fs::remove_file(&secret)?;
    let output = output?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "initdb ended with {}:\n{said}", output.status);
    std::fs::rename(&fresh, home.data())?;
    Ok(())
}

fn spawn(home: &Home, binaries: &Binaries, flavour: Flavour, port: u16) -> anyhow::Result<Child> {
    let log = OpenOptions::new().create(true).write(true).truncate(true).open(home.log())?;
    let mut command = binaries.command("postgres", home.account(), &home.home());
    command.arg("-D").arg(home.data());
    for setting in flavour.settings() {
        command.args(["-c", setting]);
    }
    command.args(["-c", &format!("port={port}")]);
    // A process group of its own: Ctrl-C in the terminal is for the tool, which then stops the server itself.
    command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.spawn().context("postgres can't be started")
}

/// Waits until the superuser can log in.
async fn wait(home: &Home, port: u16, password: &str, mut child: Option<&mut Child>) -> anyhow::Result<()> {
    let url = format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres?sslmode=disable");
    let began = Instant::now();
    loop {
        let Err(error) = connection::connect(&url).await else { return Ok(()) };
        let code = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
        if code == Some(&SqlState::INVALID_PASSWORD) {
            bail!("the Postgres in {} has another password: {error:#}", home.base().display());
        }
        if let Some(status) = child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
            bail!("Postgres ended with {status} while starting:\n{}", tail(&home.log(), 20));
        }
        if began.elapsed() > START {
            bail!("Postgres accepts no connections: {error:#}\n{}", tail(&home.log(), 20));
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// The stored port if it is free, else the first free one of the flavour's range. The range is below the ports
/// that systems use for outgoing connections.
fn choose_port(remembered: u16, flavour: Flavour) -> u16 {
    if remembered != 0 && port_is_free(remembered) {
        return remembered;
    }
    let first = flavour.first_port();
    (first..first + 200).find(|port| port_is_free(*port)).unwrap_or(first)
}

/// Removes a cluster that does not run, with its data and its passwords.
pub fn remove(base: &Path) -> anyhow::Result<()> {
    if base.exists() {
        std::fs::remove_dir_all(base).with_context(|| format!("{} can't be removed", base.display()))?;
    }
    Ok(())
}
