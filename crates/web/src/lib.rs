//! The shared parts of the HTTP services, so that a handler contains only its own logic.
//!
//! - [`allow`]: `Allow<P>`, the permit of the caller, or the refusal; nobody changes anything in an acting session.
//! - [`allow_platform`]: the same for operators.
//! - [`authenticator`]: authenticates callers and caches them; `recent_invalidations`: which of them are out
//!   of date.
//! - [`body`], [`raw_body`], [`parameters`]: the parts of a request, or a precise 4xx.
//! - [`once`]: `Idempotency-Key`, and the transaction that stores the first answer.
//! - [`reply`]: the answers of commands. [`problem`]: errors (RFC 9457). [`denials`]: their codes.
//! - [`etag`]: versions, so that no one overwrites changes that they have not read.
//! - [`limit`]: how often a caller may call. [`origin`]: which origins may call. `body_pace`: how slowly a
//!   body may arrive. `canonical`: refuses needless escapes in paths.
//! - [`request`]: ids and traces; a request runs to its end even if the client disconnects.
//! - [`openapi`]: the contract, generated from the code; `examples`: its examples, made from the schemas.
//! - [`routes`]: operations that every API offers. [`shapes`]: the form of texts, for the contract.
//! - [`stream_signals`]: wakes the event streams; `open_streams`: how many there may be. [`background`]:
//!   notifications between processes.
//! - [`mount`]: a service as a part of an actix application, with all of the above. [`server`]: a service as
//!   a server of its own. [`settings`]: its configuration. [`telemetry`]: its log. [`program`]: its process.
//!
//! **Invariants:** every answer that is no success is `application/problem+json`; no handler receives a body
//! larger than the limit, a token that was not verified or a tenant other than the token's.

pub mod allow;
pub mod allow_platform;
pub mod authenticator;
pub mod background;
pub mod body;
mod body_pace;
mod canonical;
mod client_address;
pub mod denials;
pub mod etag;
mod examples;
pub mod health;
mod json;
pub mod limit;
pub mod mount;
pub mod once;
mod open_streams;
pub mod openapi;
pub mod origin;
pub mod parameters;
mod permission_use;
pub mod problem;
pub mod program;
pub mod raw_body;
mod recent_invalidations;
pub mod reply;
pub mod request;
pub mod routes;
pub mod server;
pub mod settings;
pub mod shapes;
pub mod stream_signals;
mod task;
pub mod telemetry;
mod unrouted;

pub use allow::{Allow, AllowOwnSession};
pub use allow_platform::AllowPlatform;
pub use authenticator::{Authentication, Authenticator, Caller, SessionCache, Verified};
pub use background::Background;
pub use body::Body;
pub use etag::{Change, IfMatch, Resource};
pub use mount::Mount;
pub use once::Once;
pub use parameters::{Listed, Listing, NoFilter, Paging, Parameters, Path};
pub use problem::ApiError;
pub use program::Program;
pub use raw_body::{FileKind, RawBody};
pub use reply::Reply;
pub use server::{Running, Service, State};
pub use settings::{HttpSettings, Settings};
/// What operations are added to: the argument of a service's routes.
pub use utoipa_actix_web::service_config::ServiceConfig;
