//! The text of a moment in each language.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use tryzore_kernel::Locale;

/// The text of a moment in the time zone `zone`, in the language `locale`: `Monday 2 March 2026, 18:30`.
#[must_use]
pub fn moment(locale: Locale, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let (weekdays, months) = match locale {
        Locale::En => (EN_WEEKDAYS, EN_MONTHS),
        Locale::It => (IT_WEEKDAYS, IT_MONTHS),
    };
    format!(
        "{} {} {} {}, {:02}:{:02}",
        weekdays[local.weekday().num_days_from_monday() as usize],
        local.day(),
        months[local.month0() as usize],
        local.year(),
        local.hour(),
        local.minute(),
    )
}

const EN_WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const IT_WEEKDAYS: [&str; 7] = ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"];
const IT_MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_the_zone_of_the_location() {
        let at = "2026-03-02T23:30:00Z".parse().unwrap();
        assert_eq!(moment(Locale::En, at, Tz::America__New_York), "Monday 2 March 2026, 18:30");
        assert_eq!(moment(Locale::It, at, Tz::Europe__Rome), "martedì 3 marzo 2026, 00:30");
    }
}
