//! The languages, and the format of times in each language.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A language of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English; also the fallback for languages without templates.
    #[default]
    En,
    /// Italian.
    It,
}

impl Locale {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::It];

    /// The language for a BCP 47 tag such as `it` or `it-CH`; English for languages without templates.
    #[must_use]
    pub fn choose(tag: Option<&str>) -> Self {
        let language = tag.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|it| it.tag().eq_ignore_ascii_case(language)).unwrap_or_default()
    }

    /// The BCP 47 tag of the language.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::It => "it",
        }
    }

    /// The text of a moment in the time zone `zone`: `Monday 2 March 2026, 18:30`.
    #[must_use]
    pub fn moment(self, at: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        let (weekdays, months) = match self {
            Self::En => (EN_WEEKDAYS, EN_MONTHS),
            Self::It => (IT_WEEKDAYS, IT_MONTHS),
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
    fn english_is_the_fallback_for_other_languages() {
        for (tag, locale) in [
            (Some("it"), Locale::It),
            (Some("it-CH"), Locale::It),
            (Some("IT_it"), Locale::It),
            (Some("ita"), Locale::En),
            (Some("fr"), Locale::En),
            (Some(""), Locale::En),
            (None, Locale::En),
        ] {
            assert_eq!(Locale::choose(tag), locale, "{tag:?}");
        }
    }

    #[test]
    fn a_time_is_shown_in_the_zone_of_the_location() {
        let at = "2026-03-02T23:30:00Z".parse().unwrap();
        assert_eq!(Locale::En.moment(at, Tz::America__New_York), "Monday 2 March 2026, 18:30");
        assert_eq!(Locale::It.moment(at, Tz::Europe__Rome), "martedì 3 marzo 2026, 00:30");
    }
}
