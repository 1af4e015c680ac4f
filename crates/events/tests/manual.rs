//! The manual lists exactly the denials that exist.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{collections::BTreeSet, fs, path::Path};

const MANUAL: &str = include_str!("../../../docs/events.md");

/// Names like `events.book.full` in the sources: the codes of denials.
fn codes() -> BTreeSet<String> {
    let sources = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let texts = sources.map(|file| file.unwrap().path()).filter(|path| path.is_file());
    let texts: Vec<String> = texts.map(|path| fs::read_to_string(path).unwrap()).collect();
    let quoted = texts.iter().flat_map(|text| text.split('"').skip(1).step_by(2));
    let is_code = |text: &&str| {
        text.starts_with("events.") && text.matches('.').count() == 2 && !text.contains(char::is_whitespace)
    };
    quoted.filter(is_code).map(str::to_owned).collect()
}

#[test]
fn the_manual_lists_every_denial_and_no_other() {
    let codes = codes();
    assert!(codes.len() > 30, "{codes:?}");
    let rows = MANUAL.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: BTreeSet<String> =
        rows.map(|(code, _)| code.to_owned()).filter(|code| code.matches('.').count() == 2).collect();
    assert_eq!(codes, listed);
}
