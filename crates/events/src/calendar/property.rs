//! The properties of one VEVENT, by name: texts, numbers and lists.

use super::{
    EntryNote, Reason,
    lines::{Block, Line},
};
use icalendar::parser::{ParseString, Property};

/// The properties of one VEVENT.
#[derive(Debug, Clone, Copy)]
pub(super) struct Properties<'f>(pub(super) &'f Block);

impl<'f> Properties<'f> {
    /// All content lines with the name `name`, parsed.
    pub(super) fn all(self, name: &'static str) -> impl Iterator<Item = Result<Property<'f>, Reason>> {
        let lines = self.0.lines.iter().filter(move |line| line.name == name);
        lines.map(move |line: &Line| {
            // For a line without a colon, the `icalendar` crate reads a name and drops the rest.
            let property = Property::try_from(line.text.as_str()).map_err(|_| Reason::Unreadable(name))?;
            if line.text.contains(':') { Ok(property) } else { Err(Reason::Unreadable(name)) }
        })
    }

    /// The first property with the name `name`.
    pub(super) fn first(self, name: &'static str) -> Result<Option<Property<'f>>, Reason> {
        self.all(name).next().transpose()
    }

    /// The first property with the name `name` that has a text, truncated to `longest` characters.
    pub(super) fn text(
        self,
        name: &'static str,
        longest: usize,
        notes: &mut Vec<EntryNote>,
    ) -> Option<String> {
        let property = self.all(name).flatten().next()?;
        let (text, was_cut) = clean(property.val.as_str(), longest)?;
        if was_cut {
            notes.push(EntryNote::Cut(name));
        }
        Some(text)
    }
}

/// The parameter `name` of a property.
pub(super) fn parameter<'p>(property: &'p Property<'_>, name: &str) -> Option<&'p str> {
    let found = property.params.iter().find(|parameter| parameter.key.as_str().eq_ignore_ascii_case(name))?;
    found.val.as_ref().map(ParseString::as_str)
}

/// `text` trimmed, without control characters except line feeds, and truncated to `longest` characters;
/// the flag says whether it was longer. None when nothing is left.
pub(super) fn clean(text: &str, longest: usize) -> Option<(String, bool)> {
    let printable = |c: &char| !c.is_control() || *c == '\n';
    let text: String = text.replace("\r\n", "\n").replace('\t', " ").chars().filter(printable).collect();
    let text = text.trim();
    let kept: String = text.chars().take(longest).collect();
    let was_cut = kept.len() < text.len();
    let kept = kept.trim_end().to_owned();
    (!kept.is_empty()).then_some((kept, was_cut))
}

/// The texts of a list, which the `icalendar` crate returns unparsed: split at commas that are not
/// escaped, then unescaped.
pub(super) fn text_list(raw: &str) -> impl Iterator<Item = String> {
    let mut escaped = false;
    let is_comma = move |c: char| {
        let splits = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        splits
    };
    let texts: Vec<&str> = raw.split(is_comma).collect();
    texts.into_iter().map(|text| ParseString::from(text).unescape_text().as_str().to_owned())
}

/// The beginning of a text, for an error that quotes it.
pub(super) fn quote(text: &str) -> String {
    clean(text, 64).map(|(text, _)| text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_at_commas_that_are_not_escaped() {
        let texts: Vec<_> = text_list(r"Yoga,Mind\, Body,back\\,slash").collect();
        assert_eq!(texts, ["Yoga", "Mind, Body", r"back\", "slash"]);
    }

    #[test]
    fn a_text_has_no_control_characters_and_an_end() {
        assert_eq!(clean(" a\0b\u{7}\tc\r\nd\n ", 10), Some(("ab c\nd".into(), false)));
        assert_eq!(clean("èèè", 2), Some(("èè".into(), true)));
        assert_eq!(clean("èè", 2), Some(("èè".into(), false)));
        assert_eq!(clean(" \0\n ", 10), None);
    }
}
