//! No source file over 400 lines: a longer file should be split.
//!
//! `xtask/tidy-exceptions.txt` lists the files that may be longer, with the number of their lines. The list may
//! only shrink: a file that got shorter must be listed with its new length, and one that is short enough must be
//! removed from the list.

use super::{Source, Violation};

/// The greatest number of lines of a file.
pub const MOST: usize = 400;
/// The list of exceptions.
pub const EXCEPTIONS: &str = "xtask/tidy-exceptions.txt";

/// Checks `sources` against the limit and the list: lines of `<path> <lines>`, `#` begins a comment.
#[must_use]
pub fn check(sources: &[Source], exceptions: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut allowed = Vec::new();
    for (index, line) in exceptions.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        match entry.rsplit_once(' ').map(|(path, lines)| (path.trim(), lines.parse::<usize>())) {
            Some((path, Ok(lines))) => allowed.push((index + 1, path, lines)),
            _ => violations.push(Violation::at(EXCEPTIONS, index + 1, "not of the form `<path> <lines>`")),
        }
    }
    for source in sources.iter().filter(|source| counts(&source.path)) {
        let lines = source.text.lines().count();
        match allowed.iter().find(|(_, path, _)| *path == source.path) {
            Some((entry, ..)) if lines <= MOST => {
                let text = format!("{} has {lines} lines: it needs no exception any more", source.path);
                violations.push(Violation::at(EXCEPTIONS, *entry, text));
            }
            Some((entry, _, limit)) if lines < *limit => {
                let text = format!("{} shrank: lower its entry from {limit} to {lines}", source.path);
                violations.push(Violation::at(EXCEPTIONS, *entry, text));
            }
            Some((_, _, limit)) if lines > *limit => {
                let text = format!("{lines} lines, and its exception is for {limit}: split it");
                violations.push(Violation::at(&source.path, lines, text));
            }
            None if lines > MOST => {
                violations.push(Violation::at(
                    &source.path,
                    lines,
                    format!("{lines} lines, over {MOST}: split it"),
                ));
            }
            _ => {}
        }
    }
    for (entry, path, _) in &allowed {
        if !sources.iter().any(|source| source.path == *path && counts(path)) {
            violations.push(Violation::at(
                EXCEPTIONS,
                *entry,
                format!("{path} is not a file that is checked"),
            ));
        }
    }
    violations
}

/// Generated tables and tests may be as long as they like.
fn counts(path: &str) -> bool {
    let test = path.split('/').any(|part| part == "tests") || path.ends_with("/tests.rs");
    !test && !path.starts_with("crates/schema/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, lines: usize) -> Source {
        Source { path: path.to_owned(), text: "x\n".repeat(lines) }
    }

    fn texts(sources: &[Source], exceptions: &str) -> Vec<String> {
        check(sources, exceptions).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_limit_is_four_hundred_lines() {
        assert!(texts(&[source("crates/a/src/x.rs", 400)], "").is_empty());
        assert_eq!(
            texts(&[source("crates/a/src/x.rs", 401)], ""),
            ["crates/a/src/x.rs:401: 401 lines, over 400: split it"]
        );
        let exempt = ["crates/schema/src/x.rs", "crates/a/tests/x.rs", "crates/a/src/book/tests.rs"];
        assert!(texts(&exempt.map(|path| source(path, 900)), "").is_empty());
    }

    #[test]
    fn the_list_of_exceptions_only_shrinks() {
        let list = "# why\ncrates/a/src/x.rs 500\n";
        assert!(texts(&[source("crates/a/src/x.rs", 500)], list).is_empty());
        let one = |lines| texts(&[source("crates/a/src/x.rs", lines)], list).join("");
        assert!(one(501).contains("its exception is for 500"));
        assert!(one(499).contains("lower its entry from 500 to 499"));
        assert!(one(400).contains("needs no exception"));
        assert!(texts(&[], list).join("").contains("not a file that is checked"));
        assert!(texts(&[], "crates/a/src/x.rs many").join("").contains("not of the form"));
    }
}
