//! Runs the services of a checkout as child processes: start, wait until ready, detect an exit, stop.
//!
//! A running service has a file in `.data/run` with its process id, so another run of the tool finds it. The
//! file alone proves nothing: the process must run and its command line must name the service's program.
//!
//! **Invariant:** a service is started only once. If it runs already, it is left running; if its port is in use by
//! another process, an error names that process and nothing is started.

pub mod health;
pub mod services;

use crate::process::{self, Stopped, command_line, listener, port_is_free};
use crate::steps::tail;
use health::Health;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};
use thiserror::Error;

/// How long a service may take to end after the stop signal.
pub const GRACE: Duration = Duration::from_secs(10);
/// How long a service may take to become ready.
pub const READY: Duration = Duration::from_secs(60);

/// A service to start.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The name of the service, of its log and of its run file.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// Variables in addition to the tool's own environment.
    pub environment: Vec<(String, String)>,
    /// The port of its HTTP server, where `/health/ready` is.
    pub port: u16,
    /// Other ports that it listens on.
    pub other_ports: Vec<u16>,
}

/// A running service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    /// Its process.
    pub pid: i32,
    /// The port of its HTTP server.
    pub port: u16,
    /// The program that was started.
    pub program: PathBuf,
    /// When it was started: the age of its run file.
    #[serde(skip)]
    pub since: Option<SystemTime>,
}

impl Running {
    /// How long the service has been running.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.since.and_then(|since| since.elapsed().ok()).unwrap_or_default()
    }

    /// Whether the program was built again after the service was started.
    #[must_use]
    pub fn outdated(&self) -> bool {
        let built = self.program.metadata().and_then(|file| file.modified()).ok();
        built.zip(self.since).is_some_and(|(built, since)| built > since)
    }
}

/// Why a service did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port is in use by another process.
    #[error("port {port} of {name} is taken by {holder}")]
    PortTaken {
        /// The service.
        name: String,
        /// The port.
        port: u16,
        /// The process that uses the port, as far as the system tells.
        holder: String,
    },
    /// The program is missing or can't be executed.
    #[error("{program} can't be started: {source}")]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The service ended before it was ready.
    #[error("{name} ended with {status} while starting. Its last lines ({log}):\n{tail}")]
    Died {
        /// The service.
        name: String,
        /// How the service ended.
        status: ExitStatus,
        /// Its log file.
        log: PathBuf,
        /// The last 20 lines of the log.
        tail: String,
    },
    /// The service runs, but is not ready.
    #[error("{name} is not ready after {waited:?}: {health}. Its last lines ({log}):\n{tail}")]
    Late {
        /// The service.
        name: String,
        /// How long the supervisor waited.
        waited: Duration,
        /// The last answer of the health check.
        health: Health,
        /// Its log file.
        log: PathBuf,
        /// The last 20 lines of the log.
        tail: String,
    },
    /// Files of the tool can't be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Starts and stops services; has a handle for those that it started itself.
#[derive(Debug)]
pub struct Supervisor {
    run: PathBuf,
    logs: PathBuf,
    children: Vec<(String, Child)>,
}

impl Supervisor {
    /// A supervisor with its folders of run files and of logs.
    #[must_use]
    pub fn new(run: PathBuf, logs: PathBuf) -> Self {
        Self { run, logs, children: Vec::new() }
    }

