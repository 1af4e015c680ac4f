//! `examples/plug-and-play`: a workspace of its own that uses our crates as the repository of another company would.
//!
//! It is built in our target folder, and whatever it takes from a registry has our version and our features, so that
//! nothing but our own crates is compiled for it again. (Cargo takes a path into account: to it these are other crates.)

use crate::steps::cargo;
use crate::tidy::layers::forbidden_chains;
use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use std::process::Command;

/// The folder of the workspace.
pub const FOLDER: &str = "examples/plug-and-play";

/// `cargo` in that workspace, with our target folder.
#[must_use]
pub fn cargo_there(workspace: &Workspace) -> Command {
    let mut command = cargo(workspace);
    command.current_dir(workspace.root().join(FOLDER)).env("CARGO_TARGET_DIR", workspace.target());
    command
}

/// Checks that the workspace locks no package of a registry that ours does not lock too.
pub fn check_lock(workspace: &Workspace) -> anyhow::Result<()> {
    let theirs = format!("{FOLDER}/Cargo.lock");
    let [ours, locked] = ["Cargo.lock", &theirs].map(|path| {
        std::fs::read_to_string(workspace.root().join(path)).with_context(|| format!("{path} can't be read"))
    });
    let others = differing(&ours?, &locked?);
    ensure!(
        others.is_empty(),
        "{theirs} has other versions than Cargo.lock: {}. `cp Cargo.lock {FOLDER}/ && cargo update --workspace \
         --manifest-path {FOLDER}/Cargo.toml`",
        others.join(", ")
    );
    Ok(())
}

/// Checks that the program with a store of its own has nothing in its tree that does I/O.
pub fn check_tree(workspace: &Workspace) -> anyhow::Result<()> {
    let mut command = cargo_there(workspace);
    command.args(["tree", "--locked", "--package", "own-store", "--edges", "normal"]);
    let output = command.args(["--prefix", "depth", "--format", " {p}"]).output().context("cargo tree")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout)?;
    ensure!(tree.contains("tryzore-events"), "not the tree of a program that uses our crates: {tree}");
    let found: Vec<_> = forbidden_chains(&tree).iter().map(|chain| chain.join(" -> ")).collect();
    ensure!(found.is_empty(), "own-store does no I/O, but this is in its tree: {}", found.join(", "));
    Ok(())
}

/// The packages of registries in the lock file `theirs` that are not in `ours`.
fn differing(ours: &str, theirs: &str) -> Vec<String> {
    let ours = locked(ours);
    locked(theirs).into_iter().filter(|package| !ours.contains(package)).collect()
}

/// The packages of a lock file that come from a registry, as `<name> <version>`.
fn locked(file: &str) -> Vec<String> {
    let field = |package: &str, name: &str| {
        let value = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        value.map(|value| value.trim_matches('"').to_owned())
    };
    let packages = file.split("[[package]]").skip(1).filter(|package| field(package, "source").is_some());
    packages
        .filter_map(|package| Some(format!("{} {}", field(package, "name")?, field(package, "version")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_of_a_registry_is_named_and_a_crate_of_a_folder_is_not() {
        let package = |name: &str, version: &str, source: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = [\n \"a\",\n]\n\n"
            )
        };
        let from = "source = \"registry+https://example.com/index\"\n";
        let head = "version = 4\n\n";
        let ours = format!("{head}{}{}", package("a", "1.2.3", from), package("b", "2.0.0", from));
        let theirs = format!("{head}{}{}", package("own", "0.1.0", ""), package("a", "1.2.3", from));
        assert_eq!(differing(&ours, &theirs), [""; 0]);
        let newer = format!("{theirs}{}", package("b", "2.0.1", from));
        assert_eq!(differing(&ours, &newer), ["b 2.0.1"]);
    }
}
