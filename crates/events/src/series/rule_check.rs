//! The validity of a rule: each part within its range, and the parts together.
//!
//! A rule that can have no date is refused here, as far as its parts show it; what is left (a second
//! Monday out of the fifth and the last) is found when a schedule looks for its first date.

use super::{
    Schedule,
    rule::{End, Frequency, OUT_OF_RANGE, Recurrence, RuleError, RulePart, in_range},
    rule_text::day_code,
};
use chrono::{Datelike, NaiveDate};

impl Recurrence {
    /// Sorts the lists and checks them against the limits and against each other.
    pub(super) fn checked(mut self) -> Result<Self, RuleError> {
        self.sort();
        self.check_ranges()?;
        self.check_parts()?;
        if !self.has_some_day() {
            return Err(RuleError::new(RulePart::MonthDays, "none of these months has such a day"));
        }
        self.check_positions()?;
        // The only date of a period is its first and its last.
        if self.most_days() == 1 {
            self.by_set_pos.clear();
        }
        Ok(self)
    }

    fn sort(&mut self) {
        self.by_day.sort_by_key(|day| (day.weekday.num_days_from_monday(), day.nth));
        self.by_day.dedup();
        sort(&mut self.by_month_day);
        sort(&mut self.by_year_day);
        sort(&mut self.by_week);
        sort(&mut self.by_month);
        sort(&mut self.by_set_pos);
    }

    /// Checks each part by itself.
    fn check_ranges(&self) -> Result<(), RuleError> {
        use RulePart::{Count, Interval, MonthDays, Months, Positions, Until, Weeks, YearDays};
        if !(1..=Self::MAX_INTERVAL).contains(&self.interval) {
            return refuse(Interval, format!("expected 1 to {}", Self::MAX_INTERVAL));
        }
        match self.end {
            End::Count(count) if !(1..=Self::MAX_COUNT).contains(&count) => {
                return refuse(Count, format!("expected 1 to {}", Self::MAX_COUNT));
            }
            End::Until(date) if !in_range(date) => return refuse(Until, OUT_OF_RANGE),
            _ => {}
        }
        if self.by_month.iter().any(|month| !(1..=12).contains(month)) {
            return refuse(Months, "expected 1 to 12");
        }
        if self.by_month_day.iter().any(|day| *day == 0 || !(-31..=31).contains(day)) {
            return refuse(MonthDays, "expected 1 to 31, or -1 to -31 from the end of the month");
        }
        if self.by_year_day.iter().any(|day| *day == 0 || !(-366..=366).contains(day)) {
            return refuse(YearDays, "expected 1 to 366, or -1 to -366 from the end of the year");
        }
        if self.by_week.iter().any(|week| *week == 0 || !(-53..=53).contains(week)) {
            return refuse(Weeks, "expected 1 to 53, or -1 to -53 from the end of the year");
        }
        if self.by_set_pos.iter().any(|position| *position == 0 || !(-366..=366).contains(position)) {
            return refuse(Positions, "expected 1 to 366, or -1 to -366 from the end");
        }
        Ok(())
    }

    /// Checks which parts go with the frequency, and with each other.
    fn check_parts(&self) -> Result<(), RuleError> {
        use Frequency::{Daily, Weekly, Yearly};
        use RulePart::{MonthDays, Weekdays, Weeks, YearDays};
        let has_nth = self.by_day.iter().any(|day| day.nth.is_some());
        if has_nth && matches!(self.frequency, Daily | Weekly) {
            return refuse(Weekdays, "the nth day of the week needs FREQ=MONTHLY or YEARLY");
        }
        if has_nth && !self.by_week.is_empty() {
            return refuse(Weekdays, "the nth day of the week does not go with BYWEEKNO");
        }
        let is_of_year = self.frequency == Yearly && self.by_month.is_empty();
        let most = if is_of_year { 53 } else { 5 };
        if self.by_day.iter().any(|day| day.nth.is_some_and(|n| n == 0 || n.unsigned_abs() > most)) {
            let of = if is_of_year { "year" } else { "month" };
            let detail = format!("the nth day of a {of} has n from 1 to {most}, or from -1 to -{most}");
            return refuse(Weekdays, detail);
        }
        if self.frequency == Weekly && !self.by_month_day.is_empty() {
            return refuse(MonthDays, "does not go with FREQ=WEEKLY");
        }
        for (is_given, part) in [(!self.by_year_day.is_empty(), YearDays), (!self.by_week.is_empty(), Weeks)]
        {
            if is_given && self.frequency != Yearly {
                return refuse(part, "needs FREQ=YEARLY");
            }
        }
        Ok(())
    }

    /// The reason for which the rule has no date in the first years of a series that starts on `start`.
    pub(super) fn why_no_date(&self, start: NaiveDate) -> String {
        let day = start.weekday();
        let is_named = self.by_day.is_empty() || self.by_day.iter().any(|named| named.weekday == day);
        if self.frequency == Frequency::Daily && self.interval.is_multiple_of(7) && !is_named {
            let (interval, day) = (self.interval, day_code(day));
            return format!(
                "BYDAY: every {interval} days from the start is always {day}, which is not named"
            );
        }
        format!("there is no date on which it falls within {} years", Schedule::MAX_WAIT_YEARS)
    }

    fn check_positions(&self) -> Result<(), RuleError> {
        let most = self.most_days();
        if self.by_set_pos.iter().any(|position| usize::from(position.unsigned_abs()) > most) {
            return refuse(RulePart::Positions, "there are never so many days to choose from");
        }
        Ok(())
    }

    /// Whether one of the days of the month is in one of the months, in a leap year at least.
    fn has_some_day(&self) -> bool {
        const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let named = |month: u8| self.by_month.is_empty() || self.by_month.contains(&month);
        let longest = (1_u8..).zip(DAYS).filter(|(month, _)| named(*month)).map(|(_, days)| days).max();
        self.by_month_day.is_empty()
            || self.by_month_day.iter().any(|day| longest >= Some(day.unsigned_abs()))
    }

    /// A number of days that one period of the rule never exceeds. A rule that can have no date is refused
    /// by this limit instead of by searching through centuries.
    fn most_days(&self) -> usize {
        // `every` is how often a period has a day of the week, and `nth` how often it has the nth one.
        let weekdays = |every: usize, nth: usize| {
            self.by_day.iter().map(|day| if day.nth.is_some() { nth } else { every }).sum::<usize>()
        };
        let months = if self.by_month.is_empty() { 12 } else { self.by_month.len() };
        let is_of_year = self.by_month.is_empty();
        let named = match self.frequency {
            Frequency::Daily => [1, 0, 0, 0],
            Frequency::Weekly => [self.by_day.len(), 0, 0, 0],
            Frequency::Monthly => [weekdays(5, 1), self.by_month_day.len(), 0, 0],
            Frequency::Yearly => [
                if is_of_year { weekdays(53, 1) } else { weekdays(5, 1) * months },
                self.by_month_day.len() * months,
                self.by_year_day.len(),
                // The days before the first week and after the last one are in weeks of other years.
                if self.by_week.is_empty() { 0 } else { (self.by_week.len() + 1) * self.by_day.len().max(1) },
            ],
        };
        // A rule that names no days has the day of its start, in each of its months.
        let unnamed = if self.frequency == Frequency::Yearly { self.by_month.len().max(1) } else { 1 };
        named.into_iter().filter(|days| *days > 0).min().unwrap_or(unnamed)
    }
}

fn refuse(part: RulePart, detail: impl Into<String>) -> Result<(), RuleError> {
    Err(RuleError::new(part, detail))
}

fn sort<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}
