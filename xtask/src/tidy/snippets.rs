//! Code that a document shows is the code of a file, word for word.
//!
//! A fenced block whose first line ends in `file=<path>` (from the root) must be lines of that file, one after
//! another, whatever they are indented by.

use super::{Source, Violation};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::path::Path;

/// Checks the blocks of `documents` that name a file below `root`.
#[must_use]
pub fn check(root: &Path, documents: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for document in documents {
        for snippet in snippets(&document.text) {
            let path = &snippet.file;
            let text = match std::fs::read_to_string(root.join(path)) {
                Err(_) => format!("there is no {path}"),
                Ok(file) if contains(&file, &snippet.text) => continue,
                Ok(_) => format!("this is not in {path} any more: show what is there"),
            };
            violations.push(Violation::at(&document.path, snippet.line, text));
        }
    }
    violations
}

struct Snippet {
    line: usize,
    file: String,
    text: String,
}

fn snippets(text: &str) -> Vec<Snippet> {
    let (mut found, mut open): (Vec<Snippet>, bool) = (Vec::new(), false);
    for (event, range) in Parser::new_ext(text, Options::all()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let file = info.split_whitespace().find_map(|word| word.strip_prefix("file="));
                open = file.is_some();
                let line = text[..range.start].matches('\n').count() + 1;
                found.extend(file.map(|file| Snippet { line, file: file.to_owned(), text: String::new() }));
            }
            Event::Text(words) if open => {
                if let Some(last) = found.last_mut() {
                    last.text.push_str(&words);
                }
            }
            Event::End(TagEnd::CodeBlock) => open = false,
            _ => {}
        }
    }
    found
}

/// Whether the lines of `snippet` are lines of `file`, one after another, all indented by the same more.
fn contains(file: &str, snippet: &str) -> bool {
    let (file, snippet): (Vec<&str>, Vec<&str>) =
        (file.lines().collect(), snippet.trim_end().lines().collect());
    let Some(first) = snippet.first() else { return false };
    let indent = |line: &str| line.len() - line.trim_start().len();
    file.windows(snippet.len()).any(|lines| {
        let more = " ".repeat(indent(lines[0]).saturating_sub(indent(first)));
        let same = |(line, shown): (&&str, &&str)| match shown.trim().is_empty() {
            true => line.trim().is_empty(),
            false => line.strip_prefix(&*more).is_some_and(|line| line == *shown),
        };
        lines.iter().zip(&snippet).all(same)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_file_is_found_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = "mod a {\n    fn b() {\n        c();\n\n        d();\n    }\n}\n";
        std::fs::write(folder.path().join("a.rs"), file).unwrap();
        let block = |info: &str, code: &str| format!("```{info}\n{code}\n```\n\n");
        let texts = [
            block("rust file=a.rs", "fn b() {\n    c();\n\n    d();"),
            block("rust file=a.rs", "mod a {\n    fn b() {"),
            block("rust", "fn other() {}"),
            block("rust file=a.rs", "fn b() {\n    d();"),
            block("rust file=a.rs", "fn b() {\nc();"),
            block("rust file=b.rs", "fn b() {"),
            block("rust file=a.rs", ""),
        ];
        let document = Source { path: "docs/a.md".to_owned(), text: texts.concat() };
        let found: Vec<_> = check(folder.path(), &[document]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "docs/a.md:17: this is not in a.rs any more: show what is there",
                "docs/a.md:22: this is not in a.rs any more: show what is there",
                "docs/a.md:27: there is no b.rs",
                "docs/a.md:31: this is not in a.rs any more: show what is there",
            ]
        );
    }
}
