//! Reads the name of a row from one column or from several.

use super::{
    field::Field,
    mapping, name_cell,
    reading::Reading,
    reason::{Caution, Reason},
    value,
};
use crate::{NamePart, PersonName, fold, name::NameError};

impl Reading<'_> {
    pub(super) fn name(&mut self) -> Option<PersonName> {
        let (at, given, family) = self.name_texts();
        for part in [&given, &family] {
            if value::looks_blank(part) {
                let detail =
                    format!("the name `{part}` was kept, though some systems write it when there is no name");
                self.warn(Caution::NameLooksBlank, detail);
            }
        }
        let parts =
            [(at, given), (Field::FamilyName, family)].map(|(at, text)| (at, text.parse::<NamePart>()));
        let [(at, given), (family_at, family)] = parts;
        let family_at = if self.layout.survey.columns.of(family_at).is_some() { family_at } else { at };
        let family = match family {
            Err(NameError::Missing) => Some(None),
            Ok(family) => Some(Some(family)),
            Err(error) => {
                self.refuse(family_at, name_reason(error), error.to_string());
                None
            }
        };
        match given {
            Ok(given) => family.map(|family| PersonName::new(given, family)),
            Err(error) => {
                self.refuse(at, name_reason(error), error.to_string());
                None
            }
        }
    }

    /// Given name and family name as written, and the field of the given name.
    fn name_texts(&mut self) -> (Field, String, String) {
        let (given, family) = (self.half_name(Field::GivenName), self.half_name(Field::FamilyName));
        let family_first = self.cell(Field::Name).is_empty();
        let whole_field = if family_first { Field::NameFamilyFirst } else { Field::Name };
        let whole = self.cell(whole_field);
        match (given.is_empty(), family.is_empty()) {
            (true, true) => {
                let name = name_cell::split(&whole, family_first);
                for title in &name.left_out {
                    let detail = format!("the title `{title}` is not a part of a name and was left out");
                    self.warn(Caution::TitleLeftOut, detail);
                }
                if name.is_unclear {
                    let detail = format!(
                        "the name was read as given name `{}` and family name `{}`, which may be wrong",
                        name.given, name.family
                    );
                    self.warn(Caution::NameUnclear, detail);
                }
                return (whole_field, name.given, name.family);
            }
            (false, true) if rest_of_name(&whole, &given).is_some() => {
                return (Field::GivenName, given.clone(), rest_of_name(&whole, &given).unwrap_or_default());
            }
            (true, false) if rest_of_name(&whole, &family).is_some() => {
                return (whole_field, rest_of_name(&whole, &family).unwrap_or_default(), family);
            }
            _ => {}
        }
        let mut both = fold::words(&format!("{given} {family}"));
        let mut other = fold::words(&whole);
        both.sort_unstable();
        other.sort_unstable();
        if !other.is_empty() && both != other {
            let detail =
                format!("the name `{whole}` of the column `{}` was left out", self.header(whole_field));
            self.warn(Caution::NameUnused, detail);
        }
        // Some systems store the only name of a person as the family name.
        if given.is_empty() { (Field::FamilyName, family, given) } else { (Field::GivenName, given, family) }
    }

    /// Reads half of a name. A column that is called "name" may contain the whole name.
    fn half_name(&self, half: Field) -> String {
        let text = self.cell(half);
        let may_be_whole = self.layout.header(half).is_some_and(|header| mapping::is_half_name(&header));
        if !may_be_whole {
            return text;
        }
        let other = if half == Field::GivenName { Field::FamilyName } else { Field::GivenName };
        rest_of_name(&text, &self.cell(other)).unwrap_or(text)
    }
}

/// The rest of the name `whole` without its half `known`, if that is at the start or the end.
fn rest_of_name(whole: &str, known: &str) -> Option<String> {
    let words: Vec<&str> = whole.split([' ', ',', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    let keys: Vec<String> = words.iter().map(|word| fold::key(word)).collect();
    let known: Vec<String> = known.split_whitespace().map(fold::key).collect();
    if known.is_empty() || known.len() >= words.len() {
        return None;
    }
    let rest = if keys.starts_with(&known) {
        words.get(known.len()..)
    } else if keys.ends_with(&known) {
        words.get(..words.len() - known.len())
    } else {
        None
    };
    rest.map(|rest| rest.join(" "))
}

const fn name_reason(error: NameError) -> Reason {
    match error {
        NameError::Missing => Reason::NameMissing,
        NameError::TooLong => Reason::NameTooLong,
        NameError::NotAName => Reason::NameInvalid,
    }
}

#[cfg(test)]
mod tests {
    use super::rest_of_name;

    #[test]
    fn the_rest_of_a_name_is_before_or_after_its_half() {
        for (whole, known, rest) in [
            ("Klara Brandt", "Klara", Some("Brandt")),
            ("Brandt, Klara", "KLARA", Some("Brandt")),
            ("De Luca Niccolò", "niccolo", Some("De Luca")),
            ("Anna Maria Rossi", "Anna Maria", Some("Rossi")),
            ("Brandt", "Klara", None),
            ("Thomas", "Thomas", None),
            ("Anna Klara Rossi", "Klara", None),
            ("Brandt", "", None),
        ] {
            assert_eq!(rest_of_name(whole, known).as_deref(), rest, "{whole}");
        }
    }
}
