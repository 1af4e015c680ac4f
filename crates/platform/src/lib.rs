//! The platform's own work: the queue of deliveries from providers (WHK-01).
//!
//! - [`catch_up`]: follows what no webhook has reported.
//! - [`delivery`]: a delivery, and its state.
//! - [`mod@receive`]: stores a verified delivery once, as it was received.
//! - [`mod@process`]: processes a delivery, in the transaction that marks it as processed.
//! - [`mod@replay`]: has a delivery processed again, at the request of an operator.
//! - [`ports`]: what these need from the store.
//!
//! Verifying, storing, reading and processing are four steps. The receiver only verifies and stores, so a
//! provider gets a fast answer whatever its delivery leads to; a delivery that cannot be read today is
//! stored all the same and can be processed later.
//!
//! **Invariants:** deliveries with the same id of a provider are stored once; a delivery is marked as
//! processed in the transaction that has its effect; a processed delivery has its effect again only by a
//! replay; a delivery that was given up has a reason.

pub mod catch_up;
pub mod delivery;
pub mod ports;
pub mod process;
pub mod receive;
pub mod replay;

pub use delivery::{Delivery, State, Verdict};
pub use ports::{Deliveries, Inbox, Replays};
pub use process::{ProcessError, Processing, note_failure, process};
pub use receive::{Arrival, Received, receive};
pub use replay::{ReplayError, replay};
