//! `PUT /organizations/{organization_id}/settings`: the settings of a location are changed.

use super::saved::SavedSettings;
use actix_web::put;
use chrono::NaiveTime;
use serde::Deserialize;
use tryzore_kernel::{OrganizationId, iso};
use tryzore_postgres::TenantTx;
use tryzore_tenancy::{self as tenancy, SettingsForm, permission::EditSettings, settings::Tax};
use tryzore_tenancy_postgres::Tenancy;
use tryzore_web::{Allow, ApiError, Body, Change, Path, Resource};
use utoipa::ToSchema;

/// All settings of a location. Amounts are in minor units of the currency of the location.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsChange {
    /// The number of hours before the start until which a cancellation is free.
    #[schema(minimum = 0, maximum = 168)]
    cancellation_window_hours: u16,
    /// The number of minutes before the start at which check-in opens.
    #[schema(minimum = 0, maximum = 1440)]
    checkin_window_minutes_before: u16,
    /// The fee for a no-show.
    #[schema(minimum = 0, maximum = 100_000_000)]
    noshow_fee_minor: i64,
    /// The fee for a late cancellation.
    #[schema(minimum = 0, maximum = 100_000_000)]
    late_cancel_fee_minor: i64,
    /// The price of a single visit.
    #[schema(minimum = 0, maximum = 100_000_000)]
    drop_in_price_minor: i64,
    /// The local time from which bookings are accepted; null for no limit.
    #[serde(deserialize_with = "iso::read")]
    #[schema(required = true, value_type = Option<String>, example = "06:00:00")]
    reservation_open_time: Option<NaiveTime>,
    /// The local time until which bookings are accepted; null for no limit.
    #[serde(deserialize_with = "iso::read")]
    #[schema(required = true, value_type = Option<String>, example = "22:00:00")]
    reservation_close_time: Option<NaiveTime>,
    /// Whether clients of other locations may book here.
    allow_cross_location_booking: bool,
    /// Whether memberships of other locations are valid here.
    honor_other_location_memberships: bool,
    /// How taxes are stated.
    tax: TaxChange,
}

/// How taxes are stated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaxChange {
    /// Whether prices contain the tax.
    prices_include_tax: bool,
    /// The default rate in basis points, 2200 for 22 %.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, minimum = 0, maximum = 10_000)]
    rate_basis_points: Option<u16>,
    /// The registration number of the business at the tax office.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, max_length = 64)]
    registration_number: Option<String>,
}

impl From<SettingsChange> for SettingsForm {
    fn from(change: SettingsChange) -> Self {
        Self {
            cancellation_window_hours: change.cancellation_window_hours,
            checkin_window_minutes_before: change.checkin_window_minutes_before,
            noshow_fee_minor: change.noshow_fee_minor,
            late_cancel_fee_minor: change.late_cancel_fee_minor,
            drop_in_price_minor: change.drop_in_price_minor,
            reservation_open_time: change.reservation_open_time,
            reservation_close_time: change.reservation_close_time,
            allow_cross_location_booking: change.allow_cross_location_booking,
            honor_other_location_memberships: change.honor_other_location_memberships,
            tax: Tax {
                prices_include_tax: change.tax.prices_include_tax,
                rate_basis_points: change.tax.rate_basis_points,
                registration_number: change.tax.registration_number,
            },
        }
    }
}

/// Change the settings of an organization
///
/// Changes the booking rules. The opening hours stay as they are.
#[utoipa::path(
    operation_id = "edit_organization_settings",
    tag = "organizations",
    params(
        ("organization_id" = OrganizationId, Path),
        Change
    ),
    request_body = SettingsChange,
    responses((status = 200, body = SavedSettings)),
    extensions(("x-permission" = json!("settings.edit_gym")), ("x-denials" = json!(["organizations.closed"])))
)]
#[put("/organizations/{organization_id}/settings")]
pub(super) async fn edit_settings(
    Allow(permit): Allow<EditSettings>,
    Path(organization): Path<OrganizationId>,
    change: Change,
    Body(body): Body<SettingsChange>,
) -> Result<Resource<SavedSettings>, ApiError> {
    let settings = SettingsForm::from(body).check()?;
    let edit = async |tx: &mut TenantTx, version, now| {
        tenancy::edit_settings(&permit, &mut tx.tenancy(), organization, version, settings, now)
            .await
            .map(SavedSettings::from)
    };
    change.done(&permit, edit).await
}
