//! The country of a time zone.
//!
//! `zones.tab` contains the first and third column of `zone.tab` of the IANA time zone database, which is
//! in the public domain: each inhabited zone, and its country.

use crate::Country;

const ZONES: &str = include_str!("../data/zones.tab");

impl Country {
    /// The country of the IANA time zone `zone`; `None` for zones without a country, such as `UTC`, and for
    /// old names such as `US/Pacific`.
    #[must_use]
    pub fn of_time_zone(zone: &str) -> Option<Self> {
        let found = ZONES.lines().find_map(|line| line.split_once('\t').filter(|(name, _)| *name == zone));
        found.and_then(|(_, code)| code.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_in_one_country() {
        for (zone, country) in [
            ("Europe/Rome", Country::ITALY),
            ("Asia/Bangkok", Country::THAILAND),
            ("America/Indiana/Knox", Country::UNITED_STATES),
        ] {
            assert_eq!(Country::of_time_zone(zone), Some(country), "{zone}");
        }
        for none in ["UTC", "Etc/GMT+1", "Europe", ""] {
            assert_eq!(Country::of_time_zone(none), None, "{none}");
        }
    }

    #[test]
    fn where_people_have_telephones_the_country_is_known() {
        let lines: Vec<_> = ZONES.lines().map(|line| line.split_once('\t').unwrap()).collect();
        assert!(lines.len() > 400);
        for (zone, code) in lines {
            // Antarctica and islands where hardly anyone lives.
            let is_remote = matches!(code, "AQ" | "GS" | "PN" | "TF" | "UM");
            assert_eq!(Country::of_time_zone(zone).is_none(), is_remote, "{zone}");
        }
    }
}
