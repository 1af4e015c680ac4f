//! A client to be added: as a caller sends it, and after it was checked.

use crate::{
    Client, Contact, Country, Locale, NamePart, PersonName,
    client::{is_plausible_birth, is_plausible_joining},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tryzore_kernel::{Email, Phone, Problem};

/// A client to be added, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDraft {
    /// The client's name.
    pub name: PersonName,
    /// The contact data of the client.
    pub contact: Contact,
    /// The language of mails to the client.
    pub locale: Option<Locale>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// The answer about advertising, if there was one.
    pub marketing_consent: Option<bool>,
    /// The id of the client in another system.
    pub external_ref: Option<String>,
    /// The first day as a customer; today by default.
    pub joined_on: Option<NaiveDate>,
}

/// A client to be added, as a caller sends it. Blank texts count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientForm {
    /// Given name, or the only name of a person with one name.
    pub given_name: String,
    /// Family name.
    #[serde(default)]
    pub family_name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Phone number; without a country code, a number of the country of the location.
    #[serde(default)]
    pub phone: Option<String>,
    /// Language tag.
    #[serde(default)]
    pub locale: Option<String>,
    /// ISO 8601.
    #[serde(default)]
    pub birth_date: Option<NaiveDate>,
    /// The answer about advertising.
    #[serde(default)]
    pub marketing_consent: Option<bool>,
    /// The id of the client in another system.
    #[serde(default)]
    pub external_ref: Option<String>,
    /// ISO 8601.
    #[serde(default)]
    pub joined_on: Option<NaiveDate>,
}

impl ClientForm {
    /// Checks every field. `today` is the current date at the location, `country` the country of the
    /// location.
    ///
    /// # Errors
    /// 422 with a JSON pointer for each field that is not valid.
    pub fn check(self, country: Country, today: NaiveDate) -> Result<ClientDraft, Problem> {
        let mut faults = Faults::default();
        let given = faults.take("/given_name", name_part(&self.given_name));
        let family = faults.take_some("/family_name", self.family_name, name_part);
        let email = faults.take_some("/email", self.email, email);
        let phone = faults.take_some("/phone", self.phone, |t| phone(t, country));
        let locale = faults.take_some("/locale", self.locale, locale);
        let external_ref = faults.take_some("/external_ref", self.external_ref, external_ref);
        if let Some(Err(wrong)) = self.birth_date.map(|d| birth_date(d, today)) {
            faults.add("/birth_date", wrong);
        }
        if let Some(Err(wrong)) = self.joined_on.map(|d| joined_on(d, today)) {
            faults.add("/joined_on", wrong);
        }
        // An address or number that is not valid was reported above; it is not also reported as missing.
        let contact = match Contact::try_new(email, phone) {
            Err(none) if !faults.names("/email") && !faults.names("/phone") => {
                faults.take("/email", Err(none.to_string()))
            }
            contact => contact.ok(),
        };
        faults.into_result()?;
        let (Some(given), Some(contact)) = (given, contact) else {
            return Err(Problem::internal("a draft without faults lacks a name or an address"));
        };
        Ok(ClientDraft {
            name: PersonName::new(given, family),
            contact,
            locale,
            birth_date: self.birth_date,
            marketing_consent: self.marketing_consent,
            external_ref,
            joined_on: self.joined_on,
        })
    }
}

/// The fields that are not valid, collected so that one answer names all of them.
#[derive(Default)]
pub(crate) struct Faults(Option<Problem>, Vec<&'static str>);

impl Faults {
    pub(crate) fn add(&mut self, pointer: &'static str, detail: impl Into<String>) {
        let detail = detail.into();
        self.1.push(pointer);
        self.0 = Some(match self.0.take() {
            None => Problem::invalid(pointer, detail),
            Some(problem) => problem.and_invalid(pointer, detail),
        });
    }

    pub(crate) fn take<T>(&mut self, pointer: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|detail| self.add(pointer, detail)).ok()
    }

    pub(crate) fn take_some<T>(
        &mut self,
        pointer: &'static str,
        text: Option<String>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = text.filter(|t| !t.trim().is_empty())?;
        self.take(pointer, read(&text))
    }

    fn names(&self, pointer: &str) -> bool {
        self.1.contains(&pointer)
    }

    pub(crate) fn into_result(self) -> Result<(), Problem> {
        self.0.map_or(Ok(()), Err)
    }
}

pub(crate) fn name_part(text: &str) -> Result<NamePart, String> {
    text.parse().map_err(|e: crate::name::NameError| e.to_string())
}

pub(crate) fn email(text: &str) -> Result<Email, String> {
    text.parse().map_err(|e: tryzore_kernel::contact::ContactError| e.to_string())
}

pub(crate) fn phone(text: &str, country: Country) -> Result<Phone, String> {
    country.read_phone(text).map(|reading| reading.phone).map_err(|e| e.to_string())
}

pub(crate) fn locale(text: &str) -> Result<Locale, String> {
    text.parse().map_err(|e: crate::locale::BadLocale| e.to_string())
}

pub(crate) fn external_ref(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = text.chars().count() <= Client::EXTERNAL_REF_MAX && !text.chars().any(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("expected at most {} characters and no control characters", Client::EXTERNAL_REF_MAX))
    }
}

pub(crate) fn birth_date(date: NaiveDate, today: NaiveDate) -> Result<NaiveDate, String> {
    let wrong =
        || format!("expected a day that is not in the future and at most {} years ago", Client::AGE_MAX);
    if is_plausible_birth(date, today) { Ok(date) } else { Err(wrong()) }
}

pub(crate) fn joined_on(date: NaiveDate, today: NaiveDate) -> Result<NaiveDate, String> {
    let wrong = || "expected a day since 1950 and at most a year from today".to_owned();
    if is_plausible_joining(date, today) { Ok(date) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<ClientDraft, Problem> {
        let form: ClientForm = serde_json::from_str(json).unwrap();
        form.check(Country::ITALY, "2026-11-21".parse().unwrap())
    }

    fn pointers(json: &str) -> Vec<String> {
        check(json).unwrap_err().errors.into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_valid_form_becomes_a_normalized_draft() {
        let draft = check(
            r#"{"given_name":" Ada ","family_name":"","email":"Ada@Example.com","phone":"333 1234567"}"#,
        )
        .unwrap();
        assert_eq!(draft.name.to_string(), "Ada");
        assert_eq!(draft.contact.email().unwrap().as_str(), "ada@example.com");
        assert_eq!(draft.contact.phone().unwrap().as_str(), "+393331234567");
    }

    #[test]
    fn one_answer_names_every_field_that_is_not_valid() {
        let json = r#"{"given_name":"","family_name":"a@b","email":"x","phone":"12","locale":"italian",
            "birth_date":"2026-11-22","external_ref":"\u0007","joined_on":"1949-12-31"}"#;
        let all = [
            "/given_name",
            "/family_name",
            "/email",
            "/phone",
            "/locale",
            "/external_ref",
            "/birth_date",
            "/joined_on",
        ];
        assert_eq!(pointers(json), all);
    }

    #[test]
    fn missing_contact_data_is_reported_once() {
        assert_eq!(pointers(r#"{"given_name":"Ada"}"#), ["/email"]);
        assert_eq!(pointers(r#"{"given_name":"Ada","phone":"12"}"#), ["/phone"]);
    }

    #[test]
    fn a_reference_has_at_most_a_hundred_characters() {
        assert!(external_ref(&"x".repeat(100)).is_ok());
        assert!(external_ref(&"x".repeat(101)).is_err());
    }
}
