//! Reads one row of cells as a client: checks every field, and reports every error.

use super::{
    date::{DateOrder, read_date},
    field::Field,
    limits,
    reader::Layout,
    reason::{Caution, Reason},
    row::{RowFault, Warning},
    value,
};
use crate::{
    Client, ClientDraft, Contact,
    client::{is_plausible_birth, is_plausible_joining},
    phone::PhoneFault,
    spreadsheet::{self, SpreadsheetNumber},
    text,
};
use chrono::{Datelike, NaiveDate};
use csv::StringRecord;
use tryzore_kernel::{Email, Phone};

/// A row while it is read, with its errors so far.
pub(crate) struct Reading<'r> {
    pub(super) layout: &'r Layout,
    record: &'r StringRecord,
    pub(crate) faults: Vec<RowFault>,
    pub(crate) warnings: Vec<Warning>,
}

impl<'r> Reading<'r> {
    pub(crate) const fn new(layout: &'r Layout, record: &'r StringRecord) -> Self {
        Self { layout, record, faults: Vec::new(), warnings: Vec::new() }
    }

    fn raw(&self, field: Field) -> Option<&'r str> {
        self.layout.survey.columns.of(field).and_then(|at| self.record.get(at))
    }

    pub(super) fn cell(&self, field: Field) -> String {
        self.raw(field).map(|cell| value::clean(field, cell).text).unwrap_or_default()
    }

    pub(super) fn header(&self, field: Field) -> String {
        self.layout.header(field).unwrap_or_default()
    }

    pub(super) fn refuse(&mut self, field: Field, code: Reason, detail: impl Into<String>) {
        self.faults.push(RowFault { code, column: self.layout.header(field), detail: detail.into() });
    }

    pub(super) fn warn(&mut self, code: Caution, detail: impl Into<String>) {
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

    /// Refuses a row whose text was decoded with the wrong encoding, and warns of unreadable cells in columns
    /// that are not used.
    pub(crate) fn check_text(&mut self) {
        for field in Field::ALL {
            let Some(cell) = self.raw(field) else { continue };
            if text::is_garbled(cell) {
                let detail =
                    "the text has characters that cannot be read; save the file as UTF-8 and upload it again";
                self.refuse(field, Reason::TextGarbled, detail);
            } else if field.is_name()
                && self.layout.survey.is_encoding_guessed
                && text::is_implausible_western(cell)
            {
                let detail = "the text does not look like the Western European encoding; choose the encoding when you upload the file";
                self.refuse(field, Reason::TextGarbled, detail);
            }
        }
        for (at, cell) in self.record.iter().enumerate() {
            if cell.contains('\u{fffd}') && !self.layout.survey.columns.uses(at) {
                let header = self.layout.survey.headers.get(at).cloned().unwrap_or_default();
                let detail = format!("`{header}`, which is not imported, has characters that cannot be read");
                self.warn(Caution::TextUnreadable, detail);
            }
        }
    }

    /// Warns of the characters that were removed from cells.
    fn tell_cleaned(&mut self) {
        for field in Field::ALL {
            let Some(cleaned) = self.raw(field).map(|cell| value::clean(field, cell)) else { continue };
            let header = self.header(field);
            if cleaned.was_formula {
                let detail =
                    format!("`{header}` was wrapped as a formula and was read as `{}`", cleaned.text);
                self.warn(Caution::FormulaUnwrapped, detail);
            }
            if cleaned.had_invisible {
                self.warn(
                    Caution::InvisibleRemoved,
                    format!("invisible characters were removed from `{header}`"),
                );
            }
        }
    }

    pub(crate) fn draft(&mut self) -> Option<ClientDraft> {
        self.tell_cleaned();
        let name = self.name();
        let contact = self.contact();
        let birth_date = self.date(
            Field::BirthDate,
            (Reason::BirthDateInvalid, Reason::BirthDateImplausible),
            is_plausible_birth,
            self.layout.today,
            format!("a date of birth is not in the future and at most {} years ago", Client::AGE_MAX),
        );
        let joined_on = self.date(
            Field::JoinedOn,
            (Reason::JoinedOnInvalid, Reason::JoinedOnImplausible),
            is_plausible_joining,
            NaiveDate::from_ymd_opt(self.layout.today.year() + 1, 12, 31).unwrap_or(self.layout.today),
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

    /// Reads the contact data. Missing contact data is one error; an address or number that is not valid is
    /// reported instead.
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
        let cell = self.cell(Field::Email);
        let text = cell.strip_prefix("mailto:").unwrap_or(&cell);
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
        let other = if field == Field::Phone { self.cell(Field::OtherPhone) } else { String::new() };
        match self.layout.country.read_phone(&text) {
            Ok(reading) => {
                if reading.extension_dropped {
                    self.warn(Caution::ExtensionDropped, "the extension of the phone number was left out");
                }
                if reading.was_number {
                    let detail = format!("the phone number `{text}` was read as {}", reading.phone);
                    self.warn(Caution::PhoneFromNumber, detail);
                }
                let same = self.layout.country.read_phone(&other).is_ok_and(|o| o.phone == reading.phone);
                if !other.is_empty() && !same {
                    let detail = format!("the second phone number `{other}` was left out");
                    self.warn(Caution::PhoneSecond, detail);
                }
                Some(reading.phone)
            }
            Err(fault) => {
                let damaged =
                    matches!(fault, PhoneFault::SpreadsheetDamage | PhoneFault::SpreadsheetAmbiguity);
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
        newest: NaiveDate,
        rule: String,
    ) -> Option<NaiveDate> {
        let text = self.cell(field);
        if text.is_empty() {
            return None;
        }
        let Some(read) = read_date(&text, self.layout.order, newest) else {
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
        if read.was_short {
            self.warn(Caution::CenturyAdded, format!("the date `{text}` was read as {}", read.date));
        }
        if read.had_time && field == Field::BirthDate {
            let detail = format!("the time of `{text}` was left out: the date was read as {}", read.date);
            self.warn(Caution::TimeLeftOut, detail);
        }
        Some(read.date)
    }

    fn external_ref(&mut self) -> Option<String> {
        let mut text = self.cell(Field::ExternalRef);
        if text.is_empty() {
            return None;
        }
        let is_code = text.contains(['e', 'E']) && !spreadsheet::is_scientific(&text);
        match spreadsheet::number(&text).filter(|_| !is_code) {
            Some(SpreadsheetNumber::Whole(digits)) => {
                self.warn(Caution::ReferenceFromNumber, format!("`{text}` was read as {digits}"));
                text = digits;
            }
            Some(SpreadsheetNumber::Rounded) => {
                let detail = format!("a spreadsheet has rounded `{text}`, so it was left out");
                self.warn(Caution::ReferenceDamaged, detail);
                return None;
            }
            None => {}
        }
        match crate::draft::external_ref(&text) {
            Ok(external_ref) => Some(external_ref),
            Err(detail) => {
                self.refuse(Field::ExternalRef, Reason::ExternalRefInvalid, detail);
                None
            }
        }
    }

    fn locale(&mut self) -> Option<crate::Locale> {
        let text = self.cell(Field::Locale);
        let read = value::language(&text);
        if read.is_none() && !text.is_empty() {
            self.warn(Caution::LocaleUnreadable, "the language could not be read and was left out");
        }
        read
    }

    /// Reads the answer about advertising. It is never guessed: an unreadable answer counts as no answer.
    fn consent(&mut self) -> Option<bool> {
        let text = self.cell(Field::MarketingConsent);
        let read = value::yes_or_no(&text);
        if read.is_none() && !text.is_empty() {
            self.warn(
                Caution::ConsentUnreadable,
                "the answer about advertising could not be read and was left out",
            );
        }
        read
    }
}
