//! A location (TEN-03).

use crate::FieldErrors;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tryzore_kernel::form::{FormCheck, line, optional_text};
use tryzore_kernel::{Currency, Denial, OrganizationId};
use tryzore_rbac::OrganizationNode;

/// The plan that the location pays the platform for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanTier {
    /// No fee.
    Free,
    /// The standard plan.
    Pro,
    /// An individual contract.
    Enterprise,
}

impl PlanTier {
    /// The plan as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }
}

/// The status of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationStatus {
    /// The location is open, but its payments could not be set up (ONB-06).
    Incomplete,
    /// The location is open.
    Active,
    /// The location is closed for good; its history stays.
    Closed,
}

impl OrganizationStatus {
    /// The status as text in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// A location. Its currency never changes: prices, balances and invoices are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The id of the location.
    pub id: OrganizationId,
    /// The parent location.
    pub parent: Option<OrganizationId>,
    /// The name of the location, 1 to 255 characters.
    pub name: String,
    /// The postal address, at most 500 characters.
    pub address: Option<String>,
    /// The time zone of the location.
    pub zone: Tz,
    /// The currency of all amounts at the location.
    pub currency: Currency,
    /// The jurisdiction whose law applies (CMP-01): `DEFAULT`, or an ISO 3166 code such as `IT` or `US-CA`.
    pub jurisdiction: String,
    /// The plan that the location pays the platform for.
    pub plan_tier: PlanTier,
    /// Whether a franchisee runs the location.
    pub is_franchise_location: bool,
    /// The account of the location at the payment provider, once payments are set up.
    pub stripe_account_id: Option<String>,
    /// Whether the payment provider computes the taxes of the location.
    pub stripe_tax_configured: bool,
    /// Whether the door access system is connected.
    pub has_doors: bool,
    /// The status of the location.
    pub status: OrganizationStatus,
    /// The version, which grows with each change.
    pub version: i32,
    /// When the location was opened.
    pub created_at: DateTime<Utc>,
    /// When the location was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Organization {
    /// Creates a location that opens at `now`.
    #[must_use]
    pub fn new(draft: OrganizationDraft, now: DateTime<Utc>) -> Self {
        Self {
            id: OrganizationId::generate(now),
            parent: draft.parent,
            name: draft.name,
            address: draft.address,
            zone: draft.zone,
            currency: draft.currency,
            jurisdiction: draft.jurisdiction,
            plan_tier: PlanTier::Free,
            is_franchise_location: draft.is_franchise_location,
            stripe_account_id: None,
            stripe_tax_configured: false,
            has_doors: false,
            status: OrganizationStatus::Active,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The location with the values of `draft`.
    ///
    /// # Errors
    /// `organizations.closed`, `organizations.edit.currency_fixed`.
    pub fn edit(&self, draft: OrganizationDraft, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_open()?;
        if draft.currency != self.currency {
            return Err(Denial::state("organizations.edit.currency_fixed")
                .because("organization.currency", self.currency)
                .because("asked.currency", draft.currency)
                .remedy("Open another location with that currency.", Some("create_organization")));
        }
        Ok(Self {
            parent: draft.parent,
            name: draft.name,
            address: draft.address,
            zone: draft.zone,
            jurisdiction: draft.jurisdiction,
            is_franchise_location: draft.is_franchise_location,
            ..self.touched(now)
        })
    }

    /// The location, closed. `tree` has the open locations of the tenant.
    ///
    /// # Errors
    /// `organizations.closed`, `organizations.close.has_children`, `organizations.close.last`,
    /// `organizations.close.events_booked`.
    pub fn close(
        &self,
        tree: &[OrganizationNode],
        commitments: &crate::Commitments,
        now: DateTime<Utc>,
    ) -> Result<Self, Denial> {
        self.check_open()?;
        let children = tree.iter().filter(|node| node.parent == Some(self.id)).count();
        if children > 0 {
            return Err(Denial::state("organizations.close.has_children")
                .because("organization.children", children)
                .remedy("Close the locations below it or move them first.", None));
        }
        if !tree.iter().any(|node| node.organization != self.id) {
            return Err(Denial::state("organizations.close.last")
                .because("tenant.organizations", tree.len())
                .remedy("It is your last location: end the contract instead.", None));
        }
        if commitments.events > 0 {
            return Err(Denial::state("organizations.close.events_booked")
                .because("events.scheduled_with_bookings", commitments.events)
                .because("bookings", commitments.bookings)
                .because("events.last_ends_at", commitments.last_ends_at)
                .remedy("Cancel these events first: their clients are notified.", Some("cancel_event")));
        }
        Ok(Self { status: OrganizationStatus::Closed, ..self.touched(now) })
    }

    /// The location with payments set up at `account`.
    ///
    /// # Errors
    /// `organizations.closed`.
    pub fn connect_payments(&self, account: String, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_open()?;
        Ok(Self { stripe_account_id: Some(account), status: OrganizationStatus::Active, ..self.touched(now) })
    }

    /// The location, marked as one whose payments could not be set up (ONB-06).
    ///
    /// # Errors
    /// `organizations.closed`.
    pub fn mark_incomplete(&self, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_open()?;
        Ok(Self { status: OrganizationStatus::Incomplete, ..self.touched(now) })
    }

    /// Checks that the location is open.
    ///
    /// # Errors
    /// `organizations.closed`.
    pub fn check_open(&self) -> Result<(), Denial> {
        match self.status {
            OrganizationStatus::Active | OrganizationStatus::Incomplete => Ok(()),
            OrganizationStatus::Closed => Err(Denial::state("organizations.closed")
                .because("organization.status", self.status)
                .because("organization.updated_at", self.updated_at)
                .remedy("Open a new location.", Some("create_organization"))),
        }
    }

    fn touched(&self, now: DateTime<Utc>) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

/// A location as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationForm {
    /// The name, 1 to 255 characters.
    pub name: String,
    /// The postal address, at most 500 characters.
    #[serde(default)]
    pub address: Option<String>,
    /// An IANA time zone such as `Europe/Rome`.
    pub time_zone: String,
    /// An ISO 4217 code such as `EUR`.
    pub currency: String,
    /// `DEFAULT`, or an ISO 3166 code such as `IT` or `US-CA`.
    #[serde(default)]
    pub jurisdiction: Option<String>,
    /// The parent location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganizationId>,
    /// Whether a franchisee runs the location.
    #[serde(default)]
    pub is_franchise_location: bool,
}

/// A location that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in `Organization`")]
pub struct OrganizationDraft {
    pub parent: Option<OrganizationId>,
    pub name: String,
    pub address: Option<String>,
    pub zone: Tz,
    pub currency: Currency,
    pub jurisdiction: String,
    pub is_franchise_location: bool,
}

impl OrganizationForm {
    /// Checks every field.
    ///
    /// # Errors
    /// Every field that is not valid, with its JSON pointer.
    pub fn check(self) -> Result<OrganizationDraft, FieldErrors> {
        self.check_under("")
    }

    /// Checks every field, with `prefix` before each pointer.
    pub(crate) fn check_under(self, prefix: &str) -> Result<OrganizationDraft, FieldErrors> {
        let mut check = FormCheck::under(prefix);
        let name = check.take("/name", line(&self.name, 1, 255));
        let address = check.take("/address", optional_text(self.address.as_deref(), 500));
        let zone = self.time_zone.parse::<Tz>().map_err(|_| "expected an IANA time zone such as Europe/Rome");
        let zone = check.take("/time_zone", zone);
        let currency = self.currency.parse::<Currency>().map_err(|error| error.to_string());
        let currency = check.take("/currency", currency);
        let jurisdiction = check.take("/jurisdiction", jurisdiction(self.jurisdiction.as_deref()));
        let draft = (|| {
            Some(OrganizationDraft {
                parent: self.parent,
                name: name?,
                address: address?,
                zone: zone?,
                currency: currency?,
                jurisdiction: jurisdiction?,
                is_franchise_location: self.is_franchise_location,
            })
        })();
        check.finish(draft)
    }
}

fn jurisdiction(text: Option<&str>) -> Result<String, &'static str> {
    let text = text.unwrap_or("DEFAULT");
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase());
    let region = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let well_formed = match text.split_once('-') {
        _ if text == "DEFAULT" => true,
        Some((country, part)) => letters(country) && region(part),
        None => letters(text),
    };
    if well_formed { Ok(text.to_owned()) } else { Err("expected `DEFAULT` or an ISO 3166 code: IT, US-CA") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, form};

