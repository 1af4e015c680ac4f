//! The dates of a rule, computed period by period: weeks, months or years (RFC 5545 section 3.3.10).
//!
//! Every query has a last date, and the search ends there whether or not the rule has a date: for a
//! rule that falls on a Monday the 29th of February, the cost grows with the number of months in the
//! query and no further. Only the days of a month that the rule names are examined. This is why the
//! expansion is implemented here: the `rrule` crate, against which the tests compare, searches through
//! centuries for a rule without a date, and can't be stopped.
//!
//! **Invariant:** dates rise strictly. The cost of a query grows only with the number of periods
//! between its first and its last date, unless the rule has a COUNT, which needs all dates from the
//! start.

use super::rule::{End, Frequency, NthWeekday, Recurrence};
use chrono::{Datelike, Months, NaiveDate, TimeDelta, Weekday};
use std::iter::successors;

/// A period in which a rule has its dates.
#[derive(Debug, Clone, Copy)]
struct Period {
    /// The number of the period: 0 is the period in which the series starts. Periods that the interval
    /// skips have no number.
    number: u32,
    begin: NaiveDate,
}

impl Recurrence {
    /// The dates of a series that starts on `start`, from `first` to `last`, both included.
    pub(super) fn dates(
        &self,
        start: NaiveDate,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Iterator<Item = NaiveDate> {
        let (skipped, count, last) = match self.end {
            End::Never => (self.period_of(start, first), usize::MAX, last),
            End::Until(until) => (self.period_of(start, first), usize::MAX, last.min(until)),
            End::Count(count) => (0, count as usize, last),
        };
        successors(self.period(start, skipped), move |period| self.period(start, self.after(start, *period)))
            .take_while(move |period| period.begin <= last)
            .flat_map(move |period| self.dates_in(period.begin, start))
            .skip_while(move |date| *date < start)
            .take(count)
            .skip_while(move |date| *date < first)
            .take_while(move |date| *date <= last)
    }

    /// The number of the period in which `date` lies, or of the last period before it.
    fn period_of(&self, start: NaiveDate, date: NaiveDate) -> u32 {
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let interval = i64::from(self.interval);
        let number = match self.frequency {
            // A daily rule is expanded by months; the interval chooses the days within them.
            Frequency::Daily => months(date) - months(start),
            Frequency::Weekly => (self.week_of(date) - self.week_of(start)).num_weeks().max(0) / interval,
            Frequency::Monthly => (months(date) - months(start)).max(0) / interval,
            Frequency::Yearly => i64::from(date.year() - start.year()).max(0) / interval,
        };
        u32::try_from(number.max(0)).unwrap_or(u32::MAX)
    }

    /// The first day of the week of `date`.
    fn week_of(&self, date: NaiveDate) -> NaiveDate {
        date - TimeDelta::days(date.weekday().days_since(self.week_start).into())
    }

    /// The period with the number `number`; none when it lies outside the supported years.
    fn period(&self, start: NaiveDate, number: u32) -> Option<Period> {
        let units = number.checked_mul(self.interval.into())?;
        let begin = match self.frequency {
            Frequency::Daily => month_of(start).checked_add_months(Months::new(number)),
            Frequency::Weekly => self.week_of(start).checked_add_signed(TimeDelta::weeks(units.into())),
            Frequency::Monthly => month_of(start).checked_add_months(Months::new(units)),
            Frequency::Yearly => {
                month_of(start).with_month(1)?.checked_add_months(Months::new(units.checked_mul(12)?))
            }
        };
        Some(Period { number, begin: begin? })
    }

    /// The number of the next period that may have a date.
    fn after(&self, start: NaiveDate, Period { number, begin }: Period) -> u32 {
        let next = number.saturating_add(1);
        let end = begin + TimeDelta::days(6);
        if self.frequency != Frequency::Weekly || self.has_month(begin) || self.has_month(end) {
            return next;
        }
        // The last week before the next month, or the one in which it begins.
        next.max(month_of(end).checked_add_months(Months::new(1)).map_or(next, |m| self.period_of(start, m)))
    }

    /// The dates that the rule names in the period that begins with `begin`, regardless of the start
    /// and the end of the series.
    fn dates_in(&self, begin: NaiveDate, start: NaiveDate) -> Vec<NaiveDate> {
        let dates = match self.frequency {
            Frequency::Daily => self.days_in_month(begin, start),
            Frequency::Weekly => self.days_in_week(begin, start),
            Frequency::Monthly => self.named_in_month(begin, start.day()),
            Frequency::Yearly => self.named_in_year(begin, start),
        };
        if self.by_set_pos.is_empty() {
            return dates;
        }
        let places = self.by_set_pos.iter().filter_map(|position| {
            let place = usize::from(position.unsigned_abs());
            if *position > 0 { place.checked_sub(1) } else { dates.len().checked_sub(place) }
        });
        rising(places.filter_map(|place| dates.get(place).copied()).collect())
    }

    /// The dates of a daily rule in `month`: every nth day, counted from the start.
    fn days_in_month(&self, month: NaiveDate, start: NaiveDate) -> Vec<NaiveDate> {
        let interval = i64::from(self.interval);
        let is_due = |date: &NaiveDate| (*date - start).num_days() % interval == 0;
        if self.names_days() {
            return self.named_in_month(month, 0).into_iter().filter(is_due).collect();
        }
        if !self.has_month(month) {
            return Vec::new();
        }
        let late = (month.max(start) - start).num_days();
        let first = start + TimeDelta::days((late + interval - 1) / interval * interval);
        successors(Some(first), |date| date.checked_add_signed(TimeDelta::days(interval)))
            .take_while(|date| month_of(*date) == month)
            .collect()
    }

    /// The dates of a weekly rule in the week that begins with `week`.
    fn days_in_week(&self, week: NaiveDate, start: NaiveDate) -> Vec<NaiveDate> {
        let day = |weekday: Weekday| week + TimeDelta::days(weekday.days_since(self.week_start).into());
        let dates = match self.by_day.as_slice() {
            [] => vec![day(start.weekday())],
            named => named.iter().map(|named| day(named.weekday)).collect(),
        };
        rising(dates.into_iter().filter(|date| self.has_month(*date)).collect())
    }

    /// The dates that the rule names in `month`; `like` is the day of the month of a rule that names no
    /// days.
    fn named_in_month(&self, month: NaiveDate, like: u32) -> Vec<NaiveDate> {
        if !self.has_month(month) {
            return Vec::new();
        }
        if !self.by_month_day.is_empty() {
            let days = self.by_month_day.iter().filter_map(|day| day_of(month, *day));
            return rising(days.filter(|date| self.has_weekday(*date)).collect());
        }
        if !self.by_day.is_empty() {
            return rising(self.by_day.iter().flat_map(|named| named.dates_in_month(month)).collect());
        }
        month.with_day(like).into_iter().collect()
    }

    /// The dates that the rule names in the year that begins with `year`. Its parts limit each other; the
    /// one that names the fewest days is expanded, and the others are asked about each of these days.
    fn named_in_year(&self, year: NaiveDate, start: NaiveDate) -> Vec<NaiveDate> {
        let months = || (0..12).filter_map(|n| year.checked_add_months(Months::new(n)));
        let dates: Vec<_> = if !self.by_year_day.is_empty() {
            self.by_year_day.iter().filter_map(|day| day_of_year(year, *day)).collect()
        } else if !self.by_week.is_empty() && self.by_month_day.is_empty() {
            self.days_in_weeks(year, start.weekday())
        } else if self.by_day.is_empty() && self.by_month_day.is_empty() && self.by_month.is_empty() {
            return year
                .with_month(start.month())
                .and_then(|month| month.with_day(start.day()))
                .into_iter()
                .collect();
        } else if self.by_month_day.is_empty() && self.by_month.is_empty() {
            self.by_day.iter().flat_map(|named| named.dates_in_year(year)).collect()
        } else {
            months().flat_map(|month| self.named_in_month(month, start.day())).collect()
        };
        let is_named = |date: &NaiveDate| {
            self.has_month(*date)
                && self.has_week(*date)
                && self.has_month_day(*date)
                && self.has_weekday(*date)
        };
        rising(dates.into_iter().filter(is_named).collect())
    }

    /// The days of the named weeks that are in the year that begins with `year`. A rule that names no
    /// day of the week has `like`.
    ///
    /// The first and the last days of a year may be in a week of another year.
    fn days_in_weeks(&self, year: NaiveDate, like: Weekday) -> Vec<NaiveDate> {
        let like = [NthWeekday { nth: None, weekday: like }];
        let days = if self.by_day.is_empty() { &like[..] } else { &self.by_day };
        let first = self.week_of(year);
        let weeks = successors(Some(first), |week| week.checked_add_signed(TimeDelta::weeks(1)));
        let weeks = weeks.take_while(|week| week.year() <= year.year()).filter(|week| self.has_week(*week));
        let days = weeks.flat_map(|week| {
            days.iter().map(move |day| week + TimeDelta::days(day.weekday.days_since(self.week_start).into()))
        });
        days.filter(|date| date.year() == year.year()).collect()
    }

    /// Whether the rule names days itself; otherwise its dates have the same day as its start.
    fn names_days(&self) -> bool {
        !self.by_day.is_empty() || !self.by_month_day.is_empty()
    }

    fn has_month(&self, date: NaiveDate) -> bool {
        self.by_month.is_empty() || self.by_month.iter().any(|month| u32::from(*month) == date.month())
    }

    /// Whether the week of `date` is named. A week belongs to the year in which its fourth day is.
    fn has_week(&self, date: NaiveDate) -> bool {
        self.by_week.is_empty() || {
            let (nth, from_end) = nth_of_year(self.week_of(date) + TimeDelta::days(3));
            self.by_week.contains(&nth) || self.by_week.contains(&from_end)
        }
    }

    fn has_month_day(&self, date: NaiveDate) -> bool {
        self.by_month_day.is_empty()
            || self.by_month_day.iter().any(|day| day_of(month_of(date), *day) == Some(date))
    }

    fn has_weekday(&self, date: NaiveDate) -> bool {
        let within_year = self.frequency == Frequency::Yearly && self.by_month.is_empty();
        let (nth, from_end) = if within_year { nth_of_year(date) } else { nth_of_month(date) };
        let is_nth = |named: i8| named == nth || named == from_end;
        self.by_day.is_empty()
            || self.by_day.iter().any(|day| day.weekday == date.weekday() && day.nth.is_none_or(is_nth))
    }
}

impl NthWeekday {
    /// The dates in `month` that match this weekday.
    fn dates_in_month(self, month: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        self.dates_from(month, month.num_days_in_month().into())
    }

