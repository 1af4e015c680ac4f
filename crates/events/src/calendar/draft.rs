//! A draft: one VEVENT, read before anything is known about other VEVENTs with its UID.

use super::{
    EntryDetails, EntryNote, EntryStatus, Organizer, Reason, RefusedEntry,
    lines::Block,
    moment::{DayOrMoment, Moment, Times, duration},
    property::{Properties, clean, parameter, quote, text_list},
    zones::Zones,
};
use crate::series::{ClockChange, Recurrence, Schedule, ScheduleFields, place};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// One VEVENT while the file is read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) line: usize,
    pub(super) uid: String,
    /// The occurrence that this VEVENT changes; none when the VEVENT is an entry of its own.
    pub(super) recurrence: Option<DayOrMoment>,
    pub(super) sequence: u32,
    pub(super) changed_at: Option<DateTime<Utc>>,
    pub(super) status: EntryStatus,
    /// The title; none only for a change of one occurrence.
    pub(super) title: Option<String>,
    /// All details but the title, which is empty.
    pub(super) details: EntryDetails,
    /// The start; none only for an occurrence that is called off.
    pub(super) start: Option<Moment>,
    /// The duration; none only for a change of one occurrence.
    pub(super) minutes: Option<u16>,
    pub(super) schedule: Option<Schedule>,
    pub(super) notes: Vec<EntryNote>,
}

impl Draft {
    /// Reads a block. The error has every reason for the refusal.
    pub(super) fn read(block: &Block, zones: &Zones, canceled: bool) -> Result<Self, RefusedEntry> {
        let mut reader =
            Reader { of: Properties(block), zones, reasons: block.faults.clone(), notes: Vec::new() };
        let title = reader.text("SUMMARY", 200);
        let uid = reader.uid();
        match reader.draft(block.line, uid.clone(), title.clone(), canceled) {
            Some(draft) if reader.reasons.is_empty() => Ok(Self { notes: reader.notes, ..draft }),
            _ => Err(RefusedEntry { line: block.line, uid, title, reasons: reader.reasons }),
        }
    }

    /// The draft as an entry that is refused for `reason`.
    pub(super) fn refused(self, reason: Reason) -> RefusedEntry {
        RefusedEntry { line: self.line, uid: Some(self.uid), title: self.title, reasons: vec![reason] }
    }
}

/// Reads the properties of a block and collects the reasons for a refusal.
struct Reader<'f> {
    of: Properties<'f>,
    zones: &'f Zones,
    reasons: Vec<Reason>,
    notes: Vec<EntryNote>,
}

