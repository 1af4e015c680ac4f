//! Classes, tours and appointments: the schedule, bookings, waitlists and attendance.
//!
//! - [`event`]: an event with its [`spots`] and the [`booking_rules`] of its location; [`lifecycle`]: the
//!   transitions between its states.
//! - [`template`]: templates from which events are made; [`fields`]: the fields that people enter.
//! - [`room`]: the rooms of a location, in which no two events overlap.
//! - [`series`]: events that repeat and keep their local wall-clock time; [`plan`]: the events that a
//!   series puts on the schedule.
//! - [`booking`]: a client's booking and its states; [`attendance`]: check-in and no-shows.
//! - [`booking_context`]: everything that decides a booking, read under the event's lock; it admits or
//!   refuses. [`mod@waitlist`]: the clients who wait, in order. [`visit`]: who may book at a location
//!   that is not the client's home.
//! - [`letter`]: the letters that are sent to people.
//! - [`calendar`]: calendars that other systems export as iCalendar. [`ticket`]: a booking as a file for
//!   the client's own calendar.
//! - Use cases, one file each. Clients: [`mod@book`], [`mod@cancel_booking`], [`mod@wait`], [`mod@leave`].
//!   Front desk and leaders: [`mod@check_in`], [`mod@mark_no_show`], [`mod@complete_event`], [`promote`]; for
//!   a client: [`on_behalf`]. Setting these rules aside: [`manual_override`].
//!   Schedule: [`mod@create_event`], [`mod@edit_event`], [`mod@cancel_event`], [`mod@confirm_event`],
//!   [`mod@create_series`], [`mod@edit_series`], [`mod@preview_series`], [`save_template`], [`save_room`],
//!   [`mod@import_calendar`] with [`mod@plan_calendar`]. The worker: [`promote`],
//!   [`mod@complete_event`], [`mod@remind`], [`mod@create_series`].
//! - [`ports`]: what a store must do. [`domain_event`]: the domain events that are published.
//!   [`permission`]: the permissions that use cases require. A use case fails with [`UseCaseError`].
//!
//! **Invariants:** an event never has more bookings that hold a spot than spots; a client holds at most
//! one spot of an event; whatever frees a spot gives it to the first on the waitlist who may have it,
//! in the same transaction.

pub mod attendance;
pub mod book;
pub mod booking;
pub mod booking_context;
pub mod booking_rules;
pub mod calendar;
pub mod cancel_booking;
pub mod cancel_event;
pub mod check_in;
pub mod complete_event;
pub mod confirm_event;
pub mod create_event;
pub mod create_series;
pub mod domain_event;
pub mod edit_event;
pub mod edit_series;
pub mod event;
pub mod fields;
pub mod import_calendar;
pub mod leave;
pub mod letter;
pub mod lifecycle;
pub mod manual_override;
pub mod mark_no_show;
pub mod on_behalf;
pub mod permission;
pub mod plan;
pub mod plan_calendar;
pub mod ports;
pub mod preview_series;
pub mod promote;
pub mod remind;
pub mod room;
pub mod save_room;
pub mod save_template;
pub mod series;
pub mod spots;
pub mod template;
#[cfg(test)]
mod tests;
pub mod ticket;
pub mod visit;
pub mod wait;
pub mod waitlist;

pub use book::book;
pub use booking::{Booking, BookingState};
pub use booking_context::{BookingClient, BookingContext};
pub use booking_rules::BookingRules;
pub use cancel_booking::cancel_booking;
pub use cancel_event::{CalledOff, cancel_event};
pub use check_in::{check_in, walk_in};
pub use complete_event::{complete_due, complete_event};
pub use confirm_event::{confirm_event, start_event};
pub use create_event::{NewEvent, create_event};
pub use create_series::{NewSeries, SeriesDates, create_series, extend_series};
pub use edit_event::{EventEdit, edit_event};
pub use edit_series::{SeriesEdit, edit_series, end_series};
pub use event::{Event, EventKind, EventState, SeriesDate};
pub use fields::{NewOffer, Offer, Start};
pub use import_calendar::{CalendarFacts, NewCalendar, calendar_facts, calendar_zone, import_calendar};
pub use leave::{leave, remove_from_waitlist};
pub use mark_no_show::{excuse, mark_no_show, undo_attendance};
pub use on_behalf::{book_for, cancel_booking_for, wait_for};
pub use plan::{Rule, SeriesPlan};
pub use plan_calendar::{CalendarPlan, CalendarReport, plan_calendar};
pub use ports::{
    BookingWithEvent, Bookings, Calendars, ImportedDate, Rooms, Roster, Rosters, Schedules, SeriesPlans,
    Templates, Waitlists,
};
pub use preview_series::{SeriesPreview, preview_series};
pub use promote::{WaitlistReport, process_waitlist};
pub use remind::remind;
pub use room::{Room, RoomFields, RoomUse};
pub use save_room::{archive_room, create_room, edit_room};
pub use save_template::{NewTemplate, archive_template, create_template, edit_template};
pub use spots::Spots;
pub use template::{Difficulty, Template, TemplateFields};
pub use ticket::Ticket;
pub use tryzore_kernel::{FieldErrors, UseCaseError};
pub use visit::{Visit, Whereabouts};
pub use wait::{Waited, wait};
pub use waitlist::{Rank, Waitlist, WaitlistCandidate, WaitlistEntry};
