//! A change of a client: as a caller sends it, and after it was checked.
//!
//! A field that is absent stays as it is; a field that is `null` is taken away; anything else is
//! put in its place. JSON Merge Patch (RFC 7396) says the same.

use crate::{
    Country, Locale, NamePart,
    draft::{Faults, birth_date, email, external_ref, joined_on, locale, name_part, phone},
};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use tryzore_kernel::{Email, OrganizationId, Phone, Problem, iso};

/// What a change says about one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Nothing: it stays.
    #[default]
    Absent,
    /// It is taken away.
    Null,
    /// This is put in its place.
    Set(T),
}

impl<T> Patch<T> {
    /// Carries it out on `field`.
    pub fn put(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    /// For a field that is there; `#[serde(default)]` makes an absent one [`Patch::Absent`].
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Null, Self::Set))
    }
}

/// A date as the contract writes it.
///
/// # Errors
/// When it is written in another way.
pub fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Patch<NaiveDate>, D::Error> {
    Ok(iso::read::<_, Option<NaiveDate>>(from)?.map_or(Patch::Null, Patch::Set))
}

/// A change of a client, as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientPatch {
    /// Another home location; not null.
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
    /// Phone number; without a country code it is one of the location's country.
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
    /// The answer about advertising; an answer can change, and not be taken away.
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    #[serde(default)]
    pub marketing_consent: Patch<bool>,
    /// What another system calls the client.
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
    /// Another home location.
    pub home_organization: Option<OrganizationId>,
    /// Another given name.
    pub given_name: Option<NamePart>,
    /// Another family name, or none.
    pub family_name: Patch<NamePart>,
    /// Another e-mail address, or none.
    pub email: Patch<Email>,
    /// Another phone number, or none.
    pub phone: Patch<Phone>,
    /// Another language, or the location's.
    pub locale: Patch<Locale>,
    /// Another date of birth, or none.
    pub birth_date: Patch<NaiveDate>,
    /// Another answer about advertising.
    pub marketing_consent: Patch<bool>,
    /// Another reference, or none.
    pub external_ref: Patch<String>,
    /// Another first day.
    pub joined_on: Option<NaiveDate>,
}

impl ClientPatch {
    /// Checks every field. `today` is the day at the location, `country` the location's.
    ///
    /// # Errors
    /// 422 with a JSON pointer for each field that does not hold.
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

/// A text; a blank one is none, because that is what an emptied field of a form sends.
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
        Patch::Null => faults.take(pointer, Err("can be changed, and not be taken away".to_owned())),
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
    fn what_a_client_must_have_is_not_taken_away() {
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