impl Reader<'_> {
    fn draft(
        &mut self,
        line: usize,
        uid: Option<String>,
        title: Option<String>,
        canceled: bool,
    ) -> Option<Draft> {
        let recurrence = self.recurrence();
        let is_change = recurrence.is_some();
        if title.is_none() && !is_change {
            self.reasons.push(Reason::NoTitle);
        }
        let details = self.details();
        let status = if canceled { EntryStatus::Canceled } else { self.status() };
        let start = self.start(is_change && status == EntryStatus::Canceled);
        let repeats = self.of.all("RRULE").next().is_some();
        self.not_taken(is_change);
        let minutes = start.and_then(|start| self.minutes(start, repeats && !is_change, is_change));
        let schedule = match start {
            Some(start) if repeats && !is_change => self.schedule(start, minutes),
            _ => None,
        };
        if let Some(start) = start {
            self.note(start);
        }
        Some(Draft {
            line,
            uid: uid?,
            recurrence,
            sequence: self.text("SEQUENCE", 16).and_then(|n| n.parse().ok()).unwrap_or_default(),
            changed_at: self.instant("LAST-MODIFIED").or_else(|| self.instant("DTSTAMP")),
            status,
            title,
            details,
            start,
            minutes,
            schedule,
            notes: Vec::new(),
        })
    }

    fn note(&mut self, start: Moment) {
        self.notes.extend(match start.note {
            Some(ClockChange::GapShift) => Some(EntryNote::StartInGap(start.at)),
            Some(ClockChange::FoldFirst) => Some(EntryNote::StartInFold(start.at)),
            None => None,
        });
        if !start.zoned {
            self.notes.push(EntryNote::NoZone(start.zone));
        }
    }

    fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        self.of.text(name, longest, &mut self.notes)
    }

    /// The value of `result`; an error is collected.
    fn keep<T>(&mut self, result: Result<T, Reason>) -> Option<T> {
        result.map_err(|reason| self.reasons.push(reason)).ok()
    }

    fn uid(&mut self) -> Option<String> {
        let uid = self.of.all("UID").flatten().next().and_then(|property| clean(property.val.as_str(), 512));
        match uid {
            Some((uid, false)) => return Some(uid),
            Some(_) => self.reasons.push(Reason::UidTooLong),
            None => self.reasons.push(Reason::NoUid),
        }
        None
    }

    fn status(&mut self) -> EntryStatus {
        match self.text("STATUS", 16).map(|status| status.to_ascii_uppercase()).as_deref() {
            // Both spellings occur in exported files; RFC 5545 has the first.
            Some("CANCELLED" | "CANCELED") => EntryStatus::Canceled,
            Some("TENTATIVE") => EntryStatus::Tentative,
            _ => EntryStatus::Scheduled,
        }
    }

    fn details(&mut self) -> EntryDetails {
        let organizer = self.of.first("ORGANIZER").ok().flatten().and_then(|property| {
            let address = property.val.as_str().trim();
            let address = address
                .get(..7)
                .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
                .map_or(address, |_| &address[7..]);
            let name = parameter(&property, "CN").and_then(|name| clean(name, 120)).map(|(name, _)| name);
            let email = address.parse().ok();
            (name.is_some() || email.is_some()).then_some(Organizer { name, email })
        });
        let lists = self.of.all("CATEGORIES").flatten();
        let categories = lists.flat_map(|property| text_list(property.val.as_str()).collect::<Vec<_>>());
        let categories =
            categories.filter_map(|text| clean(&text, 60)).map(|(text, _)| text).take(20).collect();
        EntryDetails {
            title: String::new(),
            description: self.text("DESCRIPTION", 4_000),
            location: self.text("LOCATION", 200),
            organizer,
            categories,
        }
    }

    /// The time in the property `name`.
    fn time(&self, name: &'static str) -> Result<Option<DayOrMoment>, Reason> {
        let Some(property) = self.of.first(name)? else { return Ok(None) };
        Times::of(name, &property, self.zones).read(property.val.as_str()).map(Some)
    }

    /// A stamp. An unreadable stamp is no reason to refuse the entry.
    fn instant(&self, name: &'static str) -> Option<DateTime<Utc>> {
        match self.time(name) {
            Ok(Some(DayOrMoment::Moment(moment))) => Some(moment.at),
            _ => None,
        }
    }

    /// The start; `is_called_off` tells that there need be none.
    fn start(&mut self, is_called_off: bool) -> Option<Moment> {
        let start = self.time("DTSTART");
        match self.keep(start)? {
            Some(DayOrMoment::Moment(moment)) => return Some(moment),
            Some(DayOrMoment::Day(_)) => self.reasons.push(Reason::AllDay),
            None if is_called_off => {}
            None => self.reasons.push(Reason::NoStart),
        }
        None
    }

    fn recurrence(&mut self) -> Option<DayOrMoment> {
        let property = self.of.first("RECURRENCE-ID");
        let property = self.keep(property)??;
        if parameter(&property, "RANGE").is_some() {
            let instead = "end the series and add another that starts there";
            self.reasons.push(Reason::NotTaken { property: "RECURRENCE-ID;RANGE", instead });
        }
        let time = self.time("RECURRENCE-ID");
        self.keep(time)?
    }

    fn not_taken(&mut self, is_change: bool) {
        let each = "add each extra date as an entry of its own";
        let exdate = "exclude single dates by EXDATE";
        let rule = "one rule an entry; add another entry for the other";
        let has = |name| self.of.all(name).next().is_some();
        let refused = [
            (has("RDATE"), "RDATE", each),
            (has("EXRULE"), "EXRULE", exdate),
            // Some programs repeat the rule in a change of one occurrence; it has no meaning there (RFC
            // 5545).
            (!is_change && self.of.all("RRULE").nth(1).is_some(), "a second RRULE", rule),
        ];
        let refused = refused.into_iter().filter(|(is, ..)| *is);
        self.reasons.extend(refused.map(|(_, property, instead)| Reason::NotTaken { property, instead }));
    }

    /// The duration in minutes.
    fn minutes(&mut self, start: Moment, repeats: bool, is_change: bool) -> Option<u16> {
        let length = self.length(start, repeats);
        let Some(length) = self.keep(length)? else {
            if !is_change {
                self.reasons.push(Reason::NoLength);
            }
            return None;
        };
        let reason = match length.num_seconds() {
            ..=0 => Reason::EndNotAfterStart,
            seconds if seconds > i64::from(Schedule::MAX_MINUTES) * 60 => Reason::TooLong,
            seconds if seconds % 60 != 0 => Reason::NotWholeMinutes,
            seconds => return u16::try_from(seconds / 60).ok(),
        };
        self.reasons.push(reason);
        None
    }

    fn length(&self, start: Moment, repeats: bool) -> Result<Option<TimeDelta>, Reason> {
        match self.time("DTEND")? {
            Some(DayOrMoment::Day(_)) => return Err(Reason::AllDay),
            // The end of a series is computed from the local times, because the duration applies to
            // each day of the series, and not only to a first day on which the clock changes. A start
            // that moved out of a gap moves its end along.
            Some(DayOrMoment::Moment(end))
                if end.zone == start.zone && (repeats || start.note == Some(ClockChange::GapShift)) =>
            {
                return Ok(Some(end.local - start.local));
            }
            Some(DayOrMoment::Moment(end)) => return Ok(Some(end.at - start.at)),
            None => {}
        }
        let Some(property) = self.of.first("DURATION")? else { return Ok(None) };
        let text = property.val.as_str();
        duration(text).map(Some).ok_or_else(|| Reason::BadDuration(quote(text)))
    }

    fn schedule(&mut self, start: Moment, minutes: Option<u16>) -> Option<Schedule> {
        let property = self.of.first("RRULE");
        let property = self.keep(property)??;
        let rule =
            Recurrence::parse(property.val.as_str(), start.zone, start.local.time()).map_err(Reason::from);
        let rule = self.keep(rule);
        let exdates = self.exdates(start);
        let schedule = Schedule::try_new(ScheduleFields {
            zone: start.zone,
            rule: rule?,
            starts_on: start.local.date(),
            local_time: start.local.time(),
            duration_minutes: minutes?,
            exdates,
        });
        let schedule = match schedule {
            Ok(schedule) => schedule,
            Err(error) => {
                self.reasons.extend(error.into_vec().into_iter().map(|field| Reason::Schedule(field.detail)));
                return None;
            }
        };
        if start.zone == chrono_tz::UTC {
            self.notes.push(EntryNote::SeriesInUtc);
        }
        let first = schedule.first_date().filter(|first| *first != start.local.date());
        self.notes.extend(first.map(EntryNote::StartNotInRule));
        Some(schedule)
    }

    fn exdates(&mut self, start: Moment) -> BTreeSet<NaiveDate> {
        let mut dates = BTreeSet::new();
        for property in self.of.all("EXDATE") {
            let property = match property {
                Ok(property) => property,
                Err(reason) => {
                    self.reasons.push(reason);
                    continue;
                }
            };
            let times = Times::of("EXDATE", &property, self.zones);
            for value in property.val.as_str().split(',').filter(|value| !value.trim().is_empty()) {
                match times.read(value) {
                    Ok(time) => match date_of(time, start) {
                        Some(date) => drop(dates.insert(date)),
                        None => self.notes.push(EntryNote::IdleExdate(quote(value))),
                    },
                    // The same reason is collected once, because a line can have thousands of values.
                    Err(reason) if self.reasons.contains(&reason) => {}
                    Err(reason) => {
                        self.reasons.push(reason);
                        break;
                    }
                }
            }
        }
        dates
    }
}

/// The local date of the start that `time` identifies in a series that begins with `start`. A day
/// identifies its start; a time identifies the start with the same local time or the same instant.
/// Midnight identifies its day as well, because some programs write a day like that.
pub(super) fn date_of(time: DayOrMoment, start: Moment) -> Option<NaiveDate> {
    let moment = match time {
        DayOrMoment::Day(date) => return Some(date),
        DayOrMoment::Moment(moment) => moment,
    };
    if moment.zone == start.zone || !moment.zoned {
        let is_named = [start.local.time(), NaiveTime::MIN].contains(&moment.local.time());
        return is_named.then(|| moment.local.date());
    }
    let local = moment.at.with_timezone(&start.zone).naive_local();
    let by_rule = |date: NaiveDate| place(start.zone, date.and_time(start.local.time()));
    // A start that a gap moved past midnight belongs to the day before.
    let days = [Some(local.date()), local.date().pred_opt()];
    let named = days.into_iter().flatten().find(|date| by_rule(*date).is_some_and(|p| p.at == moment.at));
    named.or_else(|| (local.time() == NaiveTime::MIN).then(|| local.date()))
}
