//! The queue of deliveries from providers (WHK-01), in the table `webhooks.deliveries`, and the numbers of the
//! platform.
//!
//! - `cursors`: what was read of the events of a provider, for the worker.
//! - `inbox`: storing deliveries, for the receiver.
//! - `deliveries`: reading and marking deliveries, for the worker.
//! - [`mod@process`]: the job that processes a delivery.
//! - [`views`]: the list of deliveries, and replays, for operators.
//! - [`overview`]: the numbers of the whole platform, for operators.
//!
//! Each part has only the privileges that it needs: the receiver may insert, the worker may mark a delivery
//! but not change what was received, operators may read, and the APIs have no other privileges.

mod cursors;
mod deliveries;
mod inbox;
pub mod overview;
pub mod process;
pub mod views;

pub use overview::{PlatformOverview, TenantCounts};
pub use process::{PROCESS, process};
pub use views::{DeliveryFilter, DeliveryResult, DeliveryStatus, DeliveryView, OpenedDelivery, SentView};

use tryzore_kernel::WebhookId;
use tryzore_platform::Processing;
use tryzore_postgres::runtime::NewJob;

tryzore_postgres::store! {
    /// The queue of deliveries from providers, on a transaction.
    pub struct PlatformStore;
    /// Gives a transaction the ports of the platform crate.
    pub trait Platform { fn platform }
}

// The first processing and a replay have different keys: a replay need not wait for a retry of the first
// processing, and two waiting replays are one job.
fn job(delivery: WebhookId, is_replay: bool) -> NewJob {
    let key = if is_replay { "webhooks.replay" } else { PROCESS };
    NewJob::new(PROCESS, &Processing { delivery, is_replay }).dedupe(format!("{key}:{delivery}"))
}
