//! Which zone a TZID means.

use super::lines::File;
use crate::series::parse_zone;
use chrono_tz::Tz;
use std::collections::HashMap;

/// Windows names, and the IANA zones that they stand for: the first unless the default zone of
/// the import is another of them, because a Windows name does not say which country it is in.
/// From CLDR's `windowsZones.xml`, the zones that studios are known to be in.
const WINDOWS: [(&str, &[&str]); 40] = [
    (
        "W. Europe Standard Time",
        &[
            "Europe/Berlin",
            "Europe/Rome",
            "Europe/Vienna",
            "Europe/Zurich",
            "Europe/Amsterdam",
            "Europe/Stockholm",
            "Europe/Oslo",
            "Europe/Luxembourg",
            "Europe/Malta",
            "Europe/San_Marino",
            "Europe/Vatican",
            "Europe/Vaduz",
            "Europe/Monaco",
            "Europe/Andorra",
        ],
    ),
    ("Romance Standard Time", &["Europe/Paris", "Europe/Madrid", "Europe/Brussels", "Europe/Copenhagen"]),
    (
        "Central Europe Standard Time",
        &[
            "Europe/Budapest",
            "Europe/Prague",
            "Europe/Bratislava",
            "Europe/Ljubljana",
            "Europe/Belgrade",
            "Europe/Tirane",
        ],
    ),
    (
        "Central European Standard Time",
        &["Europe/Warsaw", "Europe/Zagreb", "Europe/Sarajevo", "Europe/Skopje"],
    ),
    ("GMT Standard Time", &["Europe/London", "Europe/Lisbon", "Europe/Dublin"]),
    ("Greenwich Standard Time", &["Atlantic/Reykjavik"]),
    ("GTB Standard Time", &["Europe/Bucharest", "Europe/Athens"]),
    ("E. Europe Standard Time", &["Europe/Chisinau"]),
    (
        "FLE Standard Time",
        &[
            "Europe/Kyiv",
            "Europe/Helsinki",
            "Europe/Sofia",
            "Europe/Riga",
            "Europe/Tallinn",
            "Europe/Vilnius",
        ],
    ),
    ("Turkey Standard Time", &["Europe/Istanbul"]),
    ("Russian Standard Time", &["Europe/Moscow"]),
    ("Israel Standard Time", &["Asia/Jerusalem"]),
    ("Egypt Standard Time", &["Africa/Cairo"]),
    ("South Africa Standard Time", &["Africa/Johannesburg"]),
    ("Morocco Standard Time", &["Africa/Casablanca"]),
    ("Arab Standard Time", &["Asia/Riyadh", "Asia/Kuwait", "Asia/Qatar"]),
    ("Arabian Standard Time", &["Asia/Dubai", "Asia/Muscat"]),
    ("India Standard Time", &["Asia/Kolkata"]),
    ("SE Asia Standard Time", &["Asia/Bangkok", "Asia/Jakarta", "Asia/Ho_Chi_Minh"]),
    ("China Standard Time", &["Asia/Shanghai", "Asia/Hong_Kong"]),
    ("Singapore Standard Time", &["Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Manila"]),
    ("Tokyo Standard Time", &["Asia/Tokyo"]),
    ("Korea Standard Time", &["Asia/Seoul"]),
    ("W. Australia Standard Time", &["Australia/Perth"]),
    ("AUS Eastern Standard Time", &["Australia/Sydney", "Australia/Melbourne"]),
    ("E. Australia Standard Time", &["Australia/Brisbane"]),
    ("New Zealand Standard Time", &["Pacific/Auckland"]),
    ("Eastern Standard Time", &["America/New_York", "America/Detroit", "America/Toronto"]),
    ("US Eastern Standard Time", &["America/Indiana/Indianapolis"]),
    ("Central Standard Time", &["America/Chicago", "America/Winnipeg"]),
    ("Mountain Standard Time", &["America/Denver", "America/Edmonton", "America/Boise"]),
    ("US Mountain Standard Time", &["America/Phoenix"]),
    ("Pacific Standard Time", &["America/Los_Angeles", "America/Vancouver"]),
    ("Alaskan Standard Time", &["America/Anchorage"]),
    ("Hawaiian Standard Time", &["Pacific/Honolulu"]),
    ("Atlantic Standard Time", &["America/Halifax"]),
    ("E. South America Standard Time", &["America/Sao_Paulo"]),
    ("Argentina Standard Time", &["America/Buenos_Aires"]),
    ("Central Standard Time (Mexico)", &["America/Mexico_City"]),
    ("UTC", &["UTC"]),
];

/// The zones that the times of one file may name.
#[derive(Debug)]
pub(super) struct Zones {
    /// The zone of times that name none.
    pub(super) floating: Tz,
    default: Tz,
    declared: HashMap<String, Tz>,
}

impl Zones {
    pub(super) fn new(default: Tz, file: &File) -> Self {
        let mut zones = Self { floating: default, default, declared: HashMap::new() };
        for (id, location) in &file.zones {
            if let Some(zone) = zones.named(location) {
                zones.declared.insert(id.clone(), zone);
            }
        }
        if let Some(zone) = file.zone.as_deref().and_then(|name| zones.named(name)) {
            zones.floating = zone;
        }
        zones
    }

    /// The zone that `tzid` means: by its own name first, then by what the file says of it.
    pub(super) fn find(&self, tzid: &str) -> Option<Tz> {
        self.named(tzid).or_else(|| self.declared.get(tzid.trim()).copied())
    }

    fn named(&self, name: &str) -> Option<Tz> {
        let name = name.trim().trim_matches('"');
        parse_zone(name).ok().or_else(|| self.windows(name)).or_else(|| tail(name))
    }

    fn windows(&self, name: &str) -> Option<Tz> {
        let (_, zones) = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name))?;
        let default = zones.contains(&self.default.name()).then_some(self.default);
        default.or_else(|| parse_zone(zones.first()?).ok())
    }
}

/// The zone that a longer path ends in: `/mozilla.org/20050126_1/Europe/Rome`.
fn tail(name: &str) -> Option<Tz> {
    let from = |slash: usize| name.get(slash + 1..).filter(|tail| tail.contains('/'));
    name.match_indices('/')
        .take(8)
        .filter_map(|(slash, _)| from(slash))
        .find_map(|tail| parse_zone(tail).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Europe};

    fn zones(default: Tz) -> Zones {
        Zones::new(default, &File::default())
    }

    #[test]
    fn every_windows_name_stands_for_zones_that_exist() {
        for (windows, iana) in WINDOWS {
            assert!(!iana.is_empty(), "{windows}");
            for name in iana {
                assert!(parse_zone(name).is_ok(), "{windows}: {name}");
            }
        }
    }

    #[test]
    fn a_windows_name_is_in_the_country_of_the_default_zone() {
        assert_eq!(zones(Europe::Rome).find("W. Europe Standard Time"), Some(Europe::Rome));
        assert_eq!(zones(America::New_York).find("w. europe standard time"), Some(Europe::Berlin));
    }

    #[test]
    fn a_path_means_the_zone_that_it_ends_in() {
        let zones = zones(Europe::Rome);
        assert_eq!(zones.find("/mozilla.org/20050126_1/Europe/Berlin"), Some(Europe::Berlin));
        assert_eq!(
            zones.find("/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires"),
            Some(America::Argentina::Buenos_Aires)
        );
        assert_eq!(zones.find("\"Europe/London\""), Some(Europe::London));
        for unknown in ["", "/", "Custom", "/x/UTC+1", "Rome"] {
            assert_eq!(zones.find(unknown), None, "{unknown}");
        }
    }
}
