//! The stored state of a server between runs: its port, the passwords made for it, whether it was seeded.
//!
//! **Invariant:** the file is readable for its owner alone (0600) from the moment it exists, and is replaced as
//! a whole, so that a killed run leaves the old one or the new one.

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// One server's file, `cluster.json`.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The port of a private cluster; 0 before it was chosen.
    pub port: u16,
    /// Password of each role that the tool created.
    pub passwords: BTreeMap<String, String>,
    /// The key with which the services encrypt the keys in the database: 32 bytes in base64. It is stored with the
    /// server, because it decrypts what that database contains.
    pub key_encryption_key: Option<String>,
    /// Whether the demo seed ran to its end.
    pub seeded: bool,
}

impl Memory {
    /// Reads the file; a missing file is an empty state.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    /// Writes the file.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let fresh = path.with_extension("new");
        private_file(&fresh, &serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(&fresh, path).with_context(|| format!("{} can't be written", path.display()))
    }

    /// The password of a role; made on first use.
    pub fn password(&mut self, role: &str) -> anyhow::Result<String> {
        if let Some(known) = self.passwords.get(role) {
            return Ok(known.clone());
        }
        let fresh = random_password()?;
        self.passwords.insert(role.to_owned(), fresh.clone());
        Ok(fresh)
    }

    /// The key-encryption key of the services; made on first use.
    pub fn key_encryption_key(&mut self) -> anyhow::Result<String> {
        if let Some(known) = &self.key_encryption_key {
            return Ok(known.clone());
        }
        let fresh = STANDARD.encode(random::<32>()?);
        self.key_encryption_key = Some(fresh.clone());
        Ok(fresh)
    }
}

/// Writes a file that only its owner can read.
pub fn private_file(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let _ = std::fs::remove_file(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} can't be written", path.display()))?;
    file.write_all(content)?;
    Ok(())
}

/// 192 random bits in hexadecimal: nothing in it needs escaping in a URL or in SQL.
fn random_password() -> anyhow::Result<String> {
    Ok(random::<24>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn passwords_are_made_once_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/cluster.json");
        let mut memory = Memory::load(&path).unwrap();
        let first = memory.password("a").unwrap();
        assert_ne!(first, memory.password("b").unwrap());
        let key = memory.key_encryption_key().unwrap();
        assert_eq!(STANDARD.decode(&key).unwrap().len(), 32);
        memory.save(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let mut again = Memory::load(&path).unwrap();
        assert_eq!(again, memory);
        assert_eq!(again.password("a").unwrap(), first);
        assert_eq!(again.key_encryption_key().unwrap(), key);
        std::fs::write(&path, "{").unwrap();
        assert!(Memory::load(&path).unwrap_err().to_string().contains("damaged"));
    }
}
