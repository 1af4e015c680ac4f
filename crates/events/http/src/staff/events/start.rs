//! Parses the start of an event.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, de::Error};
use std::borrow::Cow;
use tryzore_events::Start;
use tryzore_kernel::iso::{FromIso, IsoError};

/// `2026-03-30T18:30:00` in local time of the location, or an instant with its offset.
#[derive(Debug, Clone, Copy)]
pub(super) enum StartText {
    At(DateTime<Utc>),
    Local(NaiveDateTime),
}

const EXPECTED: &str = "expected a local time such as 2026-03-30T18:30:00, or one with its offset such as \
                        2026-03-30T18:30:00+02:00";

impl<'de> Deserialize<'de> for StartText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let local = NaiveDateTime::from_iso(&text).map(Self::Local);
        let read = local.or_else(|local| match (DateTime::from_iso(&text), local) {
            (Ok(at), _) => Ok(Self::At(at)),
            (Err(IsoError::Year), _) | (_, IsoError::Year) => Err(IsoError::Year.to_string()),
            _ => Err(EXPECTED.to_owned()),
        });
        read.map_err(D::Error::custom)
    }
}

impl From<StartText> for Start {
    fn from(text: StartText) -> Self {
        match text {
            StartText::At(at) => Self::At(at),
            StartText::Local(at) => Self::Local { at, zone: None },
        }
    }
}
