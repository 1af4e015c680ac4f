//! WorkOS as the identity provider.
//!
//! - [`provider`]: the port, over the official SDK.
//! - [`error`]: what WorkOS refuses, in our words.
//! - [`access_token`]: verifying the access tokens that WorkOS signs.
//! - [`transport`]: the SDK's requests over the product's one HTTP client.
//! - [`webhook`]: verifying and reading what WorkOS sends us; pure.
//!
//! WorkOS proves who a person is. The session that follows is ours; of WorkOS' own we keep the id
//! (`sid`), to end it with ours and to end ours with it, and none of its tokens.

pub mod access_token;
pub mod error;
pub mod provider;
pub mod transport;
pub mod webhook;

pub use access_token::AccessTokenVerifier;
pub use provider::{ProviderTokens, Settings, WorkOs};
pub use webhook::{Delivery, WebhookError, WebhookSecret};
