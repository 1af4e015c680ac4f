//! Splits the bytes of a file into the content lines of each component: unfolding, limits, and the
//! begin and end of components. Values are not read here.
//!
//! Folding is undone on bytes, before decoding: RFC 5545 section 3.1 folds by octets, and some
//! programs fold in the middle of a character.

use super::{CalendarError, MAX_BYTES, MAX_ENTRIES, Reason, definition::Definition, property::clean};
use icalendar::parser::ParseString;
use std::{
    borrow::Cow,
    iter::{Enumerate, Peekable},
};

/// The longest unfolded content line, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// The properties of an event that are read; other properties may be malformed.
const EVENT_PROPERTIES: [&str; 18] = [
    "UID",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "ORGANIZER",
    "CATEGORIES",
    "STATUS",
    "SEQUENCE",
    "DTSTAMP",
    "LAST-MODIFIED",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXDATE",
    "RDATE",
    "EXRULE",
    "RECURRENCE-ID",
];

/// One content line: its name in capitals, and the whole line with the name in capitals.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) text: String,
}

/// A VEVENT.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The line of the file on which the VEVENT begins, from 1.
    pub(super) line: usize,
    pub(super) lines: Vec<Line>,
    pub(super) faults: Vec<Reason>,
}

/// A VTIMEZONE.
#[derive(Debug, Default)]
pub(super) struct ZoneBlock {
    /// The TZID of the definition.
    pub(super) id: String,
    /// The X-LIC-LOCATION of the definition.
    pub(super) location: Option<String>,
    /// The definition of the zone.
    pub(super) definition: Definition,
}

/// A file, split into its components.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) events: Vec<Block>,
    /// Each VTIMEZONE that has a TZID.
    pub(super) zones: Vec<ZoneBlock>,
    pub(super) name: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) method: Option<String>,
}

/// The component to which a line belongs.
enum Place {
    /// The line is before, between or directly inside calendars.
    Calendar,
    /// The line is in a VEVENT; `depth` counts the nested components (0: the VEVENT's own properties).
    Event { block: Block, depth: usize },
    /// The line is in a VTIMEZONE.
    Zone(Box<ZoneBlock>),
}

impl File {
    pub(super) fn split(bytes: &[u8]) -> Result<Self, CalendarError> {
        if bytes.len() > MAX_BYTES {
            return Err(CalendarError::TooLarge);
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(CalendarError::Utf16);
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut file = Self::default();
        let mut place = Place::Calendar;
        let mut is_calendar = false;
        for line in Unfolded::new(bytes) {
            let name = line.name();
            if name.is_empty() {
                continue;
            }
            let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            if is("BEGIN") {
                let value = line.value();
                is_calendar |= value.eq_ignore_ascii_case("VCALENDAR");
                place = file.begin(place, &value, line.number)?;
            } else if is("END") {
                place = file.end(place, &line.value());
            } else {
                match &mut place {
                    Place::Calendar => file.calendar_property(&line),
                    Place::Event { block, depth: 0 } => block.property(&line),
                    Place::Event { .. } => {}
                    Place::Zone(zone) if is("TZID") => zone.id = line.value(),
                    Place::Zone(zone) if is("X-LIC-LOCATION") => zone.location = Some(line.value()),
                    Place::Zone(zone) => zone.definition.property(name, &line.value()),
                }
            }
        }
        if let Place::Event { block, .. } = place {
            file.keep_unclosed(block);
        }
        if is_calendar { Ok(file) } else { Err(CalendarError::NotACalendar) }
    }

    fn begin(&mut self, place: Place, component: &str, line: usize) -> Result<Place, CalendarError> {
        let is = |name: &str| component.eq_ignore_ascii_case(name);
        let place = match place {
            Place::Event { block, .. } if is("VEVENT") || is("VCALENDAR") => {
                self.keep_unclosed(block);
                Place::Calendar
            }
            Place::Event { block, depth } => return Ok(Place::Event { block, depth: depth + 1 }),
            place => place,
        };
        Ok(match place {
            _ if is("VEVENT") && self.events.len() >= MAX_ENTRIES => {
                return Err(CalendarError::TooManyEntries);
            }
            _ if is("VEVENT") => Place::Event { block: Block { line, ..Block::default() }, depth: 0 },
            _ if is("VTIMEZONE") => Place::Zone(Box::default()),
            Place::Zone(mut zone) => {
                zone.definition.begin();
                Place::Zone(zone)
            }
            place => place,
        })
    }

    fn end(&mut self, place: Place, component: &str) -> Place {
        let is = |name: &str| component.eq_ignore_ascii_case(name);
        match place {
            Place::Event { block, .. } if is("VEVENT") => {
                self.events.push(block);
                Place::Calendar
            }
            Place::Event { block, .. } if is("VCALENDAR") => {
                self.keep_unclosed(block);
                Place::Calendar
            }
            Place::Event { block, depth } => Place::Event { block, depth: depth.saturating_sub(1) },
            Place::Zone(zone) if is("VTIMEZONE") => {
                self.zones.push(*zone);
                Place::Calendar
            }
            place => place,
        }
    }

    fn keep_unclosed(&mut self, mut block: Block) {
        block.faults.push(Reason::NotClosed);
        self.events.push(block);
    }

    fn calendar_property(&mut self, line: &Unfolding<'_>) {
        let name = line.name();
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("X-WR-CALNAME") || is("NAME") {
            let value = line.value();
            let text = ParseString::from(value.as_str()).unescape_text();
            self.name = clean(text.as_str(), 200).map(|(text, _)| text);
        } else if is("X-WR-TIMEZONE") {
            self.zone = Some(line.value());
        } else if is("METHOD") {
            self.method = Some(line.value());
        }
    }
}

impl Block {
    /// Whether the block has a line with the name `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.lines.iter().any(|line| line.name == name)
    }

