//! A service as a process of its own, to be killed and started again.

use crate::{Database, Service, http::auth_settings, postgres_server::free_port};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret;
use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

/// A service as a process of its own; killed when the value is dropped.
pub struct Process {
    command: Command,
    child: Child,
    port: u16,
}

impl Process {
    /// Starts `program` on `database` as `service`, with `variables` in addition to the usual ones, on a free
    /// port. Callers sign in as at [`crate::http::Api`], and are not limited.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn start(program: &str, database: &Database, service: Service, variables: &[(&str, &str)]) -> Self {
        let (port, auth) = (free_port(), auth_settings());
        let mut command = Command::new(Path::new(program));
        command
            .env("TRYZORE__HTTP__PORT", port.to_string())
            .env("TRYZORE__HTTP__THREADS", "2")
            .env("TRYZORE__HTTP__LIMITS__PER_ADDRESS", "1000000")
            .env("TRYZORE__HTTP__LIMITS__PER_USER", "1000000")
            .env("TRYZORE__HTTP__LIMITS__PER_ORGANIZATION", "1000000")
            .env("TRYZORE__DATABASE__URL", database.url(service))
            .env("TRYZORE__AUTH__ISSUER", auth.issuer)
            .env("TRYZORE__AUTH__AUDIENCE", auth.audience)
            .env("TRYZORE__AUTH__KEY_ENCRYPTION_KEY", auth.key_encryption_key.expose_secret())
            .env("TRYZORE__LOG__FILTER", "off")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().unwrap();
        Self { command, child, port }
    }

    /// `http://127.0.0.1:port`, the same after a restart.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The id of the running process; none when it has ended by itself.
    #[must_use]
    pub fn id(&mut self) -> Option<u32> {
        self.child.try_wait().unwrap().map_or(self.child.id(), |_| None)
    }

    /// Kills the process (SIGKILL).
    ///
    /// # Panics
    /// When the process has ended by itself.
    pub async fn kill(&mut self) {
        assert_eq!(self.child.try_wait().unwrap(), None, "it has ended by itself");
        self.child.kill().await.unwrap();
    }

    /// Sends the stop signal (SIGTERM).
    ///
    /// # Panics
    /// When the process has ended by itself.
    pub fn tell_to_stop(&mut self) {
        let id = self.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        kill_process(id.expect("it has ended by itself"), Signal::TERM).unwrap();
    }

    /// Waits for the end of the process.
    ///
    /// # Panics
    /// When the process does not end within thirty seconds.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(Duration::from_secs(30), self.child.wait()).await;
        ended.expect("the program does not end").unwrap()
    }

    /// Starts the program again with the same settings.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn start_again(&mut self) {
        self.child = self.command.spawn().unwrap();
    }

    /// Waits until the service is ready.
    ///
    /// # Panics
    /// When the service is not ready within twenty seconds.
    pub async fn ready(&self) {
        let url = format!("{}/health/ready", self.url());
        let ready = timeout(Duration::from_secs(20), async {
            while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                sleep(Duration::from_millis(20)).await;
            }
        });
        ready.await.expect("the program is not ready");
    }
}
