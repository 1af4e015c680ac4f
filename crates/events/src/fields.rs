//! The fields of an event as people enter them. Every field is checked, and the error names each
//! invalid one.

use crate::{BookingRules, EventKind, Spots, Template, series::resolve_local};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use tryzore_kernel::{FieldError, FieldErrors, FormCheck, TemplateId, UseCaseError, UserId, form};

/// The start of an event as the caller gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// An instant.
    At(DateTime<Utc>),
    /// A local time in `zone`, or in the zone of the location when `zone` is none.
    Local {
        /// The local date and time.
        at: NaiveDateTime,
        /// The zone of that local time.
        zone: Option<Tz>,
    },
}

impl Start {
    /// The instant, to the microsecond.
    ///
    /// # Errors
    /// An error for `/start` when the local time does not exist or exists twice.
    pub fn resolve(self, rules: &BookingRules) -> Result<DateTime<Utc>, FieldError> {
        match self {
            Self::At(at) => Ok(at.trunc_subsecs(6)),
            Self::Local { at, zone } => resolve_local(zone.unwrap_or(rules.zone), at)
                .map_err(|error| FieldError { pointer: "/start".into(), detail: error.to_string() }),
        }
    }
}

/// What is offered: the fields that an event, a series and an edit have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The name, 1 to 255 characters.
    pub name: String,
    /// The staff member who leads the event.
    pub staff: Option<UserId>,
    /// The duration, 5 to 1,440 minutes.
    pub duration_minutes: u16,
    /// The number of spots, 1 to [`Spots::MAX`].
    pub spots_total: u32,
    /// The room or the meeting point; at most 255 characters, may be empty.
    pub location: String,
    /// Whether clients of other locations may book.
    pub takes_visitors: bool,
}

/// The allowed duration of an event in minutes: five minutes to a day.
pub const MINUTES: std::ops::RangeInclusive<u16> = 5..=1_440;

impl Offer {
    /// The same offer with its texts trimmed, if every field is valid.
    ///
    /// # Errors
    /// Each invalid field.
    pub fn checked(self) -> Result<Self, FieldErrors> {
        let mut check = FormCheck::default();
        let name = check.take("/name", form::line(&self.name, 1, 255));
        let location = check.take("/location", form::line(&self.location, 0, 255));
        check.take("/duration_minutes", minutes(self.duration_minutes));
        check.take("/spots_total", spots(self.spots_total));
        let texts = name.zip(location);
        check.finish(texts.map(|(name, location)| Self { name, location, ..self }))
    }

    /// The duration.
    #[must_use]
    pub fn duration(&self) -> chrono::Duration {
        chrono::Duration::minutes(self.duration_minutes.into())
    }
}

/// What is to be offered; fields that are none take the value of the template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOffer {
    /// The template.
    pub template: Option<TemplateId>,
    /// The kind; with a template, it must be the kind of the template.
    pub kind: Option<EventKind>,
    /// The name.
    pub name: Option<String>,
    /// The staff member who leads the event.
    pub staff: Option<UserId>,
    /// The duration, in minutes.
    pub duration_minutes: Option<u16>,
    /// The number of spots.
    pub spots_total: Option<u32>,
    /// The room or the meeting point.
    pub location: Option<String>,
    /// Whether clients of other locations may book; none means yes.
    pub takes_visitors: Option<bool>,
}

impl NewOffer {
    /// The offer, with missing fields taken from `template`.
    ///
    /// # Errors
    /// Each field that is missing or invalid.
    pub fn complete(self, template: Option<&Template>) -> Result<(EventKind, Offer), FieldErrors> {
        let mut check = FormCheck::default();
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
                check.add(pointer, "needed when there is no template");
            }
        }
        if let (Some(kind), Some(template)) = (kind, template)
            && kind != template.kind
        {
            check.add("/kind", "the template is of another kind");
        }
        let given = (|| Some((kind?, name?, minutes?, spots?)))();
        let (kind, name, duration_minutes, spots_total) = check.finish(given)?;
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

/// A trimmed reason of 1 to 500 characters.
pub(crate) fn reason(text: &str, pointer: &str) -> Result<String, UseCaseError> {
    form::text(text, 1, 500).map_err(|detail| UseCaseError::invalid(pointer, detail))
}

/// Checks the duration of an event.
pub(crate) fn minutes(minutes: u16) -> Result<u16, String> {
    form::within(minutes, *MINUTES.start(), *MINUTES.end())
}

/// Checks the number of spots of an event.
pub(crate) fn spots(spots: u32) -> Result<u32, String> {
    form::within(spots, 1, Spots::MAX)
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
        offer.checked().err().into_iter().flat_map(FieldErrors::into_vec).map(|error| error.pointer).collect()
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
    fn an_event_without_a_template_needs_every_field() {
        let errors = NewOffer::default().complete(None).unwrap_err();
        assert_eq!(errors.pointers(), ["/kind", "/name", "/duration_minutes", "/spots_total"]);
    }

    #[test]
    fn a_reason_has_1_to_500_characters() {
        assert_eq!(reason(" ill ", "/reason"), Ok("ill".into()));
        assert!(reason(" ", "/reason").is_err());
        assert!(reason(&"x".repeat(500), "/reason").is_ok() && reason(&"x".repeat(501), "/reason").is_err());
    }
}
