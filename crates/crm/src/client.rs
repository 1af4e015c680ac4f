//! The aggregate: a user as customer of one tenant.
//!
//! **Invariants:** `version` grows by one with each stored change and never otherwise; an archived client
//! is not changed until it is restored.

use crate::{ClientChange, ClientDraft, Contact, Locale, NoContact, Patch, PersonName};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::{ClientId, Denial, OrganizationId, UserId};

/// The status of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ClientStatus {
    /// The client appears in lists.
    Active,
    /// Lists no longer show the client; their history stays.
    Archived {
        /// When the client was archived.
        at: DateTime<Utc>,
    },
}

/// A user as customer of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The id of the client, unique in the tenant.
    pub id: ClientId,
    /// The global user, who may be a client of other tenants too.
    pub user: UserId,
    /// The location that looks after the client (MEM-04).
    pub home_organization: OrganizationId,
    /// The name that the client gave to this tenant.
    pub name: PersonName,
    /// The contact data that the client gave to this tenant; signing in does not use them.
    pub contact: Contact,
    /// The language of mails to the client; English when unknown or when no mail templates exist in it.
    pub locale: Option<Locale>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// The last answer of the client about advertising; `None` if there was none. The consent ledger
    /// contains the proof; this field is for lists and imports.
    pub marketing_consent: Option<bool>,
    /// The id of the client in another system, 1 to 100 characters.
    pub external_ref: Option<String>,
    /// The first day as a customer, by the calendar of the location.
    pub joined_on: NaiveDate,
    /// Active or archived.
    pub status: ClientStatus,
    /// The version, 1 for a new client; sent as the `ETag`.
    pub version: i32,
}

impl Client {
    /// The maximum length of an `external_ref` in characters.
    pub const EXTERNAL_REF_MAX: usize = 100;
    /// The maximum age of a client in years.
    pub const AGE_MAX: i32 = 120;

