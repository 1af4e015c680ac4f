//! The queue of what providers send (WHK-01), on the table `webhooks.deliveries`.
//!
//! - `inbox`: adding, for whoever receives.
//! - `deliveries`: reading and marking, for the worker.
//! - [`mod@process`]: the work itself.
//! - [`views`]: the list, and replaying, for operators.
//!
//! Each group has the privileges that its part needs and no more: who receives may add, the worker
//! may mark but not change what was sent, operators may read, the APIs otherwise nothing.

mod deliveries;
mod inbox;
pub mod process;
pub mod views;

pub use process::{PROCESS, process};
pub use views::{DeliveryFilter, DeliveryState, DeliveryView, OpenedDelivery, SentView};

use crate::runtime::NewJob;
use tryzore_kernel::WebhookId;
use tryzore_platform::Processing;

// The first processing and a replay have keys of their own: a replay need not wait until the first
// is tried again, and two replays that wait are one.
fn job(delivery: WebhookId, is_replay: bool) -> NewJob {
    let key = if is_replay { "webhooks.replay" } else { PROCESS };
    NewJob::new(PROCESS, &Processing { delivery, is_replay }).dedupe(format!("{key}:{delivery}"))
}
