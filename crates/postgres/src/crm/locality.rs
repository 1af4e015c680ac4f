//! What a location means for what people write: the day that it is there, and the country whose
//! phone numbers need no country code.

use crate::TenantTx;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use tryzore_crm::Country;
use tryzore_kernel::{OrganizationId, StoreError, StoreResult};
use tryzore_schema::tenancy::organizations::dsl;

/// What a location means for dates and phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locality {
    /// The zone whose clock it follows.
    pub zone: Tz,
    /// Its country: that of its jurisdiction when it has one, else that of its zone.
    pub country: Option<Country>,
}

impl Locality {
    fn new(zone: &str, jurisdiction: &str) -> StoreResult<Self> {
        let country = match jurisdiction {
            // California goes by its own letters among the jurisdictions (CMP-01), and so does Canada
            // among the countries; the zone knows better.
            "DEFAULT" | "CA" => Country::of_time_zone(zone),
            code => code.get(..2).and_then(|code| code.parse().ok()).or_else(|| Country::of_time_zone(zone)),
        };
        let zone = zone.parse().map_err(|_| StoreError::Broken("organizations.time_zone".into()))?;
        Ok(Self { zone, country })
    }

    /// The day that it is there.
    #[must_use]
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }
}

impl TenantTx {
    /// What `organization` means for dates and phone numbers; none when there is no such location
    /// or it is closed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locality_find(&mut self, organization: OrganizationId) -> StoreResult<Option<Locality>> {
        let query = dsl::organizations
            .filter(dsl::tenant_id.eq(self.tenant))
            .filter(dsl::id.eq(organization))
            .filter(dsl::status.ne("closed"))
            .select((dsl::time_zone, dsl::jurisdiction));
        let row: Option<(String, String)> = self.tx.row(query).await?;
        row.map(|(zone, jurisdiction)| Locality::new(&zone, &jurisdiction)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_that_of_the_jurisdiction_or_of_the_zone() {
        let country = |zone, jurisdiction| Locality::new(zone, jurisdiction).unwrap().country;
        assert_eq!(country("Europe/Rome", "DEFAULT"), Some(Country::ITALY));
        assert_eq!(country("Europe/Rome", "TH"), Some(Country::THAILAND));
        assert_eq!(country("America/New_York", "US-NY"), Some(Country::UNITED_STATES));
        assert_eq!(country("America/Los_Angeles", "CA"), Some(Country::UNITED_STATES));
        assert_eq!(country("America/Toronto", "CA").map(Country::code).as_deref(), Some("CA"));
        assert_eq!(country("UTC", "DEFAULT"), None);
    }

    #[test]
    fn the_day_is_the_locations() {
        let rome = Locality::new("Europe/Rome", "DEFAULT").unwrap();
        let day = |text: &str| rome.day(text.parse().unwrap()).to_string();
        assert_eq!(day("2026-11-21T22:59:59Z"), "2026-11-21");
        assert_eq!(day("2026-11-21T23:00:00Z"), "2026-11-22");
    }
}
