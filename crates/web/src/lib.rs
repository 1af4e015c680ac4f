//! What the HTTP services share, so that a handler is what it does and nothing else.
//!
//! - [`allow`]: `Allow<P>`, the permit of the caller, or the answer why not.
//! - [`allow_platform`]: the same for operators.
//! - [`authenticator`]: who is calling; `forgotten`: what of that is not believed any more.
//! - [`body`], [`raw_body`], [`parameters`]: what a request says, or a precise 4xx.
//! - [`once`]: `Idempotency-Key`, and the transaction that keeps the first answer.
//! - [`reply`]: what a handler answers. [`problem`]: how it fails (RFC 9457).
//! - [`etag`]: versions, so that no one overwrites what they have not read.
//! - [`limit`]: how often a caller may call. [`origin`]: which pages may call at all. `body_pace`: how
//!   slowly a body may come. `canonical`: one spelling of a path.
//! - [`request`]: ids, traces, and that a request runs to its end though the client has gone.
//! - [`openapi`]: the contract, generated from the code.
//! - [`session_authenticator`], [`sign_in`], [`signing`]: sessions, the identity provider, the keys.
//! - [`routes`]: operations that every API offers.
//! - [`wakes`]: what wakes the streams; `open_streams`: how many there may be. [`beside`]: how processes hear of each other.
//! - [`mount`]: a service as a part of an actix application, with all of this. [`server`]: as a server of
//!   its own. [`settings`]: its configuration. [`telemetry`]: its
//!   log. [`program`]: the process around it.
//!
//! **Invariants:** every answer that is no success is `application/problem+json`; no handler sees
//! a body larger than the limit, a token that was not verified or a tenant that is not the token's.

pub mod allow;
pub mod allow_platform;
pub mod authenticator;
pub mod background;
pub mod body;
mod body_pace;
mod canonical;
mod client_address;
pub mod etag;
mod forgotten;
pub mod health;
mod json;
pub mod limit;
pub mod mount;
pub mod once;
mod open_streams;
pub mod openapi;
pub mod origin;
pub mod parameters;
pub mod problem;
pub mod program;
pub mod raw_body;
pub mod reply;
pub mod request;
pub mod routes;
pub mod server;
pub mod session_authenticator;
pub mod settings;
pub mod sign_in;
pub mod signing;
pub mod stream_signals;
mod task;
pub mod telemetry;
mod unrouted;

pub use allow::Allow;
pub use allow_platform::AllowPlatform;
pub use authenticator::{Authenticator, Caller, Memory, Verified};
pub use background::Background;
pub use body::Body;
pub use etag::IfMatch;
pub use mount::Mount;
pub use once::Once;
pub use parameters::{Listed, Listing, NoFilter, Paging, Parameters, Path};
pub use problem::ApiError;
pub use program::Program;
pub use raw_body::{FileKind, RawBody};
pub use reply::Reply;
pub use server::{Running, Service, State};
pub use session_authenticator::SessionAuthenticator;
pub use settings::{HttpSettings, Settings};
pub use sign_in::SignIn;
