//! The fields that a column can contain, and their headers in other systems.
//!
//! Headers are compared without case, accents, blanks and punctuation.

use crate::fold;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::LazyLock};

/// The field that a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The whole name, given name first; also `Family, Given`.
    Name,
    /// The whole name, family name first.
    NameFamilyFirst,
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Phone number that is used if there is no other.
    OtherPhone,
    /// Date of birth.
    BirthDate,
    /// First day as a customer.
    JoinedOn,
    /// Language.
    Locale,
    /// The answer about advertising, yes or no.
    MarketingConsent,
    /// The id of the client in the other system.
    ExternalRef,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::NameFamilyFirst,
        Self::GivenName,
        Self::FamilyName,
        Self::Email,
        Self::Phone,
        Self::OtherPhone,
        Self::BirthDate,
        Self::JoinedOn,
        Self::Locale,
        Self::MarketingConsent,
        Self::ExternalRef,
    ];

    /// The name of the field in a mapping.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameFamilyFirst => "name_family_first",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::OtherPhone => "other_phone",
            Self::BirthDate => "birth_date",
            Self::JoinedOn => "joined_on",
            Self::Locale => "locale",
            Self::MarketingConsent => "marketing_consent",
            Self::ExternalRef => "external_ref",
        }
    }

    /// Whether the field is a name or a part of one.
    #[must_use]
    pub const fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::NameFamilyFirst | Self::GivenName | Self::FamilyName)
    }

    /// The field of a column with this header, if the header is known.
    #[must_use]
    pub fn of_header(header: &str) -> Option<Self> {
        static KNOWN: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
            let of = |field: Field| field.headers().iter().map(move |known| (fold::key(known), field));
            Field::ALL.into_iter().flat_map(of).collect()
        });
        KNOWN.get(&fold::key(header)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_header_is_recognized_however_it_is_typed() {
        for (header, field) in [
            ("E-mail Address", Field::Email),
            ("  CELLULARE ", Field::Phone),
            ("Date_of_Birth", Field::BirthDate),
            ("Prenom", Field::GivenName),
            ("เบอร์โทรศัพท์", Field::Phone),
            ("Vor- und Nachname", Field::Name),
        ] {
            assert_eq!(Field::of_header(header), Some(field), "{header}");
        }
        assert_eq!(Field::of_header("Favourite colour"), None);
    }

    #[test]
    fn no_header_means_two_things() {
        let mut seen = BTreeMap::new();
        for field in Field::ALL {
            for header in field.headers() {
                let key = fold::key(header);
                assert!(seen.insert(key, field).is_none_or(|other| other == field), "{header}");
                assert_eq!(Field::of_header(header), Some(field), "{header}");
            }
        }
    }
}
