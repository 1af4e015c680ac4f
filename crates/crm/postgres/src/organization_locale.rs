//! The locale of a location: its time zone, which determines the current day there, and the country whose
//! phone numbers need no country code.

use crate::CrmStore;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use tryzore_crm::Country;
use tryzore_kernel::{OrganizationId, Problem, StoreError, StoreResult};
use tryzore_schema::tenancy::organizations::dsl;

/// The locale of a location, for dates and phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationLocale {
    /// The time zone of the location.
    pub zone: Tz,
    /// The country of the location: that of its jurisdiction if it has one, else that of its time zone.
    pub country: Option<Country>,
    /// Whether the location is not closed.
    pub is_open: bool,
}

impl OrganizationLocale {
    fn new(zone: &str, jurisdiction: &str, status: &str) -> StoreResult<Self> {
        let country = match jurisdiction {
            // The jurisdiction `CA` is California (CMP-01), while the country `CA` is Canada: the time zone
            // is used, because it is not ambiguous.
            "DEFAULT" | "CA" => Country::of_time_zone(zone),
            code => code.get(..2).and_then(|code| code.parse().ok()).or_else(|| Country::of_time_zone(zone)),
        };
        let zone = zone.parse().map_err(|_| StoreError::Broken("organizations.time_zone".into()))?;
        Ok(Self { zone, country, is_open: status != "closed" })
    }

    /// The day at the location at the moment `at`.
    #[must_use]
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The country by which the phone number `text` is read, if there is a number.
    ///
    /// # Errors
    /// 422 for a number without a country code when the country of the location is not known.
    pub fn country_for(&self, text: Option<&str>) -> Result<Country, Problem> {
        let dialled = text.map(str::trim).unwrap_or_default();
        match self.country {
            Some(country) => Ok(country),
            // A number with its country code is read the same way for every country.
            None if dialled.is_empty() || dialled.starts_with('+') || dialled.starts_with("00") => {
                Ok(Country::ITALY)
            }
            None => Err(Problem::invalid(
                "/phone",
                "write it with its country code, such as +39 06 1234 5678: the country of the location is not known",
            )),
        }
    }
}

impl CrmStore<'_> {
    /// The locale of `organization`; `None` when there is no such location.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organization_locale(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationLocale>> {
        let query = dsl::organizations
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::id.eq(organization))
            .select((dsl::time_zone, dsl::jurisdiction, dsl::status));
        let row: Option<(String, String, String)> = self.tx.row(query).await?;
        row.map(|(zone, jurisdiction, status)| OrganizationLocale::new(&zone, &jurisdiction, &status))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_that_of_the_jurisdiction_or_of_the_zone() {
        let country =
            |zone, jurisdiction| OrganizationLocale::new(zone, jurisdiction, "active").unwrap().country;
        assert_eq!(country("Europe/Rome", "DEFAULT"), Some(Country::ITALY));
        assert_eq!(country("Europe/Rome", "TH"), Some(Country::THAILAND));
        assert_eq!(country("America/New_York", "US-NY"), Some(Country::UNITED_STATES));
        assert_eq!(country("America/Los_Angeles", "CA"), Some(Country::UNITED_STATES));
        assert_eq!(country("America/Toronto", "CA").map(Country::code).as_deref(), Some("CA"));
        assert_eq!(country("UTC", "DEFAULT"), None);
    }

    #[test]
    fn the_day_is_that_at_the_location() {
        let rome = OrganizationLocale::new("Europe/Rome", "DEFAULT", "active").unwrap();
        let day = |text: &str| rome.day(text.parse().unwrap()).to_string();
        assert_eq!(day("2026-11-21T22:59:59Z"), "2026-11-21");
        assert_eq!(day("2026-11-21T23:00:00Z"), "2026-11-22");
    }

    #[test]
    fn where_no_country_is_known_a_number_needs_its_code() {
        let nowhere = OrganizationLocale::new("UTC", "DEFAULT", "active").unwrap();
        for fine in [None, Some(" "), Some("+39 06 1234 5678"), Some("0039 06 1234 5678")] {
            assert!(nowhere.country_for(fine).is_ok(), "{fine:?}");
        }
        assert_eq!(nowhere.country_for(Some("06 1234 5678")).unwrap_err().errors[0].pointer, "/phone");
        let rome = OrganizationLocale::new("Europe/Rome", "DEFAULT", "active").unwrap();
        assert_eq!(rome.country_for(Some("06 1234 5678")), Ok(Country::ITALY));
    }
}