    /// The dates in the year that begins with `year` that match this weekday.
    fn dates_in_year(self, year: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        self.dates_from(year, days_of_year(year))
    }

    /// The dates among the `length` days from `first` on that match this weekday.
    fn dates_from(self, first: NaiveDate, length: u32) -> impl Iterator<Item = NaiveDate> {
        let before = self.weekday.days_since(first.weekday());
        let weeks = (length - 1 - before) / 7 + 1;
        let weeks = match self.nth.map(|nth| (nth > 0, u32::from(nth.unsigned_abs()))) {
            None => 0..weeks,
            Some((true, nth)) if nth <= weeks => nth - 1..nth,
            Some((false, nth)) if nth <= weeks => weeks - nth..weeks - nth + 1,
            Some(_) => 0..0,
        };
        weeks.map(move |week| first + TimeDelta::days(i64::from(before + 7 * week)))
    }
}

/// Which of the days of its month with the same weekday `date` is: from the start, and from the end.
fn nth_of_month(date: NaiveDate) -> (i8, i8) {
    nth_of(date.day0(), date.num_days_in_month().into())
}

/// Which of the days of its year with the same weekday `date` is: from the start, and from the end.
fn nth_of_year(date: NaiveDate) -> (i8, i8) {
    nth_of(date.ordinal0(), days_of_year(date))
}

fn nth_of(days_before: u32, length: u32) -> (i8, i8) {
    let nth = |days: u32| i8::try_from(days / 7 + 1).unwrap_or(i8::MAX);
    (nth(days_before), -nth(length - 1 - days_before))
}

fn days_of_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}

/// The day `day` of the year that begins with `year`, counted from its end when `day` is negative.
fn day_of_year(year: NaiveDate, day: i16) -> Option<NaiveDate> {
    let number = u32::from(day.unsigned_abs());
    if day > 0 {
        year.with_ordinal(number)
    } else {
        year.with_ordinal((days_of_year(year) + 1).checked_sub(number)?)
    }
}

/// The day `day` of `month`, counted from its end when `day` is negative.
fn day_of(month: NaiveDate, day: i8) -> Option<NaiveDate> {
    let number = u32::from(day.unsigned_abs());
    if day > 0 {
        month.with_day(number)
    } else {
        month.with_day((u32::from(month.num_days_in_month()) + 1).checked_sub(number)?)
    }
}

/// The first day of the month of `date`.
fn month_of(date: NaiveDate) -> NaiveDate {
    date - TimeDelta::days(date.day0().into())
}

fn rising(mut dates: Vec<NaiveDate>) -> Vec<NaiveDate> {
    dates.sort_unstable();
    dates.dedup();
    dates
}
