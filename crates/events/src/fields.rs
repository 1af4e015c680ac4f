//! What an event is made of, as people give it: checked field by field, each that does not hold is
//! named.

use crate::{BookingRules, EventKind, EventsError, Spots, Template, series::resolve_local};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use tryzore_kernel::{FieldError, TemplateId, UserId};

/// When an event starts, as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// This instant.
    At(DateTime<Utc>),
    /// When the clocks of `zone`, or else of the location, show this.
    Local {
        /// Date and time on the wall.
        at: NaiveDateTime,
        /// Whose wall.
        zone: Option<Tz>,
    },
}

impl Start {
    /// The instant, to the microsecond.
    ///
    /// # Errors
    /// `/start` when the clock shows that time never or twice.
    pub fn resolve(self, rules: &BookingRules) -> Result<DateTime<Utc>, FieldError> {
        match self {
            Self::At(at) => Ok(at.trunc_subsecs(6)),
            Self::Local { at, zone } => resolve_local(zone.unwrap_or(rules.zone), at)
                .map_err(|error| FieldError { pointer: "/start".into(), detail: error.to_string() }),
        }
    }
}

/// What is offered: what an event, a series and an edit have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it is called, 1 to 255 characters.
    pub name: String,
    /// Who leads it.
    pub staff: Option<UserId>,
    /// How long it lasts, 5 to 1,440 minutes.
    pub duration_minutes: u16,
    /// How many can come, 1 to [`Spots::MAX`].
    pub spots_total: u32,
    /// In which room, or where to meet; at most 255 characters, may be empty.
    pub location: String,
    /// Whether it takes clients of other locations.
    pub takes_visitors: bool,
}

/// How long an event may last, in minutes: five minutes to a day.
pub const MINUTES: std::ops::RangeInclusive<u16> = 5..=1_440;

impl Offer {
    /// The same with its texts trimmed, if everything holds.
    ///
    /// # Errors
    /// Each field that does not.
    pub fn checked(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let offer = Self { name: self.name.trim().into(), location: self.location.trim().into(), ..self };
        check_text(&mut errors, "/name", &offer.name, 1..=255);
        check_text(&mut errors, "/location", &offer.location, 0..=255);
        check_minutes(&mut errors, offer.duration_minutes);
        check_spots(&mut errors, "/spots_total", offer.spots_total);
        if errors.is_empty() { Ok(offer) } else { Err(errors) }
    }

    /// How long it lasts.
    #[must_use]
    pub fn duration(&self) -> chrono::Duration {
        chrono::Duration::minutes(self.duration_minutes.into())
    }
}

/// What is to be offered; what is not said is the template's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOffer {
    /// What it is made from.
    pub template: Option<TemplateId>,
    /// What kind; with a template, the template's.
    pub kind: Option<EventKind>,
    /// What it is called.
    pub name: Option<String>,
    /// Who leads it.
    pub staff: Option<UserId>,
    /// How long it lasts, in minutes.
    pub duration_minutes: Option<u16>,
    /// How many can come.
    pub spots_total: Option<u32>,
    /// In which room, or where to meet.
    pub location: Option<String>,
    /// Whether it takes clients of other locations; it does, when not said.
    pub takes_visitors: Option<bool>,
}

impl NewOffer {
    /// The offer, with what is missing from `template`.
    ///
    /// # Errors
    /// Each field that is missing or does not hold.
    pub fn complete(self, template: Option<&Template>) -> Result<(EventKind, Offer), Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut missing = |pointer: &str| {
            let detail = "needed when there is no template".to_owned();
            errors.push(FieldError { pointer: pointer.into(), detail });
        };
        let kind = self.kind.or(template.map(|t| t.kind));
        let name = self.name.or(template.map(|t| t.fields.name.clone()));
        let minutes = self.duration_minutes.or(template.map(|t| t.fields.duration_minutes));
        let spots = self.spots_total.or(template.map(|t| t.fields.default_spots));
        for (pointer, is_missing) in [
            ("/kind", kind.is_none()),
            ("/name", name.is_none()),
            ("/duration_minutes", minutes.is_none()),
            ("/spots_total", spots.is_none()),
        ] {
            if is_missing {
                missing(pointer);
            }
        }
        if let (Some(kind), Some(template)) = (kind, template)
            && kind != template.kind
        {
            let detail = "the template is of another kind".to_owned();
            errors.push(FieldError { pointer: "/kind".into(), detail });
        }
        let (Some(kind), Some(name), Some(duration_minutes), Some(spots_total), true) =
            (kind, name, minutes, spots, errors.is_empty())
        else {
            return Err(errors);
        };
        let offer = Offer {
            name,
            staff: self.staff,
            duration_minutes,
            spots_total,
            location: self.location.unwrap_or_default(),
            takes_visitors: self.takes_visitors.unwrap_or(true),
        };
        Ok((kind, offer.checked()?))
    }
}