    fn pointers(form: OrganizationForm) -> Vec<String> {
        form.check()
            .err()
            .map_or_else(Vec::new, |errors| errors.pointers().into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn ten_03_a_location_has_a_name_a_zone_and_a_currency() {
        assert_eq!(pointers(form("Main")), [""; 0]);
        assert_eq!(pointers(form(&"n".repeat(255))), [""; 0]);
        assert_eq!(pointers(form(&"n".repeat(256))), ["/name"]);
        assert_eq!(pointers(form(" ")), ["/name"]);
        let address = |length| OrganizationForm { address: Some("a".repeat(length)), ..form("Main") };
        assert_eq!((pointers(address(500)).len(), pointers(address(501)).len()), (0, 1));
        for (zone, currency, check) in [
            ("Europe/Rome", "EUR", 0),
            ("Rome", "EUR", 1),
            ("", "EUR", 1),
            ("Europe/Rome", "eur", 1),
            ("Europe/Rome", "EURO", 1),
            ("UTC+1", "XX", 2),
        ] {
            let form = OrganizationForm { time_zone: zone.into(), currency: currency.into(), ..form("Main") };
            assert_eq!(pointers(form).len(), check, "{zone} {currency}");
        }
    }

    #[test]
    fn a_jurisdiction_is_default_or_an_iso_3166_code() {
        for right in ["DEFAULT", "CA", "IT", "US-CA", "GB-ENG"] {
            assert!(jurisdiction(Some(right)).is_ok(), "{right}");
        }
        for wrong in ["", "ca", "ITA", "US-", "US-CALI", "US_CA", "default"] {
            assert!(jurisdiction(Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(jurisdiction(None).as_deref(), Ok("DEFAULT"));
    }

    #[test]
    fn a_currency_is_fixed_and_a_closed_location_is_not_edited() {
        let main = Organization::new(form("Main").check().unwrap(), NOW);
        let dollars = OrganizationForm { currency: "USD".into(), ..form("Main") }.check().unwrap();
        assert_eq!(main.edit(dollars, NOW).unwrap_err().code, "organizations.edit.currency_fixed");
        let edited = main.edit(form("Downtown").check().unwrap(), NOW).unwrap();
        assert_eq!((edited.name.as_str(), edited.version, edited.id), ("Downtown", 2, main.id));
        let closed = Organization { status: OrganizationStatus::Closed, ..main };
        assert_eq!(closed.edit(form("X").check().unwrap(), NOW).unwrap_err().code, "organizations.closed");
    }
}
