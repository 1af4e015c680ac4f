//! One row of cells, read as a client: every field is looked at, and every reason is told.

use super::{
    date::{DateOrder, read_date},
    field::Field,
    limits, name_cell,
    reader::Layout,
    reason::{Caution, Reason},
    row::{RowFault, Warning},
    value,
};
use crate::{
    Client, ClientDraft, Contact, NamePart, PersonName,
    client::{is_plausible_birth, is_plausible_joining},
    name::NameError,
    phone::PhoneFault,
};
use chrono::NaiveDate;
use csv::StringRecord;
use tryzore_kernel::{Email, Phone};

/// One row while it is read, with what was found wrong so far.
pub(crate) struct Reading<'r> {
    layout: &'r Layout,
    record: &'r StringRecord,
    pub(crate) faults: Vec<RowFault>,
    pub(crate) warnings: Vec<Warning>,
}

impl<'r> Reading<'r> {
    pub(crate) const fn new(layout: &'r Layout, record: &'r StringRecord) -> Self {
        Self { layout, record, faults: Vec::new(), warnings: Vec::new() }
    }

    fn cell(&self, field: Field) -> &'r str {
        let cell = self.layout.survey.columns.of(field).and_then(|at| self.record.get(at));
        value::clean(cell.unwrap_or_default())
    }

    fn refuse(&mut self, field: Field, code: Reason, detail: impl Into<String>) {
        self.faults.push(RowFault { code, column: self.layout.header(field), detail: detail.into() });
    }

    fn warn(&mut self, code: Caution, detail: impl Into<String>) {
        self.warnings.push(Warning { code, detail: detail.into() });
    }

    pub(crate) fn check_lengths(&mut self) {
        for (at, cell) in self.record.iter().enumerate() {
            if cell.len() <= limits::CELL_BYTES {
                continue;
            }
            let lines = cell.lines().count();
            let detail = if lines > 1 {
                format!("it has {lines} lines: a quote that is opened here may never be closed")
            } else {
                format!("it is longer than {} KB", limits::CELL_BYTES / 1024)
            };
            let column = self.layout.survey.headers.get(at).cloned();
            self.faults.push(RowFault { code: Reason::CellTooLong, column, detail });
        }
    }

    pub(crate) fn draft(&mut self) -> Option<ClientDraft> {
        let name = self.name();
        let contact = self.contact();
        let birth_date = self.date(
            Field::BirthDate,
            (Reason::BirthDateInvalid, Reason::BirthDateImplausible),
            is_plausible_birth,
            format!("a date of birth is not in the future and at most {} years ago", Client::AGE_MAX),
        );
        let joined_on = self.date(
            Field::JoinedOn,
            (Reason::JoinedOnInvalid, Reason::JoinedOnImplausible),
            is_plausible_joining,
            "a first day is since 1950 and at most a year from today".to_owned(),
        );
        let external_ref = self.external_ref();
        let (locale, marketing_consent) = (self.locale(), self.consent());
        Some(ClientDraft {
            name: name?,
            contact: contact?,
            locale,
            birth_date,
            marketing_consent,
            external_ref,
            joined_on,
        })
    }

    fn name(&mut self) -> Option<PersonName> {
        let (mut given, mut family) =
            (self.cell(Field::GivenName).to_owned(), self.cell(Field::FamilyName).to_owned());
        let mut at = if given.is_empty() { Field::FamilyName } else { Field::GivenName };
        if given.is_empty() && family.is_empty() {
            let family_first = self.cell(Field::Name).is_empty();
            at = if family_first { Field::NameFamilyFirst } else { Field::Name };
            (given, family) = name_cell::split(self.cell(at), family_first);
        } else if given.is_empty() {
            // A person with one name: some systems keep it as the family name.
            given = std::mem::take(&mut family);
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

    /// A row that has no contact is told so once; one that has a wrong one is told what is wrong.
    fn contact(&mut self) -> Option<Contact> {
        let before = self.faults.len();
        let (email, phone) = (self.email(), self.phone());
        if self.faults.len() > before {
            return None;
        }
        let contact = Contact::try_new(email, phone);
        if let Err(none) = contact {
            let field = if self.layout.survey.columns.of(Field::Email).is_some() {
                Field::Email
            } else {
                Field::Phone
            };
            self.refuse(field, Reason::ContactMissing, none.to_string());
        }
        contact.ok()
    }

    fn email(&mut self) -> Option<Email> {
        let text = self.cell(Field::Email);
        let text = text.strip_prefix("mailto:").unwrap_or(text);
        if text.is_empty() {
            return None;
        }
        match text.parse::<Email>() {
            Ok(email) => Some(email),
            Err(error) => {
                let several = text.matches('@').count() > 1;
                let detail =
                    if several { "expected one e-mail address".to_owned() } else { error.to_string() };
                self.refuse(Field::Email, Reason::EmailInvalid, detail);
                None
            }
        }
    }

    fn phone(&mut self) -> Option<Phone> {
        let field = if self.cell(Field::Phone).is_empty() { Field::OtherPhone } else { Field::Phone };
        let text = self.cell(field);
        if text.is_empty() {
            return None;
        }
        match self.layout.country.read_phone(text) {
            Ok(reading) => {
                if reading.extension_dropped {
                    self.warn(Caution::ExtensionDropped, "the extension of the phone number was left out");
                }
                Some(reading.phone)
            }
            Err(fault) => {
                let damaged = fault == PhoneFault::SpreadsheetDamage;
                let code = if damaged { Reason::PhoneDamaged } else { Reason::PhoneInvalid };
                self.refuse(field, code, fault.to_string());
                None
            }
        }
    }

    fn date(
        &mut self,
        field: Field,
        (invalid, implausible): (Reason, Reason),
        is_plausible: impl Fn(NaiveDate, NaiveDate) -> bool,
        rule: String,
    ) -> Option<NaiveDate> {
        let text = self.cell(field);
        if text.is_empty() {
            return None;
        }
        let Some(read) = read_date(text, self.layout.order, self.layout.today) else {
            let wanted = match self.layout.order {
                Some(DateOrder::DayFirst) => "expected a date: day, month, year",
                Some(DateOrder::MonthFirst) => "expected a date: month, day, year",
                None => "expected a date such as 2024-12-31",
            };
            self.refuse(field, invalid, wanted);
            return None;
        };
        if !is_plausible(read.date, self.layout.today) {
            self.refuse(field, implausible, rule);
            return None;
        }
        if read.was_buddhist {
            self.warn(Caution::BuddhistYear, format!("the date was read as {}", read.date));
        }
        Some(read.date)
    }

    fn external_ref(&mut self) -> Option<String> {
        let text = self.cell(Field::ExternalRef);
        if text.is_empty() {
            return None;
        }
        match crate::draft::external_ref(text) {
            Ok(external_ref) => Some(external_ref),
            Err(detail) => {
                self.refuse(Field::ExternalRef, Reason::ExternalRefInvalid, detail);
                None
            }
        }
    }

    fn locale(&mut self) -> Option<crate::Locale> {
        let text = self.cell(Field::Locale);
        let read = value::language(text);
        if read.is_none() && !text.is_empty() {
            self.warn(Caution::LocaleUnreadable, "the language could not be read and was left out");
        }
        read
    }

    /// Consent is never guessed: what can't be read counts as never asked.
    fn consent(&mut self) -> Option<bool> {
        let text = self.cell(Field::MarketingConsent);
        let read = value::yes_or_no(text);
        if read.is_none() && !text.is_empty() {
            self.warn(
                Caution::ConsentUnreadable,
                "the answer about advertising could not be read and was left out",
            );
        }
        read
    }
}

const fn name_reason(error: NameError) -> Reason {
    match error {
        NameError::Missing => Reason::NameMissing,
        NameError::TooLong => Reason::NameTooLong,
        NameError::NotAName => Reason::NameInvalid,
    }
}
