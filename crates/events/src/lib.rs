//! Classes, tours and appointments: what is on, who has a spot, who waits, who came.
//!
//! - [`event`]: what takes place, where, when, with how many spots.
//! - [`booking`]: a client's spot and what becomes of it.
//! - [`desk`]: everything that decides a booking, read under the event's lock; it admits or
//!   refuses.
//! - [`visit`]: who may book at a location that is not the client's home.
//! - [`series`]: events that repeat and keep their local wall-clock time.
//! - [`calendar`]: what other systems export as iCalendar.
//! - Use cases, one file each: [`mod@book`].
//! - [`ports`]: what a store must do. [`domain_event`]: what others hear. [`error`]: how a use
//!   case fails. [`permission`]: what it asks for.
//!
//! **Invariants:** an event never has more bookings that hold a spot than spots; a client holds at
//! most one spot of an event; whoever frees a spot leaves it to the first in line who may have it.

pub mod book;
pub mod booking;
pub mod desk;
pub mod domain_event;
pub mod error;
pub mod event;
pub mod permission;
pub mod ports;
pub mod visit;

pub use book::book;
pub use booking::{Booking, BookingState};
pub use desk::{Desk, Standing};
pub use domain_event::DomainEvent;
pub use error::BookError;
pub use event::{Event, EventKind, EventState, House, Spots};
pub use ports::Desks;
pub use visit::Visit;
