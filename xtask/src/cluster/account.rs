//! The account of the server. Postgres refuses to run as root; where the tool runs as root (containers, CI), the
//! child process itself switches to another account, without a helper program.
//!
//! **Invariant:** a child gets an empty environment with its own HOME and starts in `/`, because root's home
//! and root's working folder are not readable for it.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A user of the system without rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// The user `nobody` of every Linux.
const NOBODY: Account = Account { uid: 65_534, gid: 65_534 };

impl Account {
    /// The account for the server if the tool runs as root: `postgres`, else `nobody`. Otherwise none: the
    /// server then runs as the user of the tool.
    #[must_use]
    pub fn unprivileged() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        Some(find(&users, "postgres").unwrap_or(NOBODY))
    }

    /// Whether this user can reach `path`: the user needs access to each folder above it, and to the path itself if
    /// it is a folder. Folders that do not exist yet are skipped.
    #[must_use]
    pub fn reaches(self, path: &Path) -> bool {
        path.ancestors().filter_map(|step| step.metadata().ok()).filter(std::fs::Metadata::is_dir).all(
            |folder| {
                let bit = match folder {
                    _ if folder.uid() == self.uid => 0o100,
                    _ if folder.gid() == self.gid => 0o010,
                    _ => 0o001,
                };
                folder.mode() & bit != 0
            },
        )
    }

    /// Makes this user the owner of a file or folder.
    pub fn own(self, path: &Path) -> std::io::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
    }
}

fn find(users: &str, name: &str) -> Option<Account> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        .filter(|account| account.uid != 0)
}

/// A command that runs as `account` (or as the present user) and inherits only the PATH.
#[must_use]
pub fn command(account: Option<Account>, program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("PATH", "/usr/local/bin:/usr/bin:/bin").env("TZ", "UTC");
    command.current_dir("/");
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_account_is_found_by_its_whole_name_and_root_is_never_taken() {
        let users =
            "root:x:0:0::/root:/bin/sh\npostgresql:x:7:7::/:/bin/sh\npostgres:x:101:104::/var:/bin/sh\n";
        assert_eq!(find(users, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(find(users, "root"), None);
        assert_eq!(find(users, "absent"), None);
    }

    #[test]
    fn a_private_folder_on_the_way_bars_the_account() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let stranger = Account { uid: 4_000_001, gid: 4_000_001 };
        assert!(stranger.reaches(&inner.join("not-there-yet")));
        std::fs::set_permissions(folder.path().join("a"), PermissionsExt::from_mode(0o700)).unwrap();
        assert!(!stranger.reaches(&inner));
        std::fs::set_permissions(folder.path().join("a"), PermissionsExt::from_mode(0o755)).unwrap();
    }
}