    /// The log file of a service.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    fn run_file(&self, name: &str) -> PathBuf {
        self.run.join(format!("{name}.json"))
    }

    /// The service, if an earlier run of the tool (or this one) started it and it still runs.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Running> {
        let path = self.run_file(name);
        let mut running: Running = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        running.since = path.metadata().and_then(|file| file.modified()).ok();
        let ours = command_line(running.pid)
            .is_some_and(|line| line.starts_with(&*running.program.to_string_lossy()));
        ours.then_some(running)
    }

    /// Starts a service that does not run; its output goes to its log, the previous log to `<name>.log.1`.
    pub fn start(&mut self, launch: &Launch) -> Result<i32, StartError> {
        for port in std::iter::once(launch.port).chain(launch.other_ports.iter().copied()) {
            if !port_is_free(port) {
                let holder = listener(port).unwrap_or_else(|| "another process".to_owned());
                return Err(StartError::PortTaken { name: launch.name.clone(), port, holder });
            }
        }
        std::fs::create_dir_all(&self.run)?;
        std::fs::create_dir_all(&self.logs)?;
        let path = self.log(&launch.name);
        if path.exists() {
            std::fs::rename(&path, path.with_extension("log.1"))?;
        }
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        let mut command = Command::new(&launch.program);
        command.args(&launch.arguments).envs(launch.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // The owner's URL is for migrations only.
        command.env_remove("DATABASE_URL");
        // A process group of its own: Ctrl-C in the terminal is for the tool, which then stops the service itself.
        command.process_group(0);
        let child = command
            .spawn()
            .map_err(|source| StartError::NotStarted { program: launch.program.clone(), source })?;
        let pid = child.id().cast_signed();
        self.children.push((launch.name.clone(), child));
        let running = Running { pid, port: launch.port, program: launch.program.clone(), since: None };
        std::fs::write(
            self.run_file(&launch.name),
            serde_json::to_vec(&running).map_err(std::io::Error::from)?,
        )?;
        Ok(pid)
    }

    /// Waits until a service that this supervisor started is ready, at most `patience`.
    pub async fn ready(&mut self, name: &str, port: u16, patience: Duration) -> Result<(), StartError> {
        let began = Instant::now();
        loop {
            let log = self.log(name);
            if let Some(status) = self.exit_status(name)? {
                self.forget(name);
                return Err(StartError::Died { name: name.to_owned(), status, tail: tail(&log, 20), log });
            }
            let health = health::ask(port).await;
            if health == Health::Ready {
                return Ok(());
            }
            if began.elapsed() >= patience {
                let waited = patience;
                return Err(StartError::Late {
                    name: name.to_owned(),
                    waited,
                    health,
                    tail: tail(&log, 20),
                    log,
                });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn exit_status(&mut self, name: &str) -> std::io::Result<Option<ExitStatus>> {
        match self.children.iter_mut().find(|(child, _)| child == name) {
            Some((_, child)) => child.try_wait(),
            None => Ok(None),
        }
    }

    /// The names of the services that this supervisor started and that it still has a handle for.
    #[must_use]
    pub fn started(&self) -> Vec<String> {
        self.children.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The services that ended by themselves since the last call.
    pub fn ended(&mut self) -> Vec<(String, ExitStatus)> {
        let mut ended = Vec::new();
        for (name, child) in &mut self.children {
            if let Ok(Some(status)) = child.try_wait() {
                ended.push((name.clone(), status));
            }
        }
        for (name, _) in &ended {
            self.forget(name);
        }
        ended
    }

    /// Stops a service, whoever started it: sends SIGTERM, waits for `grace`, kills.
    pub async fn stop(&mut self, name: &str, grace: Duration) -> Stopped {
        match self.release(name) {
            Some(ending) => ending.end(grace).await,
            None => Stopped::Absent,
        }
    }

    /// Releases the handle of a running service, to end it in parallel with others; none if it does not run.
    pub fn release(&mut self, name: &str) -> Option<Ending> {
        let child = self.children.iter().position(|(child, _)| child == name);
        let child = child.map(|index| self.children.swap_remove(index).1);
        let pid =
            child.as_ref().map(|child| child.id().cast_signed()).or(self.find(name).map(|found| found.pid));
        if pid.is_none() {
            self.forget(name);
        }
        Some(Ending { pid: pid?, child, run_file: self.run_file(name) })
    }

    fn forget(&mut self, name: &str) {
        self.children.retain(|(child, _)| child != name);
        let _ = std::fs::remove_file(self.run_file(name));
    }
}

/// A service that is to be ended.
#[derive(Debug)]
pub struct Ending {
    pid: i32,
    child: Option<Child>,
    run_file: PathBuf,
}

impl Ending {
    /// Sends SIGTERM, waits for `grace`, then kills the service.
    pub async fn end(mut self, grace: Duration) -> Stopped {
        let reap = || {
            let _ = self.child.as_mut().map(Child::try_wait);
        };
        let stopped = process::stop(self.pid, Signal::TERM, grace, reap).await;
        let _ = std::fs::remove_file(&self.run_file);
        stopped
    }
}

/// The names of the services that have a log.
#[must_use]
pub fn logged(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".log").map(str::to_owned)).collect();
    names.sort();
    names
}
