//! The zone for a TZID.

use super::{
    definition::is_like,
    lines::{File, ZoneBlock},
    windows::WINDOWS,
};
use crate::series::parse_zone;
use chrono_tz::Tz;
use std::collections::HashMap;

/// The highest number of VTIMEZONEs that are read from one file: each is compared with every zone.
const MAX_DEFINITIONS: usize = 64;

/// The zones for the times of one file.
#[derive(Debug)]
pub(super) struct Zones {
    /// The zone of times that name no zone.
    pub(super) floating: Tz,
    default: Tz,
    declared: HashMap<String, Option<Tz>>,
}

impl Zones {
    pub(super) fn new(default: Tz, file: &File) -> Self {
        let mut zones = Self { floating: default, default, declared: HashMap::new() };
        for block in file.zones.iter().take(MAX_DEFINITIONS) {
            if let Some(zone) = zones.defined(block) {
                zones.declared.insert(block.id.trim().to_owned(), zone);
            }
        }
        if let Some(zone) = file.zone.as_deref().and_then(|name| zones.named(name)) {
            zones.floating = zone;
        }
        zones
    }

    /// The zone for `tzid`: by its definition in the file, or else by its name.
    pub(super) fn find(&self, tzid: &str) -> Option<Tz> {
        let tzid = tzid.trim().trim_matches('"');
        match self.declared.get(tzid) {
            Some(zone) => *zone,
            None => self.named(tzid),
        }
    }

    /// The zone for a VTIMEZONE: none when the definition is not understood, `Some(None)` when no zone
    /// has its offsets.
    #[allow(clippy::option_option, reason = "no definition differs from one that matches no zone")]
    fn defined(&self, block: &ZoneBlock) -> Option<Option<Tz>> {
        let named = self.named(&block.id);
        if named.is_some() && block.id.contains('/') {
            return None;
        }
        let located = block.location.as_deref().and_then(|location| self.named(location));
        let Some(days) = block.definition.days() else {
            return located.map(Some);
        };
        let windows = WINDOWS.iter().filter_map(|(_, zones)| parse_zone(zones.split(' ').next()?).ok());
        let mut candidates = [located, named, Some(self.default)]
            .into_iter()
            .flatten()
            .chain(windows)
            .chain(chrono_tz::TZ_VARIANTS.iter().copied());
        Some(candidates.find(|zone| is_like(*zone, &days)))
    }

    fn named(&self, name: &str) -> Option<Tz> {
        let name = name.trim().trim_matches('"');
        parse_zone(name).ok().or_else(|| self.windows(name)).or_else(|| tail(name))
    }

    fn windows(&self, name: &str) -> Option<Tz> {
        let (_, zones) = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name))?;
        // A Windows name does not name a country: the location's own zone is preferred if it is listed.
        let default = zones.split(' ').any(|zone| zone == self.default.name()).then_some(self.default);
        default.or_else(|| parse_zone(zones.split(' ').next()?).ok())
    }
}

/// The zone at the end of a path: `/mozilla.org/20050126_1/Europe/Rome`.
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
            let first = iana.split(' ').next().unwrap();
            assert!(parse_zone(first).is_ok(), "{windows}: {first}");
            assert!(zones(Europe::Rome).find(windows).is_some(), "{windows}");
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
