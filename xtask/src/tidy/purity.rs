//! The rules of a domain are functions of facts and of time, so its sources read no clock, use no random numbers
//! and no files, network or environment.
//!
//! Sources are read as tokens: comments and strings don't count, and a path is found even if it is broken over
//! lines or grouped in a `use`.

use super::layers::DOMAINS;
use super::{Source, Violation};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Paths that no domain may name, and what to do instead.
const FORBIDDEN: [(&[&str], &str); 14] = [
    (&["std", "fs"], "files are behind a port"),
    (&["std", "net"], "the network is behind a port; the types of addresses are in core::net"),
    (&["std", "env"], "settings are handed in"),
    (&["Utc", "now"], "the time is handed in"),
    (&["Local", "now"], "the time is handed in"),
    (&["SystemTime", "now"], "the time is handed in"),
    (&["Instant", "now"], "the time is handed in"),
    (&["Uuid", "new_v4"], "ids come from the kernel"),
    (&["Uuid", "now_v7"], "ids come from the kernel"),
    (&["rand"], "random bits come from the kernel or are handed in"),
    (&["getrandom"], "random bits come from the kernel or are handed in"),
    (&["fastrand"], "random bits come from the kernel or are handed in"),
    (&["OsRng"], "random bits come from the kernel or are handed in"),
    (&["SystemClock"], "the time is handed in"),
];

/// The two files that may use them, for all others.
const EXEMPT: [&str; 2] = ["crates/kernel/src/time.rs", "crates/kernel/src/id.rs"];

/// Checks the sources of the kernel, of rbac and of the domains among `sources`.
#[must_use]
pub fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| is_pure(&source.path)) {
        match source.text.parse::<TokenStream>() {
            Ok(tokens) => {
                for (line, path, remedy) in breaches(tokens) {
                    // The kernel exports its clock, so it names it.
                    if path == "SystemClock" && source.path.starts_with("crates/kernel/") {
                        continue;
                    }
                    let text = format!("`{path}` in a domain: {remedy}");
                    violations.push(Violation::at(&source.path, line, text));
                }
            }
            Err(error) => {
                violations.push(Violation::at(&source.path, 1, format!("can't be read as Rust: {error}")))
            }
        }
    }
    violations
}

fn is_pure(path: &str) -> bool {
    let mut parts = path.split('/');
    let domain = parts.next() == Some("crates")
        && parts.next().is_some_and(|name| name == "kernel" || name == "rbac" || DOMAINS.contains(&name))
        && parts.next() == Some("src");
    domain && !EXEMPT.contains(&path)
}

fn breaches(tokens: TokenStream) -> Vec<(usize, String, &'static str)> {
    let mut paths = Vec::new();
    collect(tokens, &[], &mut paths);
    let mut found = Vec::new();
    for (line, path) in paths {
        for (forbidden, remedy) in FORBIDDEN {
            // `rand` alone is a crate only at the start of a longer path; the others are forbidden anywhere.
            let breach = match forbidden {
                ["rand" | "getrandom" | "fastrand"] => path.len() > 1 && path[0] == forbidden[0],
                _ => path.windows(forbidden.len()).any(|window| window == forbidden),
            };
            if breach && !found.iter().any(|(known, text, _)| *known == line && *text == forbidden.join("::"))
            {
                found.push((line, forbidden.join("::"), remedy));
            }
        }
    }
    found
}

/// Every path `a::b::c` of the tokens, with its line; a group after `::` continues the path (`std::{fs, net}`).
fn collect(tokens: TokenStream, prefix: &[String], paths: &mut Vec<(usize, Vec<String>)>) {
    let mut path: Vec<String> = prefix.to_vec();
    let mut line = 0;
    let mut tokens = tokens.into_iter().peekable();
    // Whether the last token lets an identifier continue the path.
    let mut joined = !prefix.is_empty();
    let mut finish = |path: &mut Vec<String>, line: usize, prefix: &[String]| {
        if path.len() > prefix.len() {
            paths.push((line, std::mem::take(path)));
        }
        *path = prefix.to_vec();
    };
    let mut nested: Vec<(TokenStream, Vec<String>)> = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                if !joined {
                    finish(&mut path, line, &[]);
                    path.clear();
                }
                line = ident.span().start().line;
                path.push(ident.to_string());
                joined = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
                let second = tokens.next_if(|next| matches!(next, TokenTree::Punct(p) if p.as_char() == ':'));
                joined = second.is_some();
            }
            TokenTree::Group(group) => {
                let continues = joined && group.delimiter() == Delimiter::Brace && !path.is_empty();
                nested.push((group.stream(), if continues { path.clone() } else { Vec::new() }));
                finish(&mut path, line, prefix);
                joined = !prefix.is_empty();
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' && !prefix.is_empty() => {
                finish(&mut path, line, prefix);
                joined = true;
            }
            _ => {
                finish(&mut path, line, &[]);
                path.clear();
                joined = false;
            }
        }
    }
    finish(&mut path, line, prefix);
    for (stream, prefix) in nested {
        collect(stream, &prefix, paths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        let source = Source { path: "crates/events/src/book.rs".to_owned(), text: text.to_owned() };
        check(&[source])
            .into_iter()
            .map(|one| (one.line, one.text.split('`').nth(1).unwrap().to_owned()))
            .collect()
    }

    #[test]
    fn every_way_of_naming_the_outside_is_found() {
        let text = "use std::{collections::BTreeMap, fs, net::TcpStream};\nfn a() {\n  let x = chrono::Utc\n    ::now();\n\
                    \n  let y = rand::random::<u8>(); std::env::var(\"A\");\n  b(uuid::Uuid::new_v4());\n}\n";
        let mut found = found(text);
        found.sort();
        let expected = [
            (1, "std::fs"),
            (1, "std::net"),
            (4, "Utc::now"),
            (6, "rand"),
            (6, "std::env"),
            (7, "Uuid::new_v4"),
        ];
        assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
        assert_eq!(
            self::found("use tryzore_kernel::{Clock,\n SystemClock};"),
            [(2, "SystemClock".to_owned())]
        );
    }

    #[test]
    fn comments_strings_and_likenesses_are_not() {
        let text = "//! Utc::now is for others\n/* std::fs */\nlet a = \"std::fs::read\"; let rand = 1; let b = rand + 1;\n\
                    my::std_fs(); env!(\"X\"); let now = Utc; now(); use kernel::time::Clock;";
        assert_eq!(found(text), []);
    }

    #[test]
    fn only_domains_are_held_to_it_and_the_two_files_of_the_kernel_are_not() {
        let at = |path: &str| check(&[Source { path: path.to_owned(), text: "Utc::now()".to_owned() }]).len();
        assert_eq!(at("crates/events/src/book.rs"), 1);
        assert_eq!(at("crates/kernel/src/page.rs"), 1);
        assert_eq!(at("crates/kernel/src/time.rs"), 0);
        assert_eq!(at("crates/postgres/src/lib.rs"), 0);
        assert_eq!(at("crates/events/tests/book.rs"), 0);
    }
}
