//! Schemas of texts that several operations share, for the contract.

#![allow(dead_code, reason = "only their schemas are used")]

use serde::Serialize;
use utoipa::ToSchema;

/// A local time of day.
#[derive(ToSchema)]
#[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$", example = "18:30:00")]
pub struct LocalTime(String);

/// A start: local time at the location, or an instant.
#[derive(ToSchema)]
#[schema(
    pattern = "^(19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?$",
    example = "2026-03-30T18:30:00"
)]
pub struct LocalStart(String);

/// A time zone of the IANA database.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Za-z][A-Za-z0-9_+/-]*$", example = "Europe/Rome")]
pub struct TimeZone(String);

/// A currency of ISO 4217.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Z]{3}$", example = "EUR")]
pub struct CurrencyCode(String);

/// A day of the week.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the days of the week")]
pub enum DayOfWeek {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// How far a role of one's own reaches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnScope {
    /// The location itself.
    Organization,
    /// The location and all locations below it.
    Subtree,
}
