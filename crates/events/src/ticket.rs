//! A booking as a file for the client's own calendar (EVT-15, "add to calendar").
//!
//! The file is an iCalendar object with one VEVENT (RFC 5545), published and not an invitation, so the
//! calendar asks nobody to answer. Its UID is the booking, and its SEQUENCE the version of the event,
//! so that importing the file again moves the entry or cancels it, and makes no second one.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};
use tryzore_kernel::BookingId;

/// A booking as a file for the client's own calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The booking.
    pub booking: BookingId,
    /// The name of the event.
    pub name: String,
    /// The room, location and address, as far as they are known.
    pub place: String,
    /// The start of the event.
    pub starts_at: DateTime<Utc>,
    /// The end of the event.
    pub ends_at: DateTime<Utc>,
    /// Whether the booking holds a spot and the event takes place.
    pub is_held: bool,
    /// The version of the event: higher is newer.
    pub version: u32,
}

impl Ticket {
    /// The file, written at `now`. Times are in UTC: the calendar shows them in the zone of its user.
    #[must_use]
    pub fn to_ical(&self, now: DateTime<Utc>) -> String {
        let status = if self.is_held { EventStatus::Confirmed } else { EventStatus::Cancelled };
        let mut entry = Event::new();
        entry
            .uid(&format!("{}@tryzore", self.booking))
            .timestamp(now)
            .sequence(self.version)
            .summary(&self.name)
            .location(&self.place)
            .starts(self.starts_at)
            .ends(self.ends_at)
            .status(status);
        let mut calendar = Calendar::empty();
        for property in [("VERSION", "2.0"), ("PRODID", "-//TryZore//Schedule//EN"), ("METHOD", "PUBLISH")] {
            calendar.append_property(property);
        }
        calendar.push(entry.done()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{EntryStatus, Once, Timing, read};
    use chrono_tz::UTC;

    fn ticket() -> Ticket {
        let starts_at = "2026-03-29T00:30:00Z".parse().unwrap();
        Ticket {
            booking: BookingId::generate(starts_at),
            name: "Yoga, slow; \"for all\"\nBEGIN:VALARM".into(),
            place: "Room 1, Main, Via Roma 1".into(),
            starts_at,
            ends_at: "2026-03-29T02:00:00Z".parse().unwrap(),
            is_held: true,
            version: 3,
        }
    }

    #[test]
    fn evt_15_a_ticket_reads_back_as_the_same_single_entry() {
        let ticket = ticket();
        let file = ticket.to_ical("2026-03-02T11:00:00Z".parse().unwrap());
        assert!(file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{file}");
        assert!(
            file.contains("DTSTAMP:20260302T110000Z\r\n") && file.contains("METHOD:PUBLISH\r\n"),
            "{file}"
        );
        assert!(file.lines().all(|line| line.len() <= 75), "folded");
        let read = read(file.as_bytes(), UTC).unwrap();
        let [entry] = read.entries.as_slice() else { panic!("{read:?}") };
        assert_eq!(entry.key.uid, format!("{}@tryzore", ticket.booking));
        assert_eq!((entry.sequence, entry.status), (3, EntryStatus::Scheduled));
        assert_eq!(entry.details.title, ticket.name, "a name is a name, whatever is in it");
        assert_eq!(entry.details.location.as_deref(), Some(&*ticket.place));
        let once = Once { zone: UTC, starts_at: ticket.starts_at, duration_minutes: 90 };
        assert_eq!(entry.timing, Timing::Once(once), "across the change of the clock");
    }

    #[test]
    fn evt_15_the_ticket_of_a_canceled_booking_is_canceled() {
        let gone = Ticket { is_held: false, ..ticket() };
        let read = read(gone.to_ical(gone.starts_at).as_bytes(), UTC).unwrap();
        assert_eq!(read.entries[0].status, EntryStatus::Canceled);
    }
}
