//! The settings of a location, as the people who run it choose them (TEN-07).
//!
//! Every field has bounds, and the defaults are those of the database.
//!
//! **Invariant:** every amount is in the currency of the location.

use crate::{BusinessHours, FieldErrors};
use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tryzore_kernel::form::{FormCheck, optional_text, within};
use tryzore_kernel::{Currency, Denial, Money, OrganizationId};

/// The longest window for free cancellation: a week.
pub const CANCELLATION_WINDOW_HOURS_MAX: u16 = 168;
/// The earliest check-in: a day before the start.
pub const CHECKIN_WINDOW_MINUTES_MAX: u16 = 1440;
/// The largest fee or price in minor units: a million euros, or 100 million yen.
pub const AMOUNT_MINOR_MAX: i64 = 100_000_000;

/// The settings of a location, always complete: as a caller sends them, and as they are answered. Every amount
/// is in the currency of the location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsForm {
    /// The number of hours before the start until which a cancellation is free.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 168))]
    pub cancellation_window_hours: u16,
    /// The number of minutes before the start at which check-in opens.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1440))]
    pub checkin_window_minutes_before: u16,
    /// The fee for a no-show: 0 to 100,000,000 minor units.
    pub noshow_fee: Money,
    /// The fee for a late cancellation: 0 to 100,000,000 minor units.
    pub late_cancel_fee: Money,
    /// The price of a single visit: 0 to 100,000,000 minor units.
    pub drop_in_price: Money,
    /// The local time from which bookings are taken; null, together with `reservation_close_time`, for no limit.
    #[serde(deserialize_with = "tryzore_kernel::iso::read")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, example = "06:00:00"))]
    pub reservation_open_time: Option<NaiveTime>,
    /// The local time until which bookings are taken; a time before `reservation_open_time` is after midnight.
    #[serde(deserialize_with = "tryzore_kernel::iso::read")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, example = "22:00:00"))]
    pub reservation_close_time: Option<NaiveTime>,
    /// Whether clients of other locations may book here.
    pub allow_cross_location_booking: bool,
    /// Whether memberships of other locations are accepted here.
    pub honor_other_location_memberships: bool,
    /// How taxes are stated.
    pub tax: Tax,
}

/// How taxes are stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Whether prices include the tax.
    pub prices_include_tax: bool,
    /// The standard rate in basis points, 2200 for 22 %; null if there is none.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, minimum = 0, maximum = 10_000))]
    pub rate_basis_points: Option<u16>,
    /// The tax registration number of the business; null if unknown.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, max_length = 64))]
    pub registration_number: Option<String>,
}

impl SettingsForm {
    /// The settings of a new location with this `currency`.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            cancellation_window_hours: 2,
            checkin_window_minutes_before: 30,
            noshow_fee: Money::new(2500, currency),
            late_cancel_fee: Money::new(1500, currency),
            drop_in_price: Money::new(2000, currency),
            reservation_open_time: None,
            reservation_close_time: None,
            allow_cross_location_booking: true,
            honor_other_location_memberships: true,
            tax: Tax::default(),
        }
    }

    const fn amounts(&self) -> [(&'static str, Money); 3] {
        [
            ("noshow_fee", self.noshow_fee),
            ("late_cancel_fee", self.late_cancel_fee),
            ("drop_in_price", self.drop_in_price),
        ]
    }
}

/// Settings that were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Settings(SettingsForm);

impl std::ops::Deref for Settings {
    type Target = SettingsForm;

    fn deref(&self) -> &SettingsForm {
        &self.0
    }
}

