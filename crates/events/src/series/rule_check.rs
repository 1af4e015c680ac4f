//! The validity of a rule: each part within its range, and the parts together.
//!
//! A rule that can have no date is refused here, as far as its parts show it; what is left (a second
//! Monday out of the fifth and the last) is found when a schedule looks for its first date.

use super::rule::{End, Frequency, OUT_OF_RANGE, Recurrence, RuleError, RulePart, in_range};

impl Recurrence {
    /// Sorts the lists and checks them against the limits and against each other.
    pub(super) fn checked(mut self) -> Result<Self, RuleError> {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        use RulePart::{Count, Interval, MonthDays, Months, Positions, Until, Weekdays};
        let refuse = |part, detail: &str| Err(RuleError::new(part, detail));
        self.by_day.sort_by_key(|day| (day.weekday.num_days_from_monday(), day.nth));
        self.by_day.dedup();
        for list in [&mut self.by_month_day, &mut self.by_set_pos] {
            list.sort_unstable();
            list.dedup();
        }
        self.by_month.sort_unstable();
        self.by_month.dedup();

        if !(1..=Self::MAX_INTERVAL).contains(&self.interval) {
            return refuse(Interval, &format!("expected 1 to {}", Self::MAX_INTERVAL));
        }
        match self.end {
            End::Count(count) if !(1..=Self::MAX_COUNT).contains(&count) => {
                return refuse(Count, &format!("expected 1 to {}", Self::MAX_COUNT));
            }
            End::Until(date) if !in_range(date) => return refuse(Until, OUT_OF_RANGE),
            _ => {}
        }
        if self.by_day.iter().any(|day| day.nth.is_some_and(|n| n == 0 || !(-5..=5).contains(&n))) {
            return refuse(Weekdays, "the nth day of a month has n from 1 to 5, or from -1 to -5");
        }
        if matches!(self.frequency, Daily | Weekly) && self.by_day.iter().any(|day| day.nth.is_some()) {
            return refuse(Weekdays, "the nth day of the week needs FREQ=MONTHLY, or YEARLY with BYMONTH");
        }
        if self.frequency == Yearly && !self.by_day.is_empty() && self.by_month.is_empty() {
            return refuse(Weekdays, "in a YEARLY rule it needs BYMONTH");
        }
        if self.by_day.iter().any(|day| day.nth.is_some()) && !self.by_month_day.is_empty() {
            return refuse(Weekdays, "the nth day of the week does not go with BYMONTHDAY");
        }
        if self.frequency == Daily && self.interval.is_multiple_of(7) && !self.by_day.is_empty() {
            return refuse(Weekdays, "with whole weeks between, use FREQ=WEEKLY");
        }
        if self.by_month.iter().any(|month| !(1..=12).contains(month)) {
            return refuse(Months, "expected 1 to 12");
        }
        if self.by_month_day.iter().any(|day| *day == 0 || !(-31..=31).contains(day)) {
            return refuse(MonthDays, "expected 1 to 31, or -1 to -31 from the end of the month");
        }
        if self.frequency == Weekly && !self.by_month_day.is_empty() {
            return refuse(MonthDays, "does not go with FREQ=WEEKLY");
        }
        if !self.has_some_day() {
            return refuse(MonthDays, "none of these months has such a day");
        }
        if !self.by_set_pos.is_empty() && !matches!(self.frequency, Monthly | Yearly) {
            return refuse(Positions, "needs FREQ=MONTHLY or YEARLY");
        }
        if !self.by_set_pos.is_empty() && self.by_day.is_empty() && self.by_month_day.is_empty() {
            return refuse(Positions, "needs BYDAY or BYMONTHDAY to choose from");
        }
        if self.by_set_pos.iter().any(|position| *position == 0 || !(-31..=31).contains(position)) {
            return refuse(Positions, "expected 1 to 31, or -1 to -31 from the end");
        }
        if self.by_set_pos.iter().any(|position| usize::from(position.unsigned_abs()) > self.most_days()) {
            return refuse(Positions, "there are never so many days to choose from");
        }
        Ok(self)
    }

    /// Whether one of the days of the month is in one of the months, in a leap year at least.
    fn has_some_day(&self) -> bool {
        const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let named = |month: u8| self.by_month.is_empty() || self.by_month.contains(&month);
        let longest = (1_u8..).zip(DAYS).filter(|(month, _)| named(*month)).map(|(_, days)| days).max();
        self.by_month_day.is_empty()
            || self.by_month_day.iter().any(|day| longest >= Some(day.unsigned_abs()))
    }

    /// The highest number of days that BYDAY and BYMONTHDAY name together in any month or year. A rule
    /// that can have no date is refused by this limit instead of by searching through centuries.
    fn most_days(&self) -> usize {
        let by_day = self.by_day.iter().map(|day| if day.nth.is_some() { 1 } else { 5 }).sum();
        let by_month_day = self.by_month_day.len();
        let in_month = match (by_day, by_month_day) {
            (days, 0) | (0, days) => days,
            (by_day, by_month_day) => by_day.min(by_month_day),
        };
        let months = match (self.frequency, self.by_month.len()) {
            (Frequency::Yearly, 0) => 12,
            (Frequency::Yearly, months) => months,
            _ => 1,
        };
        in_month * months
    }
}