    fn property(&mut self, line: &Unfolding<'_>) {
        let name = line.name();
        let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
        let Some(name) = EVENT_PROPERTIES.into_iter().find(is) else { return };
        let fault = match std::str::from_utf8(&line.bytes) {
            _ if line.too_long => Reason::LineTooLong,
            Err(_) => Reason::NotUtf8,
            Ok(text) => {
                let rest = text.get(name.len()..).unwrap_or_default();
                self.lines.push(Line { name, text: with_quoted_zone(format!("{name}{rest}")) });
                return;
            }
        };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// The line with its TZID in quotes. Outlook writes `TZID=tzone://Microsoft/Custom` without quotes,
/// although a parameter with a colon needs them (RFC 5545 section 3.1); the date or time itself has no
/// colon.
fn with_quoted_zone(line: String) -> String {
    let Some((start, rest)) = line.split_once(";TZID=").filter(|(_, rest)| !rest.starts_with('"')) else {
        return line;
    };
    match rest.rsplit_once(':') {
        Some((zone, value)) if zone.contains(':') && !zone.contains(';') => {
            format!("{start};TZID=\"{zone}\":{value}")
        }
        _ => line,
    }
}

/// One content line, unfolded.
struct Unfolding<'a> {
    /// The line of the file on which the content line begins, from 1.
    number: usize,
    bytes: Cow<'a, [u8]>,
    too_long: bool,
}

impl Unfolding<'_> {
    /// The part before the first `:` or `;`, in the case of the file. A part that is longer than every
    /// known name is truncated.
    fn name(&self) -> &[u8] {
        let start = self.bytes.get(..32).unwrap_or(&self.bytes);
        start.split(|byte| matches!(byte, b':' | b';')).next().unwrap_or_default()
    }

    /// The part after the first `:`, truncated to the longest text that a name of a zone or calendar
    /// needs.
    fn value(&self) -> String {
        let start = self.bytes.iter().position(|byte| *byte == b':').map_or(self.bytes.len(), |at| at + 1);
        let value = self.bytes.get(start..).unwrap_or_default();
        String::from_utf8_lossy(value.get(..512).unwrap_or(value)).trim().to_owned()
    }
}

/// The physical lines of a file.
type Physical<'a> = std::slice::Split<'a, u8, fn(&u8) -> bool>;

/// The content lines of a file.
struct Unfolded<'a> {
    physical: Peekable<Enumerate<Physical<'a>>>,
}

impl<'a> Unfolded<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let is_feed: fn(&u8) -> bool = |byte| *byte == b'\n';
        Self { physical: bytes.split(is_feed).enumerate().peekable() }
    }
}

impl<'a> Iterator for Unfolded<'a> {
    type Item = Unfolding<'a>;

    fn next(&mut self) -> Option<Unfolding<'a>> {
        let (index, first) = self.physical.next()?;
        let mut bytes = Cow::Borrowed(without_return(first));
        let mut too_long = bytes.len() > MAX_LINE;
        while let Some((_, more)) =
            self.physical.next_if(|(_, line)| matches!(line.first(), Some(b' ' | b'\t')))
        {
            let more = without_return(more.get(1..).unwrap_or_default());
            too_long |= bytes.len() + more.len() > MAX_LINE;
            if !too_long {
                bytes.to_mut().extend_from_slice(more);
            }
        }
        Some(Unfolding { number: index + 1, bytes, too_long })
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