    /// Creates a client from `draft`. `today` is the current date at the location.
    #[must_use]
    pub fn new(
        draft: ClientDraft,
        user: UserId,
        home: OrganizationId,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: ClientId::generate(now),
            user,
            home_organization: home,
            name: draft.name,
            contact: draft.contact,
            locale: draft.locale,
            birth_date: draft.birth_date,
            marketing_consent: draft.marketing_consent,
            external_ref: draft.external_ref,
            joined_on: draft.joined_on.unwrap_or(today),
            status: ClientStatus::Active,
            version: 1,
        }
    }

    /// Whether the client is archived.
    #[must_use]
    pub const fn is_archived(&self) -> bool {
        matches!(self.status, ClientStatus::Archived { .. })
    }

    /// The client after `change`, and the names of the fields that changed; no names if nothing differs.
    ///
    /// # Errors
    /// [`NoContact`] if the change would remove the last way to reach the client.
    pub fn apply(&self, change: ClientChange) -> Result<(Self, Vec<&'static str>), NoContact> {
        let mut to = self.clone();
        if let Some(home) = change.home_organization {
            to.home_organization = home;
        }
        if let Some(given) = change.given_name {
            to.name.given = given;
        }
        change.family_name.put(&mut to.name.family);
        let (mut email, mut phone) = (self.contact.email().cloned(), self.contact.phone().cloned());
        change.email.put(&mut email);
        change.phone.put(&mut phone);
        to.contact = Contact::try_new(email, phone)?;
        change.locale.put(&mut to.locale);
        change.birth_date.put(&mut to.birth_date);
        change.external_ref.put(&mut to.external_ref);
        if let Patch::Set(consent) = change.marketing_consent {
            to.marketing_consent = Some(consent);
        }
        if let Some(joined) = change.joined_on {
            to.joined_on = joined;
        }
        let changed = self.differs(&to);
        if !changed.is_empty() {
            to.version += 1;
        }
        Ok((to, changed))
    }

    /// The client, archived at `now`. An archived client stays unchanged.
    #[must_use]
    pub fn archive(&self, now: DateTime<Utc>) -> Self {
        if self.is_archived() {
            return self.clone();
        }
        Self { status: ClientStatus::Archived { at: now }, version: self.version + 1, ..self.clone() }
    }

    /// The client, active again. An active client stays unchanged.
    #[must_use]
    pub fn restore(&self) -> Self {
        if !self.is_archived() {
            return self.clone();
        }
        Self { status: ClientStatus::Active, version: self.version + 1, ..self.clone() }
    }

    /// Checks that the client may be changed at all.
    ///
    /// # Errors
    /// `crm.edit.archived`.
    pub fn admit_edit(&self) -> Result<(), Denial> {
        match self.status {
            ClientStatus::Active => Ok(()),
            ClientStatus::Archived { at } => Err(Denial::state("crm.edit.archived")
                .because("client.archived_at", at)
                .remedy("Restore the client first.", Some("restore_client"))),
        }
    }

    /// The JSON names of the fields in which `self` and `other` differ.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Vec<&'static str> {
        [
            ("home_organization", self.home_organization != other.home_organization),
            ("given_name", self.name.given != other.name.given),
            ("family_name", self.name.family != other.name.family),
            ("email", self.contact.email() != other.contact.email()),
            ("phone", self.contact.phone() != other.contact.phone()),
            ("locale", self.locale != other.locale),
            ("birth_date", self.birth_date != other.birth_date),
            ("marketing_consent", self.marketing_consent != other.marketing_consent),
            ("external_ref", self.external_ref != other.external_ref),
            ("joined_on", self.joined_on != other.joined_on),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// Whether `date` can be the date of birth of a client: not after `today`, and at most
/// [`Client::AGE_MAX`] years before it.
#[must_use]
pub fn is_plausible_birth(date: NaiveDate, today: NaiveDate) -> bool {
    date <= today && today.years_since(date).is_some_and(|age| i64::from(age) <= i64::from(Client::AGE_MAX))
}

/// Whether `date` can be the first day of a client: from 1950 on, and at most a year after `today`.
#[must_use]
pub fn is_plausible_joining(date: NaiveDate, today: NaiveDate) -> bool {
    date.year() >= 1950 && (date - today).num_days() <= 366
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(super) fn ada() -> Client {
        let draft = ClientDraft {
            name: PersonName::try_new("Ada", Some("Rossi")).unwrap(),
            contact: Contact::try_new(Some("ada@example.com".parse().unwrap()), None).unwrap(),
            locale: None,
            birth_date: None,
            marketing_consent: None,
            external_ref: None,
            joined_on: None,
        };
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        Client::new(draft, UserId::generate(now), OrganizationId::generate(now), day("2024-10-04"), now)
    }

    #[test]
    fn a_change_that_changes_nothing_is_no_new_version() {
        let ada = ada();
        let same = ClientChange { given_name: Some("Ada".parse().unwrap()), ..ClientChange::default() };
        assert_eq!(ada.apply(same).unwrap(), (ada.clone(), vec![]));
        let other = ClientChange { family_name: Patch::Null, ..ClientChange::default() };
        let (after, changed) = ada.apply(other).unwrap();
        assert_eq!(
            (after.version, changed, after.name.to_string().as_str()),
            (2, vec!["family_name"], "Ada")
        );
    }

    #[test]
    fn the_last_way_to_reach_a_client_stays() {
        let change = ClientChange { email: Patch::Null, ..ClientChange::default() };
        assert_eq!(ada().apply(change), Err(NoContact));
        let swap = ClientChange {
            email: Patch::Null,
            phone: Patch::Set("+393331234567".parse().unwrap()),
            ..ClientChange::default()
        };
        assert_eq!(ada().apply(swap).unwrap().1, ["email", "phone"]);
    }

    #[test]
    fn archiving_twice_is_archiving_once() {
        let (ada, now) = (ada(), DateTime::UNIX_EPOCH + Duration::days(20_001));
        let archived = ada.archive(now);
        assert_eq!(archived.version, 2);
        assert_eq!(archived.archive(now + Duration::days(1)), archived);
        assert_eq!(archived.admit_edit().unwrap_err().code, "crm.edit.archived");
        assert_eq!(archived.restore(), Client { version: 3, ..ada.clone() });
        assert_eq!(ada.restore(), ada);
    }

    #[test]
    fn a_birth_is_not_in_the_future_and_not_121_years_ago() {
        let today = day("2026-11-21");
        for right in ["2026-11-21", "1905-11-22", "1990-02-28"] {
            assert!(is_plausible_birth(day(right), today), "{right}");
        }
        for wrong in ["2026-11-22", "1905-11-21"] {
            assert!(!is_plausible_birth(day(wrong), today), "{wrong}");
        }
    }

    #[test]
    fn joining_is_since_1950_and_within_a_year() {
        let today = day("2026-11-21");
        for right in ["1950-01-01", "2027-11-22"] {
            assert!(is_plausible_joining(day(right), today), "{right}");
        }
        for wrong in ["1949-12-31", "2027-11-23"] {
            assert!(!is_plausible_joining(day(wrong), today), "{wrong}");
        }
    }
}
