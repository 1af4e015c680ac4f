//! A change of a client: as a caller sends it, and after it was checked.
//!
//! A field that is absent keeps its value; a field that is `null` is removed; any other value replaces
//! the stored one, as in JSON Merge Patch (RFC 7396).

use crate::{
    Country, Locale, NamePart,
    draft::{Faults, birth_date, email, external_ref, joined_on, locale, name_part, phone},
};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use tryzore_kernel::{Email, OrganizationId, Phone, Problem, iso};

/// The change of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field keeps its value.
    #[default]
    Absent,
    /// The value is removed.
    Null,
    /// This value replaces the stored one.
    Set(T),
}

impl<T> Patch<T> {
    /// Applies the change to `field`.
    pub fn put(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    /// Called for a field that is present; `#[serde(default)]` makes an absent field [`Patch::Absent`].
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Null, Self::Set))
    }
}

/// A date in the form of the contract.
///
/// # Errors
/// For a date in any other form.
pub fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Patch<NaiveDate>, D::Error> {
    Ok(iso::read::<_, Option<NaiveDate>>(from)?.map_or(Patch::Null, Patch::Set))
}

/// A change of a client, as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientPatch {
    /// The new home location; not null.
    #[cfg_attr(feature = "openapi", schema(value_type = OrganizationId, required = false))]
    #[serde(default)]
    #[serde(rename = "home_organization_id")]
    pub home_organization: Patch<OrganizationId>,
    /// Not null.
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false))]
    #[serde(default)]
    pub given_name: Patch<String>,
    /// Null for one-word names.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub family_name: Patch<String>,
    /// E-mail address.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub email: Patch<String>,
    /// Phone number; without a country code, a number of the country of the location.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub phone: Patch<String>,
    /// Language tag.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub locale: Patch<String>,
    /// ISO 8601.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NaiveDate>, required = false))]
    #[serde(default, deserialize_with = "date")]
    pub birth_date: Patch<NaiveDate>,
    /// The answer about advertising; an answer can be changed but not removed.
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    #[serde(default)]
    pub marketing_consent: Patch<bool>,
    /// The id of the client in another system.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    #[serde(default)]
    pub external_ref: Patch<String>,
    /// ISO 8601; not null.
    #[cfg_attr(feature = "openapi", schema(value_type = NaiveDate, required = false))]
    #[serde(default, deserialize_with = "date")]
    pub joined_on: Patch<NaiveDate>,
}

/// A change of a client, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientChange {
    /// The new home location.
    pub home_organization: Option<OrganizationId>,
    /// The new given name.
    pub given_name: Option<NamePart>,
    /// The new family name, or its removal.
    pub family_name: Patch<NamePart>,
    /// The new e-mail address, or its removal.
    pub email: Patch<Email>,
    /// The new phone number, or its removal.
    pub phone: Patch<Phone>,
    /// The new language; when removed, that of the location applies.
    pub locale: Patch<Locale>,
    /// The new date of birth, or its removal.
    pub birth_date: Patch<NaiveDate>,
    /// The new answer about advertising.
    pub marketing_consent: Patch<bool>,
    /// The new reference, or its removal.
    pub external_ref: Patch<String>,
    /// The new first day as a customer.
    pub joined_on: Option<NaiveDate>,
}

impl ClientPatch {
    /// Checks every field. `today` is the current date at the location, `country` the country of the
    /// location.
    ///
    /// # Errors
    /// 422 with a JSON pointer for each field that is not valid.
    pub fn check(self, country: Country, today: NaiveDate) -> Result<ClientChange, Problem> {
        let mut faults = Faults::default();
        let change = ClientChange {
            home_organization: required(&mut faults, "/home_organization_id", self.home_organization, Ok),
            given_name: required(&mut faults, "/given_name", self.given_name, |t: String| name_part(&t)),
            family_name: text(&mut faults, "/family_name", self.family_name, name_part),
            email: text(&mut faults, "/email", self.email, email),
            phone: text(&mut faults, "/phone", self.phone, |t| phone(t, country)),
            locale: text(&mut faults, "/locale", self.locale, locale),
            birth_date: optional(&mut faults, "/birth_date", self.birth_date, |d| birth_date(d, today)),
            marketing_consent: required(&mut faults, "/marketing_consent", self.marketing_consent, Ok)
                .map_or(Patch::Absent, Patch::Set),
            external_ref: text(&mut faults, "/external_ref", self.external_ref, external_ref),
            joined_on: required(&mut faults, "/joined_on", self.joined_on, |d| joined_on(d, today)),
        };
        faults.into_result()?;
        Ok(change)
    }
}

fn optional<T, U>(
    faults: &mut Faults,
    pointer: &'static str,
    patch: Patch<T>,
    read: impl FnOnce(T) -> Result<U, String>,
) -> Patch<U> {
    match patch {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Set(value) => faults.take(pointer, read(value)).map_or(Patch::Absent, Patch::Set),
    }
}

/// Checks a text. A blank text counts as `null`, because an emptied field of a form sends it.
fn text<U>(
    faults: &mut Faults,
    pointer: &'static str,
    patch: Patch<String>,
    read: impl FnOnce(&str) -> Result<U, String>,
) -> Patch<U> {
    match patch {
        Patch::Set(text) if text.trim().is_empty() => Patch::Null,
        patch => optional(faults, pointer, patch, |text| read(&text)),
    }
}

fn required<T, U>(
    faults: &mut Faults,
    pointer: &'static str,
    patch: Patch<T>,
    read: impl FnOnce(T) -> Result<U, String>,
) -> Option<U> {
    match patch {
        Patch::Absent => None,
        Patch::Null => faults.take(pointer, Err("can be changed but not removed".to_owned())),
        Patch::Set(value) => faults.take(pointer, read(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<ClientChange, Problem> {
        let patch: ClientPatch = serde_json::from_str(json).unwrap();
        patch.check(Country::ITALY, "2026-11-21".parse().unwrap())
    }

    #[test]
    fn absent_is_not_null() {
        assert_eq!(check("{}").unwrap(), ClientChange::default());
        let change = check(r#"{"phone": null, "email": "A@example.com", "locale": " "}"#).unwrap();
        assert_eq!(change.phone, Patch::Null);
        assert_eq!(change.locale, Patch::Null);
        assert_eq!(change.email, Patch::Set("a@example.com".parse().unwrap()));
        assert_eq!(change.family_name, Patch::Absent);
    }

    #[test]
    fn required_fields_cannot_be_removed() {
        let json = r#"{"home_organization_id":null,"given_name":null,"marketing_consent":null,"joined_on":null,"email":"x"}"#;
        let errors = check(json).unwrap_err().errors;
        let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/home_organization_id", "/given_name", "/email", "/marketing_consent", "/joined_on"]
        );
    }

    #[test]
    fn an_unknown_field_is_an_error_and_not_ignored() {
        assert!(serde_json::from_str::<ClientPatch>(r#"{"mail": "a@example.com"}"#).is_err());
    }
}
