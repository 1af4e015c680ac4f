//! Assigns columns to fields.
//!
//! The mapping of the importer has precedence; other columns are assigned by their known headers. The first
//! column with a known header of a field is used; a further one for the same field is left out and reported.
//! If one column contains half of a name, a column that is called "name" contains the other half:
//! `Name;Vorname`, `Surname,Name`.

use super::{field::Field, file_error::ImportError};
use crate::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Headers that mean a whole name or, if another column contains one half, the other half.
const HALF_NAMES: [&str; 12] = [
    "name",
    "client",
    "clientname",
    "customer",
    "customername",
    "member",
    "membername",
    "contactname",
    "cliente",
    "kunde",
    "mitglied",
    "nominativo",
];

/// The mapping of the importer: `{"email": "E-mail Address", "locale": null}`. A null header means that the
/// field is left out although the file has a known header for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<Field, Option<String>>);

/// The column of each field; columns count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(BTreeMap<Field, usize>);

impl Columns {
    /// The column of `field`.
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
    /// Assigns the columns with `headers` to fields.
    ///
    /// # Errors
    /// [`ImportError`] if the mapping names a header that does not exist or one header twice, or if no column
    /// contains names or none contains contact data.
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
        self.complete_name(&mut columns, headers);
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

    fn complete_name(&self, columns: &mut BTreeMap<Field, usize>, headers: &[String]) {
        let other_half = match (columns.get(&Field::GivenName), columns.get(&Field::FamilyName)) {
            (Some(_), None) => Field::FamilyName,
            (None, Some(_)) => Field::GivenName,
            _ => return,
        };
        let was_said = self.0.contains_key(&Field::Name) || self.0.contains_key(&other_half);
        let column = columns.get(&Field::Name).copied().filter(|_| !was_said);
        if let Some(column) = column.filter(|at| headers.get(*at).is_some_and(|h| is_half_name(h))) {
            columns.remove(&Field::Name);
            columns.insert(other_half, column);
        }
    }
}

/// Whether a column with this header may contain a whole name or half of one.
pub(crate) fn is_half_name(header: &str) -> bool {
    HALF_NAMES.contains(&fold::key(header).as_str())
}

/// Finds a header by its exact text, or else by its normalized form.
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
    fn columns_are_assigned_by_known_headers_and_the_first_wins() {
        let found = resolve("{}", &["Cognome", "Nome", "E-mail", "Cellulare", "Telefono", "Note"]);
        let wanted = [(Field::GivenName, 1), (Field::FamilyName, 0), (Field::Email, 2), (Field::Phone, 3)];
        assert_eq!(found.unwrap(), wanted);
    }

    #[test]
    fn next_to_half_of_a_name_the_name_column_is_the_other_half() {
        let names = |mapping, headers: &[&str]| {
            let found = resolve(mapping, &[headers, &["E-Mail"]].concat()).unwrap();
            found.into_iter().filter(|(field, _)| field.is_name()).collect::<Vec<_>>()
        };
        let (whole, given, family) = (Field::Name, Field::GivenName, Field::FamilyName);
        assert_eq!(names("{}", &["Name", "Vorname"]), [(given, 1), (family, 0)]);
        assert_eq!(names("{}", &["Surname", "Name"]), [(given, 1), (family, 0)]);
        assert_eq!(names("{}", &["Client", "First Name"]), [(given, 1), (family, 0)]);
        assert_eq!(names("{}", &["Name"]), [(whole, 0)]);
        assert_eq!(names("{}", &["Name", "Vorname", "Nachname"]), [(whole, 0), (given, 1), (family, 2)]);
        assert_eq!(names("{}", &["Full Name", "First Name"]), [(whole, 0), (given, 1)]);
        assert_eq!(names(r#"{"name": "Name"}"#, &["Name", "Vorname"]), [(whole, 0), (given, 1)]);
        assert_eq!(names(r#"{"name": null}"#, &["Name", "Vorname"]), [(given, 1)]);
        assert_eq!(names(r#"{"family_name": null}"#, &["Name", "Vorname"]), [(whole, 0), (given, 1)]);
    }

    #[test]
    fn the_mapping_of_the_importer_has_precedence() {
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
