//! What the platform runs for itself: the queue of what providers send us (WHK-01).
//!
//! - [`delivery`]: a delivery, and how it stands.
//! - [`mod@receive`]: it was verified; it is kept as it came, once.
//! - [`mod@process`]: it is followed, in the transaction that says so.
//! - [`mod@replay`]: it is followed again, because someone asks.
//! - [`ports`]: what these need from the store.
//!
//! Verifying, keeping, reading and following are four steps. Whoever receives only verifies and
//! keeps, so a provider is answered fast whatever its delivery leads to; what cannot be read today
//! is kept all the same and can be followed tomorrow.
//!
//! **Invariants:** what a provider names once is kept once; a delivery is marked as processed in the
//! transaction that has its effect; what was processed has its effect again only by a replay; one
//! that was given up says why.

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
