//! The rules of the project that no compiler checks.
//!
//! - [`layers`]: which crate may depend on which; which crates a domain may not depend on.
//! - [`length`]: no source file over 400 lines.
//! - [`purity`]: no clock, no randomness, no files, no network, no environment in a domain.
//! - [`sql`]: SQL is sent by the base and by the stores alone.
//! - [`names`]: no `utils`, `helpers`, `common`, `manager`.
//! - [`links`]: links in documents lead to existing files and headings.
//! - [`snippets`]: code in documents is that of the file that it names.
//! - [`catalogue`]: keys, row security and roles of a migrated database.
//!
//! **Invariant:** a check is a function from its input to the list of violations, so each is tested on an input
//! that breaks its rule.

pub mod catalogue;
pub mod catalogue_load;
pub mod global;
pub mod layers;
pub mod length;
pub mod links;
pub mod names;
pub mod purity;
pub mod snippets;
pub mod sql;

use std::fmt;
use std::path::{Path, PathBuf};

/// A violation of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, relative to the root; for the database, the table or role.
    pub place: String,
    /// The line, from 1; 0 if there is none.
    pub line: usize,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Violation {
    /// A violation at a line of a file.
    #[must_use]
    pub fn at(place: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Self { place: place.into(), line, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.place, self.text),
            line => write!(f, "{}:{line}: {}", self.place, self.text),
        }
    }
}

/// A text file of the workspace.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path relative to the root, with `/`.
    pub path: String,
    /// The content.
    pub text: String,
}

/// Every file below `folders` whose name ends in `.{extension}`, ordered by path.
pub fn sources(root: &Path, folders: &[&str], extension: &str) -> anyhow::Result<Vec<Source>> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&root.join(folder), &mut |path| {
            if path.extension().is_some_and(|end| end == extension) {
                let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
                found.push(Source { path: relative(root, path), text });
            }
            Ok(())
        })?;
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Calls `visit` for each file below `path` (or for `path`, if it is a file), except in hidden folders and
/// `target`.
fn walk(path: &Path, visit: &mut impl FnMut(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if path.is_file() {
        return visit(path);
    }
    let Ok(entries) = std::fs::read_dir(path) else { return Ok(()) };
    for entry in entries {
        let path: PathBuf = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with('.') && name != "target" {
            walk(&path, visit)?;
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// The first line of `text` that contains `needle`, from 1; 0 if none does.
fn line_of(text: &str, needle: &str) -> usize {
    text.lines().position(|line| line.contains(needle)).map_or(0, |index| index + 1)
}
