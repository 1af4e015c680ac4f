//! Fixtures that the tests of this crate share.

use crate::OrganizationForm;
use chrono::{DateTime, Utc};

pub(crate) const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A location in Rome, with euros.
pub(crate) fn form(name: &str) -> OrganizationForm {
    OrganizationForm {
        name: name.into(),
        address: Some("Via Roma 1".into()),
        time_zone: "Europe/Rome".into(),
        currency: "EUR".into(),
        jurisdiction: None,
        parent: None,
        is_franchise_location: false,
    }
}
