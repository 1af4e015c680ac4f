//! No file and no module has a name that says nothing about its content: `utils`, `helpers`, `common`, `manager`.

use super::{Source, Violation};

const FORBIDDEN: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "commons", "manager", "managers"];

/// Checks the paths of source files and the `mod` items in them.
#[must_use]
pub fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        for part in source.path.split('/').map(|part| part.trim_end_matches(".rs")) {
            if FORBIDDEN.contains(&part) {
                violations.push(Violation::at(
                    &source.path,
                    1,
                    format!("a file or folder named `{part}`: say what it is"),
                ));
            }
        }
        for (index, line) in source.text.lines().enumerate() {
            if let Some(name) = inline_module(line).filter(|name| FORBIDDEN.contains(name)) {
                let text = format!("a module named `{name}`: say what it is");
                violations.push(Violation::at(&source.path, index + 1, text));
            }
        }
    }
    violations
}

/// The name of a module with an inline body; a module in a file is found by the file's name.
fn inline_module(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1.trim_start(),
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let name = line.strip_prefix("mod ")?.trim_start();
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    name[end..].trim_start().starts_with('{').then_some(&name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawers_are_found_as_files_folders_and_modules() {
        let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        let found = check(&[
            source("crates/a/src/utils.rs", ""),
            source("crates/a/tests/common/mod.rs", ""),
            source("crates/a/src/x.rs", "fn a() {}\n    pub(crate) mod helpers {\n"),
            source("crates/a/src/community.rs", "mod manager_of_one {}\n// mod utils {\n"),
        ]);
        let places: Vec<_> = found.iter().map(|one| (one.place.as_str(), one.line)).collect();
        assert_eq!(
            places,
            [("crates/a/src/utils.rs", 1), ("crates/a/tests/common/mod.rs", 1), ("crates/a/src/x.rs", 2)]
        );
    }
}
