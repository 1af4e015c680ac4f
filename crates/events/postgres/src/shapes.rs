//! The words of columns that no type of the domain has, for the contract.

#![allow(dead_code, reason = "only their schemas are used")]

use serde::Serialize;
use utoipa::ToSchema;

/// Whether events are made from a template.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    /// Events can be made from it.
    Active,
    /// It was put away.
    Archived,
}

/// Whether a series goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeriesStatus {
    /// It goes on.
    Active,
    /// It has a last date.
    Ended,
}
