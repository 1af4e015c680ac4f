//! Reading a calendar that another program exported (iCalendar, RFC 5545, `.ics`).
//!
//! [`read`] converts a file to the types of this crate: each VEVENT becomes one start
//! ([`Timing::Once`]) or a [`Schedule`] with the single occurrences that were moved, renamed or called
//! off ([`Override`]). An entry that cannot be understood is refused with every reason, and reading
//! continues with the next one; a file is refused as a whole only when it is too large or not a
//! calendar.
//!
//! **Identity.** An entry has an [`EntryKey`]: the UID and, for one occurrence of a series, its start or
//! its date by the rule. Importing the same file twice therefore never duplicates entries. Of two
//! entries with one key, the one with the higher SEQUENCE counts, then the one with the later
//! stamp, then the later one in the file.
//!
//! **Zones.** A time with a TZID is in that zone: an IANA name, a name that ends in one
//! (`/mozilla.org/…/Europe/Rome`), a Windows name (`W. Europe Standard Time`), or a VTIMEZONE with an
//! X-LIC-LOCATION. A name that is no geographic place (`EST`, `Customized Time Zone`) means the
//! definition in the file's VTIMEZONE: the database zone with the same offsets. For a place
//! (`Europe/Rome`) the zone database takes precedence, because a definition in an old file may be
//! outdated. A time with `Z` is in UTC. A time with neither is in the calendar's X-WR-TIMEZONE, else in
//! the zone that the caller gives.
//!
//! **Architecture invariant:** the input is hostile. Time and memory are linear in the size of the
//! file, which is at most [`MAX_BYTES`]; nothing recurses with the depth of the input; content lines
//! are passed to the parser of the `icalendar` crate one by one, so that one malformed line only
//! affects its own entry.

mod adopt;
mod assemble;
mod change;
mod definition;
mod draft;
mod entry;
mod lines;
mod moment;
mod property;
mod reason;
#[cfg(test)]
mod tests;
mod windows;
mod zones;

pub(crate) use adopt::{Adopted, Terms};
pub(crate) use change::{Change, KnownSeries};
pub use entry::{
    CalendarEntry, CalendarImport, EntryDetails, EntryKey, EntryStart, EntryStatus, Once, Organizer,
    Override, RecurrenceId, RefusedEntry, Timing,
};
pub use reason::{CalendarError, EntryNote, Reason};

use chrono_tz::Tz;
use lines::File;
use std::collections::HashSet;
use zones::Zones;

#[cfg(doc)]
use crate::series::Schedule;

/// The largest file that is read: 5 MiB.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The highest number of entries (VEVENT) in one file.
pub const MAX_ENTRIES: usize = 5_000;

/// Reads an exported calendar. Times without any zone are in `default_zone`, the zone of the
/// organization.
pub fn read(file: &[u8], default_zone: Tz) -> Result<CalendarImport, CalendarError> {
    let file = File::split(file)?;
    let zones = Zones::new(default_zone, &file);
    let canceled = file.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("CANCEL"));
    let mut refused = Vec::new();
    let mut drafts = Vec::new();
    let mut refused_series = HashSet::new();
    for block in &file.events {
        match draft::Draft::read(block, &zones, canceled) {
            Ok(draft) => drafts.push(draft),
            Err(entry) => {
                if !block.has("RECURRENCE-ID") {
                    refused_series.extend(entry.uid.clone());
                }
                refused.push(entry);
            }
        }
    }
    let entries = assemble::assemble(drafts, &refused_series, &mut refused);
    refused.sort_by_key(|entry| entry.line);
    Ok(CalendarImport { name: file.name, entries, refused })
}
