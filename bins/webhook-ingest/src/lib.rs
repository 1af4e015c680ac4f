//! The receiver of webhooks: deliveries of providers are verified, stored, and answered at once (WHK-01).
//!
//! - [`provider`]: the table of providers. [`workos`]: how WorkOS signs.
//! - [`receive`]: the one operation. [`senders`]: the configured providers and their secrets.
//! - [`settings`]: the configuration. [`program`]: the process.
//!
//! **Invariants:** nothing is parsed before its signature was verified over the received bytes; a verified
//! delivery is stored before it is answered, whether or not it can be parsed; the login of this service can
//! add deliveries and jobs, and read nothing.

pub mod program;
pub mod provider;
pub mod receive;
pub mod senders;
pub mod settings;
pub mod workos;

pub use provider::{PROVIDERS, Provider};
pub use senders::Senders;
pub use settings::{Settings, WebhookSettings};

use utoipa_actix_web::service_config::ServiceConfig;

/// The title of the contract.
pub const TITLE: &str = "TryZore webhooks";
/// The description of the contract.
pub const DESCRIPTION: &str = "Deliveries of providers: verified, stored, and answered at once.";

/// All operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.service(receive::receive);
}
