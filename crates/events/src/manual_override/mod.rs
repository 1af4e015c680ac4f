//! Manual overrides of bookings and fees (SUP-09): the rules of [`crate::booking_context`], [`crate::attendance`] and
//! of fees are set aside by hand.
//!
//! - [`correction`]: what can be corrected, and what it would change. It decides without I/O.
//! - [`mod@apply`]: makes the correction. [`mod@revert`]: takes it back.
//!
//! What stays true whoever asks: a client holds at most one spot of an event; an event has at most as many bookings as
//! spots, so a full one gets one spot more; nobody books an event that is over or was called off; an archived client
//! and a client who may not visit the location book nothing. A refusal is recorded by the caller.

pub mod apply;
pub mod correction;
pub mod revert;

pub use apply::{apply, preview};
pub use correction::{BookingCorrection, Corrected, Correction, FeeCorrection, Mark};
pub use revert::{Undo, revert};
