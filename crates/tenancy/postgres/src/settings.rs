//! Storing settings and hours of a location.

use crate::TenancyStore;
use tryzore_postgres::column::{corrupt, document, json, parsed};

use chrono::{DateTime, NaiveTime, Utc};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use tryzore_kernel::{Money, OrganizationId, StoreResult};
use tryzore_schema::tenancy::{organization_settings as settings, organizations};
use tryzore_tenancy::{HoursForm, OrganizationSettings, SettingsForm, SettingsStore, settings::Tax};

#[derive(HasQuery)]
#[diesel(table_name = settings)]
struct SettingsRow {
    organization_id: OrganizationId,
    cancellation_window_hours: i32,
    checkin_window_minutes_before: i32,
    noshow_fee_minor: i64,
    late_cancel_fee_minor: i64,
    drop_in_price_minor: i64,
    reservation_open_time: Option<NaiveTime>,
    reservation_close_time: Option<NaiveTime>,
    allow_cross_location_booking: bool,
    honor_other_location_memberships: bool,
    tax_settings: Value,
    business_hours: Value,
    version: i32,
    updated_at: DateTime<Utc>,
}

/// What is stored about taxes; nothing when it was never set.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TaxRow {
    prices_include_tax: bool,
    rate_basis_points: Option<u16>,
    registration_number: Option<String>,
}

impl SettingsRow {
    fn current(
        self,
        (currency, status, zone): (String, String, String),
    ) -> StoreResult<OrganizationSettings> {
        let short = |number: i32| u16::try_from(number).map_err(|_| corrupt("organization_settings"));
        let currency = parsed("organizations.currency", &currency)?;
        let TaxRow { prices_include_tax, rate_basis_points, registration_number } =
            document("organization_settings.tax_settings", self.tax_settings)?;
        let form = SettingsForm {
            cancellation_window_hours: short(self.cancellation_window_hours)?,
            checkin_window_minutes_before: short(self.checkin_window_minutes_before)?,
            noshow_fee: Money::new(self.noshow_fee_minor, currency),
            late_cancel_fee: Money::new(self.late_cancel_fee_minor, currency),
            drop_in_price: Money::new(self.drop_in_price_minor, currency),
            reservation_open_time: self.reservation_open_time,
            reservation_close_time: self.reservation_close_time,
            allow_cross_location_booking: self.allow_cross_location_booking,
            honor_other_location_memberships: self.honor_other_location_memberships,
            tax: Tax { prices_include_tax, rate_basis_points, registration_number },
        };
        let hours: HoursForm = document("organization_settings.business_hours", self.business_hours)?;
        Ok(OrganizationSettings {
            organization: self.organization_id,
            currency,
            zone: parsed("organizations.time_zone", &zone)?,
            is_open: status != "closed",
            settings: form.check().map_err(|_| corrupt("organization_settings"))?,
            hours: hours.check().map_err(|_| corrupt("organization_settings.business_hours"))?,
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

impl TenancyStore<'_> {
    async fn current(
        &mut self,
        organization: OrganizationId,
        held: bool,
    ) -> StoreResult<Option<OrganizationSettings>> {
        let of_id = organizations::table
            .filter(organizations::tenant_id.eq(self.tenant))
            .filter(organizations::id.eq(organization))
            .select((organizations::currency, organizations::status, organizations::time_zone));
        let Some(location) = self.tx.row::<_, (String, String, String)>(of_id).await? else {
            return Ok(None);
        };
        let of_id = SettingsRow::query()
            .filter(settings::tenant_id.eq(self.tenant))
            .filter(settings::organization_id.eq(organization));
        let row: Option<SettingsRow> = match held {
            true => self.tx.row(of_id.for_no_key_update()).await?,
            false => self.tx.row(of_id).await?,
        };
        row.map(|row| row.current(location)).transpose()
    }
}

impl SettingsStore for TenancyStore<'_> {
    async fn settings_find(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationSettings>> {
        self.current(organization, false).await
    }

    async fn settings_lock(
        &mut self,
        organization: OrganizationId,
    ) -> StoreResult<Option<OrganizationSettings>> {
        self.current(organization, true).await
    }

    async fn settings_update(&mut self, current: &OrganizationSettings) -> StoreResult<()> {
        let of_id = settings::table
            .filter(settings::tenant_id.eq(self.tenant))
            .filter(settings::organization_id.eq(current.organization));
        let rules = &current.settings;
        self.tx.defer(diesel::update(of_id).set((
            settings::cancellation_window_hours.eq(i32::from(rules.cancellation_window_hours)),
            settings::checkin_window_minutes_before.eq(i32::from(rules.checkin_window_minutes_before)),
            settings::noshow_fee_minor.eq(rules.noshow_fee.minor),
            settings::late_cancel_fee_minor.eq(rules.late_cancel_fee.minor),
            settings::drop_in_price_minor.eq(rules.drop_in_price.minor),
            settings::reservation_open_time.eq(rules.reservation_open_time),
            settings::reservation_close_time.eq(rules.reservation_close_time),
            settings::allow_cross_location_booking.eq(rules.allow_cross_location_booking),
            settings::honor_other_location_memberships.eq(rules.honor_other_location_memberships),
            settings::tax_settings.eq(json(&rules.tax)?),
            settings::business_hours.eq(json(&current.hours)?),
            settings::version.eq(current.version),
            settings::updated_at.eq(current.updated_at),
        )));
        Ok(())
    }
}