impl SettingsForm {
    /// Checks every field.
    ///
    /// # Errors
    /// Every field that is not valid, with its JSON pointer.
    pub fn check(mut self) -> Result<Settings, FieldErrors> {
        let mut check = FormCheck::default();
        let hours = within(self.cancellation_window_hours, 0, CANCELLATION_WINDOW_HOURS_MAX);
        check.take("/cancellation_window_hours", hours);
        let minutes = within(self.checkin_window_minutes_before, 0, CHECKIN_WINDOW_MINUTES_MAX);
        check.take("/checkin_window_minutes_before", minutes);
        for (field, amount) in self.amounts() {
            check.take(format_args!("/{field}/minor"), within(amount.minor, 0, AMOUNT_MINOR_MAX));
        }
        match (self.reservation_open_time, self.reservation_close_time) {
            (None, None) => {}
            (Some(open), Some(close)) if open != close => {}
            (Some(_), Some(_)) => {
                check.add(
                    "/reservation_close_time",
                    "expected a time other than the opening time; leave both out for no restriction",
                );
            }
            (None, Some(_)) => {
                check.add("/reservation_open_time", "expected a time, or no closing time either")
            }
            (Some(_), None) => {
                check.add("/reservation_close_time", "expected a time, or no opening time either")
            }
        }
        if let Some(rate) = self.tax.rate_basis_points {
            check.take("/tax/rate_basis_points", within(rate, 0, 10_000));
        }
        let number = optional_text(self.tax.registration_number.as_deref(), 64);
        self.tax.registration_number = check.take("/tax/registration_number", number).flatten();
        check.finish(Some(Settings(self)))
    }
}

/// Settings and hours of one location, which are stored together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSettings {
    /// The location.
    pub organization: OrganizationId,
    /// The currency of the location; it cannot be changed with the settings.
    pub currency: Currency,
    /// The time zone of the location.
    pub zone: Tz,
    /// Whether the location is not closed for good.
    pub is_open: bool,
    /// The settings.
    pub settings: Settings,
    /// The business hours.
    pub hours: BusinessHours,
    /// The version, which grows with each change.
    pub version: i32,
    /// When settings or hours were last changed.
    pub updated_at: DateTime<Utc>,
}

impl OrganizationSettings {
    /// The location with other settings.
    ///
    /// # Errors
    /// Every amount in another currency than that of the location.
    pub fn with_settings(&self, settings: Settings, now: DateTime<Utc>) -> Result<Self, FieldErrors> {
        let mut check = FormCheck::default();
        for (field, amount) in settings.amounts() {
            if amount.currency != self.currency {
                let expected = format!("expected {}, the currency of the location", self.currency);
                check.add(format_args!("/{field}/currency"), expected);
            }
        }
        check.finish(Some(Self { settings, ..self.touched(now) }))
    }

    /// The location with other hours.
    #[must_use]
    pub fn with_hours(&self, hours: BusinessHours, now: DateTime<Utc>) -> Self {
        Self { hours, ..self.touched(now) }
    }

    /// This location with the settings and hours of `from` (TEN-10). What belongs to the location itself is
    /// not copied: name, address, currency, keys, and the tax registration number.
    ///
    /// # Errors
    /// `organizations.clone_settings.same`, `organizations.clone_settings.closed`,
    /// `organizations.clone_settings.other_currency`, because amounts of another currency have another
    /// value.
    pub fn copy_from(&self, from: &Self, now: DateTime<Utc>) -> Result<Self, Denial> {
        if self.organization == from.organization {
            return Err(Denial::state("organizations.clone_settings.same")
                .because("organization", self.organization)
                .remedy("Choose another location to copy to.", None));
        }
        if !self.is_open {
            return Err(Denial::state("organizations.clone_settings.closed")
                .because("organization", self.organization)
                .remedy("Choose a location that is open.", None));
        }
        if self.currency != from.currency {
            return Err(Denial::state("organizations.clone_settings.other_currency")
                .because("from.currency", from.currency)
                .because("to.currency", self.currency)
                .remedy(
                    "Set the amounts yourself, in the currency of the location.",
                    Some("edit_organization_settings"),
                ));
        }
        let mut copied = from.settings.0.clone();
        copied.tax.registration_number.clone_from(&self.settings.tax.registration_number);
        Ok(Self { settings: Settings(copied), hours: from.hours.clone(), ..self.touched(now) })
    }

