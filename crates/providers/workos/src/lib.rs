//! WorkOS as the identity provider.
//!
//! - [`provider`]: implements the port with the official SDK.
//! - [`error`]: translates the errors of WorkOS to ours.
//! - [`events`]: reads its events, as its webhooks report them. [`users`]: reads its users.
//! - [`organizations`]: the organizations of tenants, for single sign-on.
//! - `pending`: reads what WorkOS needs after right credentials.
//! - [`access_token`]: verifies the access tokens that WorkOS signs.
//! - [`transport`]: sends the requests of the SDK with the HTTP client of the product.
//! - [`webhook`]: verifies and reads the webhooks of WorkOS; pure.
//!
//! WorkOS authenticates a person, and a session of our own follows. Of the session at WorkOS we store the
//! id (`sid`), so that ending one session ends the other, and none of its tokens.

pub mod access_token;
pub mod error;
pub mod events;
pub mod organizations;
mod pending;
pub mod provider;
pub mod transport;
pub mod users;
pub mod webhook;

pub use access_token::AccessTokenVerifier;
pub use provider::{ProviderTokens, Settings, WorkOs};
pub use webhook::{Delivery, WebhookError, WebhookSecret};
