//! What the person who imports may decide.

use super::date::DateOrder;
use crate::Country;
use serde::{Deserialize, Serialize};

/// What happens to a client who is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnMatch {
    /// What the file says replaces what is kept; what the file leaves blank stays, and so do an
    /// address and a number that are kept.
    #[default]
    Update,
    /// The client stays as it is.
    Skip,
}

/// What the person who imports may decide. All but the country has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportOptions {
    /// The country of phone numbers that are written without one: the location's.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "IT"))]
    pub country: Country,
    /// Whether `03/04` is 3 April or March 4; found out from the file when not said.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// What happens to clients who are there already.
    #[serde(default)]
    pub on_match: OnMatch,
    /// Whether people with different names may have one phone number, as families do. When not,
    /// the later row is refused.
    #[serde(default)]
    pub shared_phones: bool,
    /// The character between cells; found out from the file when not said.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub delimiter: Option<char>,
    /// A WHATWG label such as `windows-874` (Thai); found out from the file when not said.
    #[serde(default)]
    pub encoding: Option<String>,
}

impl ImportOptions {
    /// The defaults, for a location in `country`.
    #[must_use]
    pub const fn new(country: Country) -> Self {
        Self {
            country,
            date_order: None,
            on_match: OnMatch::Update,
            shared_phones: false,
            delimiter: None,
            encoding: None,
        }
    }
}
