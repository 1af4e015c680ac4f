//! The receiver of webhooks: what providers send is verified, kept, and answered at once (WHK-01).
//!
//! - [`provider`]: the providers, a line each. [`workos`]: how WorkOS signs.
//! - [`receive`]: the one operation. [`senders`]: the secrets of the providers that we listen to.
//! - [`settings`]: what it is told. [`program`]: the process.
//!
//! **Invariants:** nothing is read before its signature was verified over the bytes as they came;
//! what was verified is kept before it is answered, whether or not anybody can read it; the login of
//! this service can add deliveries and jobs, and read nothing.

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

/// What the contract says about this service.
pub const TITLE: &str = "TryZore webhooks";
/// What it is for.
pub const DESCRIPTION: &str = "What providers send us: verified, kept, and answered at once.";

/// All operations of this service.
pub fn routes(config: &mut ServiceConfig) {
    config.service(receive::receive);
}
