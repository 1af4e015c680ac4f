//! The options of an import.

use super::date::DateOrder;
use crate::Country;
use serde::{Deserialize, Serialize};

/// What an import does with a client who already exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnMatch {
    /// Values of the file replace stored values, except the stored address and number; blank values of the
    /// file change nothing.
    #[default]
    Update,
    /// The client stays unchanged.
    Skip,
}

/// The options of an import. All except the country have a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportOptions {
    /// The country of phone numbers without a country code: that of the location.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "IT"))]
    pub country: Country,
    /// Whether `03/04` is 3 April or March 4; found from the file by default.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// What the import does with clients who already exist.
    #[serde(default)]
    pub on_match: OnMatch,
    /// Whether people with different names may have the same phone number, as families do. If not, the later
    /// row is refused.
    #[serde(default)]
    pub shared_phones: bool,
    /// The character between cells; found from the file by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub delimiter: Option<char>,
    /// The WHATWG label of the encoding, such as `windows-874` (Thai); found from the file by default.
    #[serde(default)]
    pub encoding: Option<String>,
}

impl ImportOptions {
    /// The default options for a location in `country`.
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