/// A reason that someone gave: 1 to 500 characters.
pub(crate) fn reason(text: &str, pointer: &str) -> Result<String, EventsError> {
    let mut errors = Vec::new();
    let text = text.trim();
    check_text(&mut errors, pointer, text, 1..=500);
    if errors.is_empty() { Ok(text.to_owned()) } else { Err(EventsError::Invalid(errors)) }
}

pub(crate) fn check_text(
    errors: &mut Vec<FieldError>,
    pointer: &str,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
) {
    if !length.contains(&text.chars().count()) {
        let detail = format!("expected {} to {} characters", length.start(), length.end());
        errors.push(FieldError { pointer: pointer.into(), detail });
    } else if text.contains('\0') {
        errors
            .push(FieldError { pointer: pointer.into(), detail: "holds a character that is no text".into() });
    }
}

pub(crate) fn check_minutes(errors: &mut Vec<FieldError>, minutes: u16) {
    if !MINUTES.contains(&minutes) {
        let detail = format!("expected {} to {}", MINUTES.start(), MINUTES.end());
        errors.push(FieldError { pointer: "/duration_minutes".into(), detail });
    }
}

pub(crate) fn check_spots(errors: &mut Vec<FieldError>, pointer: &str, spots: u32) {
    if !(1..=Spots::MAX).contains(&spots) {
        errors.push(FieldError { pointer: pointer.into(), detail: format!("expected 1 to {}", Spots::MAX) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(duration_minutes: u16, spots_total: u32) -> Offer {
        let name = " Yoga ".to_owned();
        Offer {
            name,
            staff: None,
            duration_minutes,
            spots_total,
            location: String::new(),
            takes_visitors: true,
        }
    }

    fn wrong(offer: Offer) -> Vec<String> {
        offer.checked().err().into_iter().flatten().map(|error| error.pointer).collect()
    }

    #[test]
    fn evt_01_lasts_from_five_minutes_to_a_day_and_takes_one_to_ten_thousand() {
        for right in [offer(5, 1), offer(1_440, 10_000)] {
            assert_eq!(right.checked().unwrap().name, "Yoga");
        }
        assert_eq!(wrong(offer(4, 1)), ["/duration_minutes"]);
        assert_eq!(wrong(offer(1_441, 10_000)), ["/duration_minutes"]);
        assert_eq!(wrong(offer(5, 0)), ["/spots_total"]);
        assert_eq!(wrong(offer(5, 10_001)), ["/spots_total"]);
        assert_eq!(
            wrong(Offer { name: "  ".into(), ..offer(0, 0) }),
            ["/name", "/duration_minutes", "/spots_total"]
        );
        assert_eq!(wrong(Offer { name: "x".repeat(256), ..offer(5, 1) }), ["/name"]);
    }

    #[test]
    fn a_bare_event_says_everything_itself() {
        let errors = NewOffer::default().complete(None).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/kind", "/name", "/duration_minutes", "/spots_total"]);
    }

    #[test]
    fn a_reason_is_something() {
        assert_eq!(reason(" ill ", "/reason"), Ok("ill".into()));
        assert!(reason(" ", "/reason").is_err());
        assert!(reason(&"x".repeat(500), "/reason").is_ok() && reason(&"x".repeat(501), "/reason").is_err());
    }
}
