//! Business hours of a location (TEN-09).
//!
//! The hours are a week of spans of local wall-clock time. A day can have several spans, and spans do not
//! overlap. A span whose closing time is before its opening time closes after midnight. In JSON and in the
//! database:
//! `{"mon": [["06:00", "12:00"], ["15:00", "02:00"]], "sat": [["00:00", "24:00"]]}`.
//!
//! [`clock`] computes whether a location is open at a moment, also when the clocks change.

pub mod clock;

use crate::FieldErrors;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use std::collections::BTreeMap;
use tryzore_kernel::FormCheck;

pub use clock::HoursState;

/// The maximum number of spans that open on one day.
pub const SPANS_A_DAY_MAX: usize = 6;

const DAY: u16 = 1440;
const WEEK: u16 = 7 * DAY;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The hours as a caller sends them: day to `[opens, closes]` in local time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HoursForm(pub BTreeMap<String, Vec<[String; 2]>>);

/// A span of local time. Minutes count from the midnight before the span opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The day on which the span opens, 0 for Monday.
    day: u8,
    /// The opening minute, 0 to 1439.
    opens: u16,
    /// The closing minute: after `opens`, at most 24 hours later; a value above 1440 is on the next day.
    closes: u16,
}

/// The business hours of a location; empty when nobody has set them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessHours(Vec<Span>);

impl Span {
    // Minutes from Monday's midnight; the end may lie beyond the week.
    const fn start(self) -> u16 {
        self.day as u16 * DAY + self.opens
    }

    const fn end(self) -> u16 {
        self.day as u16 * DAY + self.closes
    }

    fn parse(day: u8, [opens, closes]: &[String; 2]) -> Result<Self, &'static str> {
        const SHAPE: &str =
            "expected two times such as 06:00 and 22:00; closing may be 24:00, or after midnight";
        let opens = minutes(opens).filter(|at| *at < DAY).ok_or(SHAPE)?;
        let closes = minutes(closes).ok_or(SHAPE)?;
        match closes {
            at if at == opens => {
                Err("expected a closing time other than the opening; 00:00 to 24:00 for all day")
            }
            at if at < opens => Ok(Self { day, opens, closes: at + DAY }),
            at => Ok(Self { day, opens, closes: at }),
        }
    }

    fn text(self) -> [String; 2] {
        let closes = if self.closes > DAY { self.closes - DAY } else { self.closes };
        [self.opens, closes].map(|at| format!("{:02}:{:02}", at / 60, at % 60))
    }
}

impl BusinessHours {
    /// Whether nobody has set the hours.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of_day(&self, day: u8) -> impl Iterator<Item = Span> {
        self.0.iter().copied().filter(move |span| span.day == day)
    }
}

impl HoursForm {
    /// Checks every day.
    ///
    /// # Errors
    /// Every day or span that is not valid, with its JSON pointer: an unknown day, a text that is no time,
    /// too many spans, or spans that overlap, including Sunday night with Monday morning.
    pub fn check(&self) -> Result<BusinessHours, FieldErrors> {
        let mut check = FormCheck::default();
        let mut spans: Vec<(Span, String)> = Vec::new();
        for (name, of_day) in &self.0 {
            let Some(day) = (0..7).find(|day| DAYS[usize::from(*day)] == name) else {
                check.add(format_args!("/{name}"), "expected mon, tue, wed, thu, fri, sat or sun");
                continue;
            };
            if of_day.len() > SPANS_A_DAY_MAX {
                check.add(format_args!("/{name}"), format!("expected at most {SPANS_A_DAY_MAX} spans a day"));
                continue;
            }
            for (index, text) in of_day.iter().enumerate() {
                let pointer = format!("/{name}/{index}");
                if let Some(span) = check.take(&pointer, Span::parse(day, text)) {
                    spans.push((span, pointer));
                }
            }
        }
        spans.sort();
        for pair in spans.windows(2) {
            if pair[1].0.start() < pair[0].0.end() {
                check.add(&pair[1].1, "opens before the previous span has closed");
            }
        }
        if let (Some((first, pointer)), Some((last, _))) = (spans.first(), spans.last())
            && first.start() + WEEK < last.end()
        {
            check.add(pointer, "opens before the span of the previous night has closed");
        }
        check.finish(Some(BusinessHours(spans.into_iter().map(|(span, _)| span).collect())))
    }
}

impl Serialize for BusinessHours {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (day, name) in (0_u8..).zip(DAYS) {
            let spans: Vec<_> = self.of_day(day).map(Span::text).collect();
            if !spans.is_empty() {
                map.serialize_entry(name, &spans)?;
            }
        }
        map.end()
    }
}

// Parses `HH:MM`, up to 24:00.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(json: Value) -> Result<BusinessHours, Vec<String>> {
        let form: HoursForm = serde_json::from_value(json).unwrap();
        form.check().map_err(|errors| errors.pointers().into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn ten_09_several_spans_a_day_and_one_that_closes_after_midnight() {
        let json = json!({"mon": [["06:00", "12:00"], ["15:00", "02:00"]], "sat": [["00:00", "24:00"]]});
        let hours = check(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&hours).unwrap(), json, "read and written the same");
        assert!(check(json!({})).unwrap().is_empty());
    }

    #[test]
    fn ten_09_spans_may_touch_but_not_overlap() {
        let overlap = |json| check(json).err().unwrap_or_default();
        assert_eq!(overlap(json!({"mon": [["06:00", "12:00"], ["12:00", "13:00"]]})), [""; 0]);
        assert_eq!(overlap(json!({"mon": [["06:00", "12:00"], ["11:59", "13:00"]]})), ["/mon/1"]);
        assert_eq!(overlap(json!({"mon": [["20:00", "02:00"]], "tue": [["02:00", "06:00"]]})), [""; 0]);
        assert_eq!(overlap(json!({"mon": [["20:00", "02:00"]], "tue": [["01:59", "06:00"]]})), ["/tue/0"]);
        assert_eq!(overlap(json!({"sun": [["20:00", "02:00"]], "mon": [["02:00", "06:00"]]})), [""; 0]);
        assert_eq!(overlap(json!({"sun": [["20:00", "02:00"]], "mon": [["01:59", "06:00"]]})), ["/mon/0"]);
    }

    #[test]
    fn ten_09_an_invalid_time_is_refused_with_its_pointer() {
        for wrong in ["24:01", "25:00", "6:00", "06:60", "0600", "", "06:00:00", "+6:00"] {
            assert_eq!(check(json!({"mon": [["05:00", wrong]]})), Err(vec!["/mon/0".into()]), "{wrong}");
        }
        assert_eq!(
            check(json!({"mon": [["24:00", "02:00"]]})),
            Err(vec!["/mon/0".into()]),
            "no day opens at 24:00"
        );
        assert_eq!(check(json!({"mon": [["06:00", "06:00"]]})), Err(vec!["/mon/0".into()]));
        assert_eq!(check(json!({"monday": []})), Err(vec!["/monday".into()]));
        let spans = |count: u8| -> Vec<_> {
            (0..count).map(|hour| [format!("{hour:02}:00"), format!("{hour:02}:30")]).collect()
        };
        assert!(check(json!({"mon": spans(6)})).is_ok());
        assert_eq!(check(json!({"mon": spans(7)})), Err(vec!["/mon".into()]));
    }
}
