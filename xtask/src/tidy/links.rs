//! Checks the links in documents: the file must exist, and the heading too.

use super::{Source, Violation};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::path::{Component, Path, PathBuf};

/// Checks the relative links of `documents`; files are looked up below `root`.
#[must_use]
pub fn check(root: &Path, documents: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for document in documents {
        for (line, target) in targets(&document.text) {
            if let Some(text) = problem(root, document, &target) {
                violations.push(Violation::at(&document.path, line, text));
            }
        }
    }
    violations
}

fn problem(root: &Path, document: &Source, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") || target.starts_with("//") {
        return None;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let text = if file.is_empty() {
        document.text.clone()
    } else {
        let path = if let Some(absolute) = file.strip_prefix('/') {
            PathBuf::from(absolute)
        } else {
            Path::new(&document.path).parent().unwrap_or(Path::new("")).join(file)
        };
        let Some(path) = inside(&path) else { return Some(format!("`{target}` leads out of the project")) };
        if !root.join(&path).exists() {
            return Some(format!("`{target}`: there is no {}", path.display()));
        }
        if path.extension().is_none_or(|end| end != "md") {
            return None;
        }
        std::fs::read_to_string(root.join(&path)).unwrap_or_default()
    };
    let anchor = anchor?;
    (!anchors(&text).iter().any(|known| known == anchor))
        .then(|| format!("`{target}`: there is no heading `#{anchor}`"))
}

/// A path without `.` and `..`; none if it leaves the root.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => clean.push(name),
            Component::ParentDir if !clean.pop() => return None,
            _ => {}
        }
    }
    Some(clean)
}

/// The links and images of a document, with their lines.
fn targets(text: &str) -> Vec<(usize, String)> {
    let parser = Parser::new_ext(text, Options::all()).into_offset_iter();
    parser
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some((text[..range.start].matches('\n').count() + 1, dest_url.into_string()))
            }
            _ => None,
        })
        .collect()
}

/// The anchors of a document as the usual hosts make them: the heading in lower case, blanks as hyphens, other
/// punctuation removed, repeated ones numbered; and the ids that are written explicitly.
fn anchors(text: &str) -> Vec<String> {
    let (mut anchors, mut heading): (Vec<String>, Option<String>) = (Vec::new(), None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let numbered = (1..).map(|number| format!("{slug}-{number}"));
                let free = std::iter::once(slug.clone()).chain(numbered).find(|one| !anchors.contains(one));
                anchors.extend(free);
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for mark in ["id=\"", "name=\""] {
                    anchors.extend(
                        html.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
                    );
                }
            }
            _ => {}
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().flat_map(char::to_lowercase);
    kept.filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_are_found_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("docs/api")).unwrap();
        std::fs::write(folder.path().join("docs/b.md"), "# The *second* page, `x`!\n\n## Same\n\n## Same\n")
            .unwrap();
        let text = "# Top\n\n[a](b.md) [b](b.md#the-second-page-x) [c](b.md#same-1) [d](#top) [e](api/) ![f](/docs/b.md)\n\
                    [g](https://example.com/x#y) <mailto:a@b.c> `[no](code.md)`\n\n[1](c.md)\n[2](b.md#same-2)\n[3](#bottom)\n\
                    [4](../../x.md)\n[5][ref]\n\n[ref]: gone.md\n";
        let found = check(folder.path(), &[Source { path: "docs/a.md".to_owned(), text: text.to_owned() }]);
        let lines: Vec<_> = found.iter().map(|one| one.line).collect();
        assert_eq!(lines, [6, 7, 8, 9, 10], "{found:#?}");
        assert!(found[0].text.contains("there is no docs/c.md"), "{}", found[0]);
        assert!(found[1].text.contains("no heading `#same-2`"), "{}", found[1]);
        assert!(found[3].text.contains("leads out"), "{}", found[3]);
    }

    #[test]
    fn an_anchor_set_by_hand_counts() {
        assert_eq!(anchors("<a id=\"here\"></a>\n\n# There\n"), ["here", "there"]);
    }
}
