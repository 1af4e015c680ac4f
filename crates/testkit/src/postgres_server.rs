//! A Postgres server of a test's own, for what the cluster of the run does not have, such as TLS.
//!
//! The server is created in a temporary folder, started on a free port of the loopback address, and stopped
//! and removed with the value. Postgres refuses to run as root: then it runs as `postgres` or `nobody`, and
//! so does every other server that tests start with `command`.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// The password of [`PostgresServer::SUPERUSER`].
const PASSWORD: &str = "test";

/// A running server.
pub struct PostgresServer {
    folder: TempDir,
    process: Child,
    settings: Vec<String>,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl PostgresServer {
    /// The superuser, who logs in with a password.
    pub const SUPERUSER: &str = "postgres";

    /// Starts a server with `settings` (`ssl=on`) and `files` (name and content) in its data folder.
    ///
    /// # Panics
    /// When the server cannot be created or does not start.
    pub async fn start(settings: &[&str], files: &[(&str, &str)]) -> Self {
        let folder = shared_folder();
        let data = folder.path().join("data");
        let password = folder.path().join("password");
        private_file(&password, PASSWORD);
        let output = command(&program("initdb"))
            .args(["--username", Self::SUPERUSER, "--auth", "scram-sha-256", "--locale", "C"])
            .args(["--encoding", "UTF8", "--no-sync"])
            .args([Path::new("--pwfile"), &password, Path::new("--pgdata"), &data])
            .output()
            .unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        for (name, content) in files {
            private_file(&data.join(name), content);
        }
        let (port, settings) = (free_port(), settings.iter().map(ToString::to_string).collect::<Vec<_>>());
        let process = run(&folder, port, &settings);
        let mut server = Self { folder, process, settings, port };
        server.until_it_answers().await;
        server
    }

    /// Starts the server again in the same folder, after a [`PostgresServer::crash`].
    ///
    /// # Panics
    /// When the server does not start.
    pub async fn start_again(&mut self) {
        self.process = run(&self.folder, self.port, &self.settings);
        self.until_it_answers().await;
    }

    /// Kills the postmaster and all its processes, without a moment to clean up. What was written to files has
    /// reached the kernel and survives, also without `fsync`: the processes die, not the machine.
    ///
    /// # Panics
    /// When a process of the server still runs after ten seconds.
    pub fn crash(&mut self) {
        let postmaster = self.process.id();
        // Stopped first, so that it starts no further processes.
        signal(postmaster, Signal::STOP);
        let children = children(postmaster);
        children.iter().copied().for_each(|child| signal(child, Signal::KILL));
        signal(postmaster, Signal::KILL);
        let _ = self.process.wait();
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while children.iter().any(|child| is_alive(*child)) {
            assert!(std::time::Instant::now() < until, "a process of the server still runs");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    async fn until_it_answers(&mut self) {
        if !self.answers().await {
            panic!("{}", std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
        }
    }

    /// The superuser's URL with the host name `host`, and `rest` appended (`?sslmode=…`).
    #[must_use]
    pub fn url(&self, host: &str, rest: &str) -> String {
        format!("postgres://{}:{PASSWORD}@{host}:{}/postgres{rest}", Self::SUPERUSER, self.port)
    }

    /// A plain connection as the superuser.
    ///
    /// # Panics
    /// When the server is gone.
    pub async fn client(&self) -> Client {
        self.connect().await.unwrap()
    }

    async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) =
            tokio_postgres::connect(&self.url("127.0.0.1", "?sslmode=disable"), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn answers(&mut self) -> bool {
        let until = tokio::time::Instant::now() + Duration::from_secs(60);
        while tokio::time::Instant::now() < until && self.process.try_wait().unwrap().is_none() {
            if self.connect().await.is_ok() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        false
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

fn run(folder: &TempDir, port: u16, settings: &[String]) -> Child {
    let mut server = command(&program("postgres"));
    server.arg("-D").arg(folder.path().join("data")).args(["-c", "listen_addresses=127.0.0.1"]);
    server.args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", &format!("port={port}")]);
    server.args(settings.iter().flat_map(|setting| ["-c", setting]));
    logged(&mut server, folder).spawn().unwrap()
}

fn signal(process: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

// State and parent of a process: the fields after its name, which is in parentheses and may contain anything.
fn standing(process: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn children(parent: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    all.filter(|process| standing(*process).is_some_and(|(_, of)| of == parent)).collect()
}

// A zombie holds no files any more, even if its parent has not reaped it.
fn is_alive(process: u32) -> bool {
    standing(process).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// Stops a server at once and waits for its end.
pub(crate) fn stop(process: &mut Child) {
    signal(process.id(), Signal::INT);
    let _ = process.wait();
}

/// A folder that servers can reach and write to, removed with the value.
pub(crate) fn shared_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    own(folder.path());
    folder
}

/// A file that only servers can read.
pub(crate) fn private_file(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    own(path);
}

/// A command that does not run as root.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env("HOME", "/").env("LC_ALL", "C").env("TZ", "UTC");
    if let Some((uid, gid)) = unprivileged() {
        command.uid(uid).gid(gid);
    }
    command
}

/// Redirects the output of `command` to the file `log` of `folder`.
pub(crate) fn logged<'c>(command: &'c mut Command, folder: &TempDir) -> &'c mut Command {
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log)
}

/// A free port of 127.0.0.1.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program in `folders` or the PATH.
pub(crate) fn find(program: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        folders.iter().cloned().chain(std::env::split_paths(&path)).map(|folder| folder.join(program));
    found.into_iter().find(|program| program.is_file())
}

/// The path of a Postgres program: in `TRYZORE_POSTGRES_BIN`, else in the newest of the usual packages, else
/// in the PATH.
///
/// # Panics
/// When the program is in none of them.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let mut folders: Vec<_> =
        std::env::var_os("TRYZORE_POSTGRES_BIN").map(PathBuf::from).into_iter().collect();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = installed.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    find(name, &folders).unwrap_or_else(|| panic!("no `{name}` here: set TRYZORE_POSTGRES_BIN to its folder"))
}

fn own(path: &Path) {
    if let Some((uid, gid)) = unprivileged() {
        std::os::unix::fs::chown(path, Some(uid), Some(gid)).unwrap();
    }
}

// User and group of `postgres`, else of `nobody`, when this is root.
fn unprivileged() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let postgres = users.lines().find(|line| line.starts_with("postgres:")).and_then(|line| {
        let mut ids = line.split(':').skip(2);
        Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
    });
    Some(postgres.unwrap_or((65_534, 65_534)))
}
