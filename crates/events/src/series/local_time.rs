//! Conversion of a local time to an instant, including the two days a year on which the clock changes.
//!
//! Zones are IANA names; their transitions are compiled in (`chrono-tz`), so the answer is the
//! same on every machine.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};
use tryzore_kernel::Problem;

/// The name is not in the IANA time zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no IANA time zone; expected a name such as `Europe/Rome` or `America/New_York`")]
pub struct UnknownZone(String);

impl UnknownZone {
    /// The problem for a caller who sent the name in the field `pointer`.
    #[must_use]
    pub fn problem(&self, pointer: &str) -> Problem {
        Problem::invalid(pointer, self.to_string())
    }
}

/// The zone with the IANA name `name`, spelled as in the database (`Europe/Rome`).
pub fn parse_zone(name: &str) -> Result<Tz, UnknownZone> {
    name.parse().map_err(|_| UnknownZone(name.chars().take(64).collect()))
}

/// The reason for which a local time is not exactly one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocalTimeError {
    /// The local time does not exist: the clock jumps over it.
    #[error(
        "the clock jumps over this time in {}; the next clock time for it is {}",
        moves_to.timezone(), moves_to.format("%Y-%m-%d %H:%M (UTC%:z)")
    )]
    Gap {
        /// The start, moved on by the length of the jump.
        moves_to: DateTime<Tz>,
    },
    /// The local time exists twice.
    #[error(
        "the clock passes this time twice in {}: at UTC{} and at UTC{}; give the instant with its offset",
        first.timezone(), first.format("%:z"), second.format("%:z")
    )]
    Ambiguous {
        /// The earlier instant.
        first: DateTime<Tz>,
        /// The later instant.
        second: DateTime<Tz>,
    },
    /// The calendar of the zone does not have that day, or the date is outside the supported range.
    #[error("there is no such day in this time zone")]
    NoSuchDay,
}

impl LocalTimeError {
    /// The problem for a caller who sent the time in the field `pointer`.
    #[must_use]
    pub fn problem(&self, pointer: &str) -> Problem {
        Problem::invalid(pointer, self.to_string())
    }
}

/// The instant at which clocks in `zone` show `local`, when there is exactly one such instant.
pub fn resolve_local(zone: Tz, local: NaiveDateTime) -> Result<DateTime<Utc>, LocalTimeError> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => Ok(at.to_utc()),
        MappedLocalTime::Ambiguous(first, second) => Err(LocalTimeError::Ambiguous { first, second }),
        MappedLocalTime::None => {
            let moves_to = after_gap(zone, local).ok_or(LocalTimeError::NoSuchDay)?;
            Err(LocalTimeError::Gap { moves_to: moves_to.with_timezone(&zone) })
        }
    }
}

/// How the start of an occurrence was chosen on a day on which the clock changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClockChange {
    /// The local time does not exist: the start was moved on by the length of the jump.
    GapShift,
    /// The local time exists twice: the first of the two instants was taken.
    FoldFirst,
}

/// The instant of a local time and the clock change that applied to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) at: DateTime<Utc>,
    pub(crate) note: Option<ClockChange>,
}

/// Resolves `local` by the rules of this module. None for a day that the zone left out entirely (a
/// change of side of the date line, such as 2011-12-30 in Samoa): moving its start on would put it on
/// top of the next day's start.
pub(crate) fn place(zone: Tz, local: NaiveDateTime) -> Option<Placed> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => Some(Placed { at: at.to_utc(), note: None }),
        MappedLocalTime::Ambiguous(first, _) => {
            Some(Placed { at: first.to_utc(), note: Some(ClockChange::FoldFirst) })
        }
        MappedLocalTime::None => {
            after_gap(zone, local).map(|at| Placed { at, note: Some(ClockChange::GapShift) })
        }
    }
}

/// `local`, which lies in a gap, read with the offset from before the gap.
fn after_gap(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let (_, before) = GapInfo::new(&local, &zone)?.begin?;
    let at = local.checked_sub_offset(before.fix())?.and_utc();
    let jump = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
        - before.fix().local_minus_utc();
    (TimeDelta::seconds(i64::from(jump)) < TimeDelta::days(1)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Australia, Europe, Pacific};

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_zone_has_its_name_in_the_iana_database() {
        assert_eq!(parse_zone("Europe/Rome"), Ok(Europe::Rome));
        for wrong in ["Europe/Roma", "europe/rome", "CET+1", "", "W. Europe Standard Time"] {
            assert!(parse_zone(wrong).unwrap_err().to_string().contains("Europe/Rome"), "{wrong}");
        }
        assert_eq!(parse_zone("X").unwrap_err().problem("/zone").errors[0].pointer, "/zone");
    }

    #[test]
    fn most_local_times_are_one_instant() {
        assert_eq!(
            resolve_local(Europe::Rome, local("2026-07-01T18:30:00")),
            Ok(utc("2026-07-01T16:30:00Z"))
        );
        assert_eq!(
            resolve_local(Europe::Rome, local("2026-12-01T18:30:00")),
            Ok(utc("2026-12-01T17:30:00Z"))
        );
    }

    #[test]
    fn the_gap_has_its_two_edges() {
        let rome = |text| resolve_local(Europe::Rome, local(text));
        assert_eq!(rome("2026-03-29T01:59:59"), Ok(utc("2026-03-29T00:59:59Z")));
        for (inside, moves_to) in [("2026-03-29T02:00:00", "03:00"), ("2026-03-29T02:59:59", "03:59")] {
            let error = rome(inside).unwrap_err();
            assert!(matches!(error, LocalTimeError::Gap { .. }), "{inside}");
            assert!(error.to_string().contains(moves_to), "{error}");
        }
        assert_eq!(rome("2026-03-29T03:00:00"), Ok(utc("2026-03-29T01:00:00Z")));
        let problem = rome("2026-03-29T02:30:00").unwrap_err().problem("/start_time");
        assert_eq!((problem.status, problem.errors[0].pointer.as_str()), (422, "/start_time"));
    }

    #[test]
    fn the_fold_has_its_two_edges() {
        let rome = |text| resolve_local(Europe::Rome, local(text));
        assert_eq!(rome("2026-10-25T01:59:59"), Ok(utc("2026-10-24T23:59:59Z")));
        for inside in ["2026-10-25T02:00:00", "2026-10-25T02:59:59"] {
            let Err(LocalTimeError::Ambiguous { first, second }) = rome(inside) else { panic!("{inside}") };
            assert_eq!(second - first, TimeDelta::hours(1));
        }
        assert_eq!(rome("2026-10-25T03:00:00"), Ok(utc("2026-10-25T02:00:00Z")));
    }

    #[test]
    fn a_gap_moves_by_its_own_length() {
        // Lord Howe changes by half an hour; New York by one.
        let howe = place(Australia::Lord_Howe, local("2026-10-04T02:15:00")).unwrap();
        assert_eq!(howe.at.with_timezone(&Australia::Lord_Howe).naive_local(), local("2026-10-04T02:45:00"));
        let york = place(America::New_York, local("2026-03-08T02:30:00")).unwrap();
        assert_eq!(york, Placed { at: utc("2026-03-08T07:30:00Z"), note: Some(ClockChange::GapShift) });
    }

    #[test]
    fn a_day_that_was_left_out_has_no_start() {
        assert_eq!(place(Pacific::Apia, local("2011-12-30T18:00:00")), None);
        assert_eq!(
            resolve_local(Pacific::Apia, local("2011-12-30T18:00:00")),
            Err(LocalTimeError::NoSuchDay)
        );
    }
}