    /// The fields that differ between `self` and `other`: field name to `{from, to}`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Map<String, Value> {
        let fields = |current: &Self| match serde_json::to_value(&current.settings) {
            Ok(Value::Object(mut fields)) => {
                fields.insert(
                    "business_hours".into(),
                    serde_json::to_value(&current.hours).unwrap_or_default(),
                );
                fields
            }
            _ => Map::new(),
        };
        let (before, after) = (fields(self), fields(other));
        let differing = after.into_iter().filter(|(field, to)| before.get(field) != Some(to));
        differing
            .map(|(field, to)| {
                let from = before.get(&field).cloned().unwrap_or_default();
                (field, serde_json::json!({ "from": from, "to": to }))
            })
            .collect()
    }

    fn touched(&self, now: DateTime<Utc>) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    const fn euros(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn form() -> SettingsForm {
        SettingsForm::new(Currency::EUR)
    }

    fn pointers(form: SettingsForm) -> Vec<String> {
        form.check()
            .err()
            .map_or_else(Vec::new, |errors| errors.pointers().into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn ten_07_the_defaults_are_those_of_the_requirements() {
        let settings = form().check().unwrap();
        assert_eq!((settings.noshow_fee, settings.cancellation_window_hours), (euros(2500), 2));
    }

    #[test]
    fn ten_07_every_field_is_bounded_on_both_sides() {
        type Set = fn(&mut SettingsForm, i64);
        let fields: [(&str, i64, Set); 6] = [
            ("/cancellation_window_hours", 168, |s, n| s.cancellation_window_hours = n as u16),
            ("/checkin_window_minutes_before", 1440, |s, n| s.checkin_window_minutes_before = n as u16),
            ("/noshow_fee/minor", 100_000_000, |s, n| s.noshow_fee = euros(n)),
            ("/late_cancel_fee/minor", 100_000_000, |s, n| s.late_cancel_fee = euros(n)),
            ("/drop_in_price/minor", 100_000_000, |s, n| s.drop_in_price = euros(n)),
            ("/tax/rate_basis_points", 10_000, |s, n| s.tax.rate_basis_points = Some(n as u16)),
        ];
        for (pointer, max, set) in fields {
            let with = |value| {
                let mut form = form();
                set(&mut form, value);
                pointers(form)
            };
            assert_eq!((with(0), with(max)), (vec![], vec![]), "{pointer}");
            assert_eq!(with(max + 1), [pointer]);
            assert_eq!(with(-1), [pointer], "below 0, or far above the bound as an unsigned number");
        }
        let number = |length| {
            let tax = Tax { registration_number: Some("1".repeat(length)), ..Tax::default() };
            pointers(SettingsForm { tax, ..form() })
        };
        assert_eq!((number(64).len(), number(65)), (0, vec!["/tax/registration_number".to_owned()]));
    }

    #[test]
    fn ten_07_reservation_hours_have_both_ends_or_none() {
        let at = |open: Option<&str>, close: Option<&str>| {
            let time = |text: &str| text.parse().unwrap();
            pointers(SettingsForm {
                reservation_open_time: open.map(time),
                reservation_close_time: close.map(time),
                ..form()
            })
        };
        assert_eq!(at(Some("06:00:00"), Some("22:00:00")), [""; 0]);
        assert_eq!(at(Some("22:00:00"), Some("02:00:00")), [""; 0], "over midnight");
        assert_eq!(at(Some("06:00:00"), None), ["/reservation_close_time"]);
        assert_eq!(at(None, Some("06:00:00")), ["/reservation_open_time"]);
        assert_eq!(at(Some("06:00:00"), Some("06:00:00")), ["/reservation_close_time"]);
    }

    #[test]
    fn ten_07_amounts_are_in_the_currency_of_the_location() {
        let here = OrganizationSettings {
            organization: OrganizationId::generate(NOW),
            currency: Currency::EUR,
            zone: Tz::Europe__Rome,
            is_open: true,
            settings: form().check().unwrap(),
            hours: BusinessHours::default(),
            version: 1,
            updated_at: NOW,
        };
        let dollars = SettingsForm::new(Currency::USD);
        let mixed = SettingsForm { late_cancel_fee: dollars.late_cancel_fee, ..form() };
        let refused = |form: SettingsForm| here.with_settings(form.check().unwrap(), NOW).unwrap_err();
        assert_eq!(refused(mixed).pointers(), ["/late_cancel_fee/currency"]);
        assert_eq!(
            refused(dollars).pointers(),
            ["/noshow_fee/currency", "/late_cancel_fee/currency", "/drop_in_price/currency"]
        );
        assert_eq!(here.with_settings(form().check().unwrap(), NOW).unwrap().version, 2);
    }
}
