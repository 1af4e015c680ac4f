//! The folder of one private cluster.
//!
//! ```text
//! cluster.json   port and passwords, 0600, the user of the tool
//! data/          Postgres' own, 0700, the account of the server
//! home/          HOME of that account
//! postgres.log
//! lock           held while a tool starts or stops the server
//! ```

use super::account::Account;
use anyhow::Context;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The folder of a cluster and the account of its server.
#[derive(Debug, Clone)]
pub struct Home {
    base: PathBuf,
    account: Option<Account>,
}

impl Home {
    /// The folder at `preferred`, or below `/var/tmp` if the server's account can't reach that (such as a checkout
    /// in root's own folder).
    pub fn place(preferred: &Path) -> anyhow::Result<Self> {
        Self::place_for(preferred, Account::unprivileged())
    }

    fn place_for(preferred: &Path, account: Option<Account>) -> anyhow::Result<Self> {
        if account.is_none_or(|account| account.reaches(preferred)) {
            return Ok(Self { base: preferred.to_path_buf(), account });
        }
        let name: String = preferred.to_string_lossy().replace('/', "-");
        let base = PathBuf::from(format!("/var/tmp/tryzore{name}"));
        std::fs::create_dir_all(&base)?;
        // Anyone may write to /var/tmp: a folder of another user is not trusted.
        let owner = base.metadata()?.uid();
        anyhow::ensure!(
            owner == rustix::process::geteuid().as_raw(),
            "{} belongs to another user",
            base.display()
        );
        Ok(Self { base, account })
    }

    /// The folder itself.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The account of the server, if it differs from the user of the tool.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        self.account
    }

    /// Postgres' data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// HOME of the server's account.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.base.join("home")
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.base.join("postgres.log")
    }

    /// Ports and passwords.
    #[must_use]
    pub fn memory(&self) -> PathBuf {
        self.base.join("cluster.json")
    }

    /// The folder for unpacked programs of Postgres, next to the clusters.
    #[must_use]
    pub fn unpack(&self) -> PathBuf {
        self.base.parent().unwrap_or(&self.base).join("postgres-programs")
    }

    /// The major version that created the data, if there are any.
    #[must_use]
    pub fn version(&self) -> Option<u32> {
        std::fs::read_to_string(self.data().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Waits for other tools that start or stop this cluster; the lock is released when the value is dropped.
    pub fn lock(&self) -> anyhow::Result<File> {
        std::fs::create_dir_all(&self.base)
            .with_context(|| format!("{} can't be made", self.base.display()))?;
        let file = File::create(self.base.join("lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// Makes a folder that only the server's account can use.
    pub fn private_folder(&self, path: &Path) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir_all(path).with_context(|| format!("{} can't be made", path.display()))?;
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))?;
        if let Some(account) = self.account {
            account.own(path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_home_that_the_account_cannot_reach_is_moved() {
        let folder = tempfile::tempdir().unwrap();
        let preferred = folder.path().join("checkout/.data/postgres");
        std::fs::create_dir_all(folder.path().join("checkout")).unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let stranger = Some(Account { uid: 4_000_001, gid: 4_000_001 });
        assert_eq!(Home::place_for(&preferred, stranger).unwrap().base(), preferred);
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let moved = Home::place_for(&preferred, stranger).unwrap();
        assert!(moved.base().starts_with("/var/tmp") && moved.base().to_string_lossy().ends_with("postgres"));
        std::fs::remove_dir(moved.base()).unwrap();
        assert_eq!(Home::place_for(&preferred, None).unwrap().base(), preferred);
    }
}
