//! The root of the workspace and the folders that the tool writes.
//!
//! **Invariant:** the tool writes below `.data/` (kept between runs, never committed) and below the target
//! folder (may vanish at any time), and nowhere else, with one exception: a Postgres that runs as another
//! user than root needs a folder that this user can reach ([`crate::cluster::Home`]).

use std::path::{Path, PathBuf};

/// The folders of a checkout.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The checkout that this tool was built from; cargo's target folder is `CARGO_TARGET_DIR` or `target`.
    #[must_use]
    pub fn here() -> Self {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        // Also for a program of the tool that cargo runs, whose manifest is one folder deeper.
        let locked = manifest.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
        let root = locked.or(manifest.parent()).map_or_else(|| manifest.clone(), Path::to_path_buf);
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Self { target: root.join(target), root }
    }

    /// A workspace in any folder, for the tests of the checks.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self { target: root.join("target"), root }
    }

    /// The folder of the workspace's `Cargo.toml`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The folder of local data: `.data`.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.root.join(".data")
    }

    /// The folder of one log file per service: `.data/logs`.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.data().join("logs")
    }

    /// The folder of one file per running service: `.data/run`.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.data().join("run")
    }

    /// The file of the demo's accounts: `.data/demo.json`.
    #[must_use]
    pub fn demo(&self) -> PathBuf {
        self.data().join("demo.json")
    }

    /// The folder of the output of the steps of `up` and `test`: `target/xtask`.
    #[must_use]
    pub fn step_logs(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The folder of the built programs.
    #[must_use]
    pub fn programs(&self, release: bool) -> PathBuf {
        self.programs_of(if release { "release" } else { "dev" })
    }

    /// The folder of the programs that were built with `profile`.
    #[must_use]
    pub fn programs_of(&self, profile: &str) -> PathBuf {
        self.target.join(if profile == "dev" { "debug" } else { profile })
    }
}
