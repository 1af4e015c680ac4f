//! Installs and starts the official emulator. Tests of other crates include this file.

#![allow(dead_code, reason = "each test uses a part")]

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use tryzore_kernel::SystemClock;
use tryzore_provider_workos::{Settings, WorkOs};

/// A running emulator. It ends with its standard input, so at the latest with this process.
pub(crate) struct Emulator {
    pub(crate) url: String,
    pub(crate) api_key: String,
    _process: Child,
}

impl Emulator {
    /// Starts an emulator with the data in `seed`.
    pub(crate) async fn start(seed: Value) -> Self {
        let folder = tokio::task::spawn_blocking(install).await.unwrap();
        let mut process = Command::new("node")
            .arg("emulate.mjs")
            .arg(seed.to_string())
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is needed to run the emulator of WorkOS");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        let line = line.expect("the emulator starts within a minute").unwrap();
        let said: Value = serde_json::from_str(&line.expect("the emulator says where it is")).unwrap();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        Self { url: text("url"), api_key: text("api_key"), _process: process }
    }

    /// The adapter, connected to this emulator.
    pub(crate) fn provider(&self) -> WorkOs {
        Self::provider_at(&self.url, &self.api_key)
    }

    /// The adapter, connected to `url` with `api_key`.
    pub(crate) fn provider_at(url: &str, api_key: &str) -> WorkOs {
        WorkOs::try_new(Settings {
            api_key: api_key.to_owned().into(),
            client_id: "client_test".into(),
            base_url: url.to_owned(),
            timeout: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
        })
        .unwrap()
    }

    /// Calls the emulator as the dashboard would.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.url);
        let call = reqwest::Client::new().post(url).bearer_auth(&self.api_key).json(&body);
        call.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }
}

/// Installs the emulator below the target folder, once for each state of the lock file.
fn install() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let ours =
        ours.map(|folder| folder.join("crates/providers/workos/emulator")).find(|folder| folder.is_dir());
    let ours = ours.expect("the emulator's lock file is in this workspace");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workos-emulator");
    fs::create_dir_all(&folder).unwrap();
    let guard = fs::File::create(folder.join("lock")).unwrap();
    guard.lock().unwrap();
    let wanted = fs::read(ours.join("package-lock.json")).unwrap();
    let stamp = folder.join("installed.json");
    if fs::read(&stamp).ok().as_deref() != Some(&*wanted) {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(ours.join(file), folder.join(file)).unwrap();
        }
        let done = std::process::Command::new("npm")
            .args(["ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .output()
            .expect("npm is needed to install the emulator of WorkOS: install Node.js 20.20 or newer");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "npm could not install the emulator of WorkOS:\n{told}");
        fs::write(&stamp, wanted).unwrap();
    }
    fs::copy(ours.join("emulate.mjs"), folder.join("emulate.mjs")).unwrap();
    folder
}
