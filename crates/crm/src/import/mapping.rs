//! Which column holds what.
//!
//! Headers that are known map themselves; what the importer says goes first. The first column with
//! a known header wins, another one that means the same is left out and reported.

use super::{field::Field, file_error::ImportError};
use crate::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the importer says: `{"email": "E-mail Address", "locale": null}`. A header that is null
/// means that the field is to be left out although its header is a known one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<Field, Option<String>>);

/// Which column holds which field; columns count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(BTreeMap<Field, usize>);

impl Columns {
    /// The column that holds `field`.
    #[must_use]
    pub fn of(&self, field: Field) -> Option<usize> {
        self.0.get(&field).copied()
    }

    /// Whether `column` is used.
    #[must_use]
    pub fn uses(&self, column: usize) -> bool {
        self.0.values().any(|used| *used == column)
    }
}

impl Mapping {
    /// Which column of `headers` holds what.
    ///
    /// # Errors
    /// [`ImportError`] when the mapping names a header that is not there, or one twice, or when
    /// no column holds names or none holds a way to reach people.
    pub fn resolve(&self, headers: &[String]) -> Result<Columns, ImportError> {
        let mut columns = BTreeMap::new();
        for (field, header) in &self.0 {
            let Some(header) = header else { continue };
            let column = find(headers, header)
                .ok_or_else(|| ImportError::NoSuchHeader { field: field.name(), header: header.clone() })?;
            if columns.values().any(|used| *used == column) {
                return Err(ImportError::HeaderTwice { field: field.name(), header: header.clone() });
            }
            columns.insert(*field, column);
        }
        for (column, header) in headers.iter().enumerate() {
            let Some(field) = Field::of_header(header) else { continue };
            let is_free = !columns.values().any(|used| *used == column);
            if is_free && !self.0.contains_key(&field) {
                columns.entry(field).or_insert(column);
            }
        }
        let columns = Columns(columns);
        let any = |fields: &[Field]| fields.iter().any(|field| columns.of(*field).is_some());
        if !any(&[Field::Name, Field::NameFamilyFirst, Field::GivenName, Field::FamilyName]) {
            return Err(ImportError::NoNameColumn);
        }
        if !any(&[Field::Email, Field::Phone, Field::OtherPhone]) {
            return Err(ImportError::NoContactColumn);
        }
        Ok(columns)
    }
}

/// As it is written, or else as headers are compared.
fn find(headers: &[String], wanted: &str) -> Option<usize> {
    headers.iter().position(|h| h.trim() == wanted.trim()).or_else(|| {
        let key = fold::key(wanted);
        headers.iter().position(|h| !key.is_empty() && fold::key(h) == key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(mapping: &str, headers: &[&str]) -> Result<Vec<(Field, usize)>, ImportError> {
        let mapping: Mapping = serde_json::from_str(mapping).unwrap();
        let headers: Vec<_> = headers.iter().map(|h| (*h).to_owned()).collect();
        mapping.resolve(&headers).map(|columns| columns.0.into_iter().collect())
    }

    #[test]
    fn known_headers_map_themselves_and_the_first_wins() {
        let found = resolve("{}", &["Cognome", "Nome", "E-mail", "Cellulare", "Telefono", "Note"]);
        let wanted = [(Field::GivenName, 1), (Field::FamilyName, 0), (Field::Email, 2), (Field::Phone, 3)];
        assert_eq!(found.unwrap(), wanted);
    }

    #[test]
    fn what_the_importer_says_goes_first() {
        let headers = ["Nome", "Recapito", "E-mail", "Lingua"];
        let found = resolve(r#"{"email": "recapito", "name": "Nome", "locale": null}"#, &headers);
        assert_eq!(found.unwrap(), [(Field::Name, 0), (Field::Email, 1)]);
    }

    #[test]
    fn a_mapping_that_does_not_fit_the_file_is_refused() {
        let headers = ["Nome", "Recapito"];
        let wrong = |mapping| resolve(mapping, &headers).unwrap_err();
        assert_eq!(wrong("{}"), ImportError::NoContactColumn);
        assert_eq!(
            wrong(r#"{"email": "Mail"}"#),
            ImportError::NoSuchHeader { field: "email", header: "Mail".into() }
        );
        assert_eq!(
            wrong(r#"{"email": "Recapito", "phone": "RECAPITO"}"#),
            ImportError::HeaderTwice { field: "phone", header: "RECAPITO".into() }
        );
        assert_eq!(resolve("{}", &["E-mail"]).unwrap_err(), ImportError::NoNameColumn);
    }
}
