//! A PgBouncer in transaction mode between a test and its database.
//!
//! The pooler has few server connections and assigns one for each transaction, so a statement or setting
//! that a session leaves behind is visible to the next one. Version 1.18 of Debian 12 does not track prepared
//! statements: what works behind it also works behind newer versions.

use crate::{
    Database, Service,
    postgres_server::{command, find, free_port, logged, private_file, shared_folder, stop},
};
use std::{
    path::PathBuf,
    process::{Child, Command},
    time::Duration,
};
use tempfile::TempDir;
use tokio_postgres::{Config, NoTls, config::Host};

/// A running pooler.
pub struct PgBouncer {
    folder: TempDir,
    process: Child,
    login: Config,
    port: u16,
}

impl PgBouncer {
    /// Starts a pooler in front of `database` for `service`, with `servers` server connections.
    ///
    /// # Panics
    /// When PgBouncer is not installed and cannot be, or does not start.
    pub async fn start(database: &Database, service: Service, servers: usize) -> Self {
        let login: Config = database.url(service).parse().unwrap();
        let (host, server_port) = match (login.get_hosts(), login.get_ports()) {
            ([Host::Tcp(host)], [port]) => (host.clone(), *port),
            other => panic!("the tests' database is not reached by TCP: {other:?}"),
        };
        let (folder, port) = (shared_folder(), free_port());
        let (users, settings) = (folder.path().join("users.txt"), folder.path().join("pgbouncer.ini"));
        private_file(&users, &format!("\"{}\" \"{}\"\n", login.get_user().unwrap(), password(&login)));
        private_file(
            &settings,
            &format!(
                "[databases]\n* = host={host} port={server_port}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = scram-sha-256\nauth_file = {}\n\
                 pool_mode = transaction\ndefault_pool_size = {servers}\nmax_client_conn = 500\n",
                users.display()
            ),
        );
        let process = logged(command(&program()).arg(&settings), &folder).spawn().unwrap();
        let mut pooler = Self { folder, process, login, port };
        if !pooler.answers().await {
            panic!("{}", pooler.log());
        }
        pooler
    }

    /// The URL with which the service logs in through the pooler.
    #[must_use]
    pub fn url(&self) -> String {
        let (user, name) =
            (self.login.get_user().unwrap_or_default(), self.login.get_dbname().unwrap_or_default());
        format!("postgres://{user}:{}@127.0.0.1:{}/{name}?sslmode=disable", password(&self.login), self.port)
    }

    /// The log of the pooler.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    async fn answers(&mut self) -> bool {
        let until = tokio::time::Instant::now() + Duration::from_secs(30);
        while tokio::time::Instant::now() < until && self.process.try_wait().unwrap().is_none() {
            if let Ok((client, connection)) = tokio_postgres::connect(&self.url(), NoTls).await {
                tokio::spawn(connection);
                return client.batch_execute("SELECT 1").await.is_ok();
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        false
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

fn password(login: &Config) -> String {
    String::from_utf8(login.get_password().unwrap_or_default().to_vec()).unwrap()
}

fn program() -> PathBuf {
    let found = || find("pgbouncer", &["/usr/sbin".into(), "/usr/bin".into()]);
    found().unwrap_or_else(|| {
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive").args([
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
        ]);
        // Each test may be a process of its own, and all of them may install it at once.
        let installed = install.args(["-o", "DPkg::Lock::Timeout=180", "pgbouncer"]).output();
        let said = installed.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
        found().unwrap_or_else(|| {
            panic!("no pgbouncer here, and `apt-get install pgbouncer` gave none: {said:?}")
        })
    })
}
